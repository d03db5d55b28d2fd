// Scrolling, as a step of its own.

const reveal = (q, budget) => until(budget, () => {
  const got = one(q);
  if (!got.el) return got;
  if (!visible(got.el)) return { why: 'not_visible', seen: describe(got.el) };
  got.el.scrollIntoView({ behavior: 'instant', block: 'center', inline: 'nearest' });
  return { ok: true };
});

// scroller is what a person's wheel would move: the page, or the largest box
// in it that can be scrolled.
const scroller = () => {
  const page = document.scrollingElement || document.documentElement;
  if (page.scrollHeight > innerHeight + 1) return page;
  const area = e => Math.min(e.clientWidth, innerWidth) * Math.min(e.clientHeight, innerHeight);
  return select('*').filter(e => e.scrollHeight > e.clientHeight + 1 && /auto|scroll|overlay/.test(getComputedStyle(e).overflowY) && visible(e))
    .sort((a, b) => area(b) - area(a))[0] || page;
};
const scrollPage = (edge, by) => {
  const e = scroller();
  if (edge) e.scrollTo({ top: edge === 'top' ? 0 : e.scrollHeight, behavior: 'instant' });
  else e.scrollBy({ top: by, behavior: 'instant' });
  return { ok: true };
};
