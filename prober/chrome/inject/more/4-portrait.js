// portrait is where an element stands whose picture is to be taken: in view, and
// with its own pictures loaded.
const portrait = (q, budget) => until(budget, () => {
  const got = one(q);
  if (!got.el) return got;
  if (!visible(got.el)) return { why: 'not_visible', seen: describe(got.el) };
  if (inside(got.el).some(e => e.nodeName === 'IMG' && !(e.complete && e.naturalWidth))) return { why: 'not_visible', seen: describe(got.el) };
  got.el.scrollIntoView({ behavior: 'instant', block: 'center', inline: 'center' });
  const r = got.el.getBoundingClientRect();
  return { ok: true, x: r.left, y: r.top, value: JSON.stringify([r.width, r.height]) };
});
