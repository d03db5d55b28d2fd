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
