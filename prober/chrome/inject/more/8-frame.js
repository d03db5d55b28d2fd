// Where a point of a frame is in the document around it.

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

// into maps a point of a child frame to this frame, and says what covers it.
const into = (f, x, y) => {
  const at = () => through(f, x, y);
  let p = at();
  const inside = () => { const s = sight(); return p.x >= s.left && p.y >= s.top && p.x < s.right && p.y < s.bottom; };
  if (!inside() || hit(f, p.x, p.y)) { f.scrollIntoView({ behavior: 'instant', block: 'center', inline: 'center' }); p = at(); }
  if (!inside()) { scrollBy({ left: p.x - innerWidth / 2, top: p.y - innerHeight / 2, behavior: 'instant' }); p = at(); }
  const h = hit(f, p.x, p.y);
  return h ? { why: 'covered', cover: cover(f, h) } : { ok: true, ...onScreen(p) };
};
