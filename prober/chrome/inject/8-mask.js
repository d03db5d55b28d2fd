// What must not be seen in evidence, and what a picture points out.

// personal are the elements that a scenario's mask names, hidden ones too.
const personal = queries => {
  const out = new Set();
  for (const q of queries) {
    const wide = { ...q, all: true };
    const found = q.kind === 'bare' ? [...find({ ...wide, use: 'field' }), ...find({ ...wide, use: 'either' })] : find(wide);
    for (const e of found) out.add(e);
  }
  return out;
};
const under = (set, e) => set.size > 0 && !!ownerOf(e, x => set.has(x));

// inside lists an element and all below it, through open shadow roots.
const inside = e => { const out = [e]; for (const c of (e.shadowRoot || e).children) out.push(...inside(c)); return out; };

// wordsOf are the texts that stand in masked elements, so that they can be cut
// out wherever else they stand. many: there are more than anyone would look for.
const wordsOf = queries => {
  const out = new Set();
  const add = s => { for (const w of [String(s ?? '').trim(), squash(s)]) if (w.length > 1) out.add(w); };
  for (const top of personal(queries)) for (const e of inside(top)) {
    for (const c of (e.shadowRoot || e).childNodes) if (c.nodeType === 3) add(c.nodeValue);
    if (e.matches('input,textarea,select')) add(e.value);
    for (const a of ['title', 'alt', 'aria-label', 'value']) add(e.getAttribute(a));
  }
  return { words: [...out].slice(0, 40), many: out.size > 40 };
};

// source is the document's text with the contents of masked elements starred.
// The copy belongs to a document of its own: nothing in it runs or loads.
const structural = new Set(['id', 'class', 'type', 'role', 'name']);
const source = (limit, queries) => {
  const root = document.documentElement;
  if (!root) return '';
  const hide = personal(queries);
  if (!hide.size) return clip(root.outerHTML, limit);
  const copy = document.implementation.createHTMLDocument('').importNode(root, true);
  const from = [root, ...root.querySelectorAll('*')], to = [copy, ...copy.querySelectorAll('*')];
  from.forEach((e, i) => {
    if (!under(hide, e)) return;
    for (const c of to[i].childNodes) if (c.nodeType !== 1 && (c.nodeValue || '').trim()) c.nodeValue = '***';
    for (const a of [...to[i].attributes]) if (!structural.has(a.name)) a.value = '***';
    to[i].content?.replaceChildren();
  });
  return clip(copy.outerHTML, limit);
};

// pointed is what the last question was about, and where that stood when it was
// seen last; covering is what stood over it.
let pointed = null, covering = null;
const noted = (q, els) => {
  const key = JSON.stringify(q);
  if (els.length) pointed = { key, els: els.slice(0, 5), box: els[0].getBoundingClientRect() };
  else if (pointed && pointed.key !== key) pointed = null;
  covering = null;
};
const bounds = e => {
  const r = e.getBoundingClientRect();
  return { left: Math.max(r.left, 0), top: Math.max(r.top, 0), right: Math.min(r.right, innerWidth), bottom: Math.min(r.bottom, innerHeight) };
};
const inSight = e => { const b = bounds(e); return b.right > b.left && b.bottom > b.top; };

// uncover scrolls to what a picture is to point out when it is out of sight.
const uncover = () => {
  const e = pointed?.els[0];
  if (e?.isConnected && visible(e) && !inSight(e)) e.scrollIntoView({ behavior: 'instant', block: 'center', inline: 'center' });
};

// frames draws a border around what the failure is about: solid where it is,
// dashed where it was seen last, amber around what stands over it.
const frames = paint => {
  const draw = (b, colour, style) => {
    if (b.right <= b.left || b.bottom <= b.top) return;
    const d = document.createElement('div');
    Object.assign(d.style, {
      position: 'fixed', boxSizing: 'border-box', left: Math.max(b.left - 4, 0) + 'px', top: Math.max(b.top - 4, 0) + 'px',
      width: Math.min(b.right + 4, innerWidth) - Math.max(b.left - 4, 0) + 'px', height: Math.min(b.bottom + 4, innerHeight) - Math.max(b.top - 4, 0) + 'px',
      border: '3px ' + style + ' ' + colour, boxShadow: '0 0 0 1px #fff, inset 0 0 0 1px #fff', pointerEvents: 'none',
    });
    paint.append(d);
  };
  if (!pointed) return;
  const here = pointed.els.filter(e => e.isConnected && visible(e));
  for (const e of here) draw(bounds(e), '#d00020', 'solid');
  if (!here.length) draw(pointed.box, '#d00020', 'dashed');
  if (covering?.isConnected) draw(bounds(covering), '#e08a00', 'solid');
};
