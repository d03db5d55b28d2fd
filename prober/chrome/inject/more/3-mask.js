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

const bounds = e => {
  const r = e.getBoundingClientRect();
  return { left: Math.max(r.left, 0), top: Math.max(r.top, 0), right: Math.min(r.right, innerWidth), bottom: Math.min(r.bottom, innerHeight) };
};
const inSight = e => { const b = bounds(e); return b.right > b.left && b.bottom > b.top; };

// uncover scrolls to what a picture is to point out when it is out of sight.
const uncover = () => {
  const e = aimed().pointed?.els[0];
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
  const { pointed, covering } = aimed();
  if (!pointed) return;
  const here = pointed.els.filter(e => e.isConnected && visible(e));
  for (const e of here) draw(bounds(e), '#d00020', 'solid');
  if (!here.length) draw(pointed.box, '#d00020', 'dashed');
  if (covering?.isConnected) draw(bounds(covering), '#e08a00', 'solid');
};

// mask paints over what must not be seen; unmask takes the paint away. A page that
// goes on is asked to tell whether the paint of before is still there, where it is
// now, and, where words are masked, all texts: more such words may come to be known.
let paint = null;
const mask = (secrets, queries = [], point = false, tell = false) => {
  const held = !paint?.hasChildNodes() || paint.isConnected, said = tell && queries.length ? [] : null;
  if (point) uncover();
  paint?.remove();
  unshade();
  paint = document.createElement('div');
  const put = r => {
    if (r.width <= 0 || r.height <= 0) return;
    const d = document.createElement('div');
    Object.assign(d.style, { position: 'fixed', left: r.left + 'px', top: r.top + 'px', width: r.width + 'px', height: r.height + 'px', background: '#444', zIndex: 2147483647, pointerEvents: 'none' });
    paint.append(d);
  };
  for (const e of select('input,textarea')) {
    said?.push(squash(e.value));
    if (e.type === 'password' || secretFields.has(e) || secrets.some(s => e.value.includes(s))) shade(e) || put(e.getBoundingClientRect());
  }
  for (const root of roots()) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(); n; n = walk.nextNode()) {
      said?.push(squash(n.nodeValue));
      if (!secrets.some(s => n.nodeValue.includes(s))) continue;
      const g = document.createRange();
      g.selectNodeContents(n);
      for (const r of g.getClientRects()) put(r);
    }
  }
  for (const top of personal(queries)) if (!shade(top)) for (const e of inside(top)) for (const r of e.getClientRects()) put(r);
  if (point) frames(paint);
  const where = tell ? [shades.size, ...[...paint.children].map(d => [d.style.left, d.style.top, d.style.width, d.style.height])].join() : '';
  const told = { ok: true, n: paint.children.length, held, where, said: said?.join('\n') ?? '' };
  if (!told.n) return told;
  Object.assign(paint.style, { position: 'fixed', inset: 0, zIndex: 2147483647, pointerEvents: 'none' });
  document.documentElement.append(paint);
  try { paint.popover = 'manual'; paint.style.background = 'transparent'; paint.style.border = 0; paint.style.width = '100%'; paint.style.height = '100%'; paint.style.maxWidth = 'none'; paint.style.padding = 0; paint.style.margin = 0; paint.showPopover(); } catch { /* the z-index has to do */ }
  return told;
};
const unmask = () => { paint?.remove(); paint = null; unshade(); return { ok: true }; };

// bares tells whether anyone could read one of the secrets on the page.
const bares = secrets => {
  const has = s => secrets.some(x => s.includes(x));
  return select('input,textarea').some(e => e.type !== 'password' && has(e.value)) ||
    [...roots(document)].some(root => has(root.textContent ?? '') || has(root.body?.innerText ?? root.host?.innerText ?? ''));
};
