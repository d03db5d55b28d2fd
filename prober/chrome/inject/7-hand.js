// What a hand does beyond a plain press: places in an element, drags, scrolls.

// place is a point of an element given from its top left corner.
const place = (el, at) => {
  const r = el.getBoundingClientRect(), x = r.left + at[0], y = r.top + at[1];
  const s = sight();
  return x >= s.left && y >= s.top && x < s.right && y < s.bottom ? { x, y } : null;
};

// dragging tells whether the page let the browser begin a drag of its own.
let drag = null;
addEventListener('dragstart', e => { drag = e; }, { capture: true, passive: true });
const dragging = () => ({ ok: true, on: !!drag && !drag.defaultPrevented });

// spot is where an element is now; nothing is scrolled.
const spot = q => {
  drag = null;
  const got = one(q);
  if (!got.el) return got;
  const p = pointOf(got.el);
  return p ? { ok: true, ...onScreen(p) } : { why: 'outside_viewport', seen: describe(got.el) };
};

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

// isFile tells an input for files from what opens a chooser when it is pressed.
const isFile = () => ({ ok: true, on: !!last?.matches?.('input[type=file]') });

// turned is the linear part of all transforms on an element and around it.
const turned = el => {
  let m = new DOMMatrix();
  for (let e = el; e && e.nodeType === 1; e = parentOf(e)) {
    const cs = getComputedStyle(e), own = new DOMMatrix();
    if (cs.rotate && cs.rotate !== 'none') { try { own.multiplySelf(new DOMMatrix(`rotate(${cs.rotate})`)); } catch { /* turned in space */ } }
    if (cs.scale && cs.scale !== 'none') own.multiplySelf(new DOMMatrix(`scale(${cs.scale.trim().split(/\s+/).slice(0, 2).join(',')})`));
    if (cs.transform && cs.transform !== 'none') own.multiplySelf(new DOMMatrix(cs.transform));
    m = own.multiply(m);
  }
  return m;
};

// through maps a point of a frame's document to the document around it. The
// frame's box is a parallelogram there, of which the browser tells the bounds.
const through = (f, x, y) => {
  const r = f.getBoundingClientRect(), cs = getComputedStyle(f), m = turned(f);
  const lin = (u, v) => ({ x: m.a * u + m.c * v, y: m.b * u + m.d * v });
  const a = lin(f.offsetWidth, 0), b = lin(0, f.offsetHeight);
  const left = Math.min(0, a.x) + Math.min(0, b.x), top = Math.min(0, a.y) + Math.min(0, b.y);
  const width = Math.abs(a.x) + Math.abs(b.x), height = Math.abs(a.y) + Math.abs(b.y);
  const kx = width ? r.width / width : 1, ky = height ? r.height / height : 1; // zoom
  const p = lin(f.clientLeft + parseFloat(cs.paddingLeft) + x, f.clientTop + parseFloat(cs.paddingTop) + y);
  return { x: r.left + (p.x - left) * kx, y: r.top + (p.y - top) * ky };
};

// bares tells whether anyone could read one of the secrets on the page.
const bares = secrets => {
  const has = s => secrets.some(x => s.includes(x));
  return select('input,textarea').some(e => e.type !== 'password' && has(e.value)) ||
    [...roots(document)].some(root => has(root.textContent ?? '') || has(root.body?.innerText ?? root.host?.innerText ?? ''));
};
