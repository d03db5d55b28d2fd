// Conditions, values and evidence.

// readable is an address with its escaped letters as a person writes them.
const readable = url => { try { return decodeURI(url); } catch { return url; } };

// regex takes patterns that are sound for RE2 and too loose for the strict
// Unicode mode, such as \d+\-\d+.
const regex = (source, flags) => { try { return new RegExp(source, flags); } catch { return new RegExp(source, flags.replace('u', '')); } };

const matches = (m, got, isURL) => {
  const g = squash(got);
  const forms = isURL ? [got, readable(got)] : [got, g];
  if (m.equals != null && !forms.some(f => fold(f) === fold(m.equals))) return false;
  if (m.contains != null && !forms.some(f => fold(f).includes(fold(m.contains)))) return false;
  if (m.pattern != null && !forms.some(f => regex(m.pattern, m.flags).test(f))) return false;
  if (m.path != null && readable(new URL(got, location.href).pathname) !== readable(m.path)) return false;
  return m.not == null || !matches(m.not, got, isURL);
};
const short = s => clip(squash(s), 80);

// one condition: null when it holds, else what is seen instead.
const unmet = c => {
  if (!c.q) pointed = null;
  if (c.kind === 'url') return matches(c.match, location.href, true) ? null : location.pathname + location.search.replace(/=[^&]*/g, '=…');
  if (c.kind === 'title') return matches(c.match, document.title) ? null : `“${short(document.title)}”`;
  if (c.kind === 'text' && !c.q) return pageSays(c.match) ? null : () => 'page:' + short(document.body ? document.body.innerText : '');
  const els = find(c.q), shown = els.filter(visible);
  noted(c.q, shown.length ? shown : els);
  if (c.kind === 'visible') return shown.length ? null : els.length ? 'hidden:' + describe(els[0]) : () => 'none:' + nearest(c.q).join('、');
  if (c.kind === 'hidden') return shown.length ? 'visible:' + describe(shown[0]) : null;
  if (c.kind === 'count') {
    const n = els.length;
    return (c.min == null || n >= c.min) && (c.max == null || n <= c.max) ? null : String(n);
  }
  if (els.length !== 1) return els.length ? `${els.length}: ` + els.slice(0, 3).map(describe).join(' | ') : () => 'none:' + nearest(c.q).join('、');
  const e = els[0];
  switch (c.kind) {
    case 'enabled': return !disabled(e) === c.want ? null : c.want ? 'disabled' : 'enabled';
    case 'checked': return state(e) === c.want ? null : c.want ? 'unchecked' : 'checked';
    case 'value': return matches(c.match, content(e)) ? null : secretFields.has(e) || e.type === 'password' ? '***' : `“${short(content(e))}”`;
    case 'text': return matches(c.match, text(e)) ? null : `“${short(text(e))}”`;
    case 'attribute': return matches(c.match, e.getAttribute(c.attribute) ?? '') ? null : `“${short(e.getAttribute(c.attribute) ?? '')}”`;
  }
  return 'unknown expectation ' + c.kind;
};
// pageSays: a plain text must be seen; patterns look at the page's whole text.
const pageSays = m => {
  if (m.contains != null && Object.keys(m).length === 1) return byText(m.contains, false).some(visible);
  return matches(m, document.body ? document.body.innerText : '');
};

// expect waits until all conditions hold. A text of stop that stays in sight
// for 600 ms ends the wait early: the page has said what is wrong.
const expect = (conds, stop, budget, since) => until(budget, () => {
  let i = 0;
  for (const c of conds) {
    const seen = unmet(c);
    if (seen !== null) {
      const told = stop.findIndex(s => s && signOf(s));
      if (told < 0) stopSince = 0; else if (!stopSince) stopSince = performance.now();
      if (told >= 0 && performance.now() - stopSince > 600) return { fatal: 'stop', rule: told, seen: saying(stop[told]) };
      return { why: 'expectation', at: i, seen };
    }
    i++;
  }
  return { ok: true };
});
let stopSince = 0;
// signOf is what shows that a known trouble is there: a text, an element of a
// query, or the document at an address.
const signOf = s => typeof s === 'string' ? byText(s, false).find(visible) : s.q ? find(s.q).find(visible) : matches(s.match, location.href, true) && document.documentElement;
const saying = s => { const e = s && signOf(s); return !e ? '' : s.match && typeof s === 'object' ? location.pathname : short(text(e)); };
const says = signs => { const i = signs.findIndex(s => s && signOf(s)); return i < 0 ? { ok: false } : { ok: true, rule: i, seen: saying(signs[i]) }; };

const read = (q, source, attribute, budget) => until(budget, () => {
  const got = one(q);
  if (!got.el) return got;
  const e = got.el;
  const value = source === 'value' ? content(e) : source === 'attribute' ? e.getAttribute(attribute) : squash(text(e));
  return value == null ? { why: 'not_found', near: [] } : { ok: true, value };
});

// invalid lists what the browser's own form validation says.
const invalid = () => select('input:invalid,select:invalid,textarea:invalid').filter(visible).slice(0, 5)
  .map(e => `${short(name(e)) || describe(e)}: ${e.validationMessage}`);

// quiet are the roles that an outline does without.
const quiet = new Set(['presentation', 'paragraph', 'generic', 'blockquote', 'caption', 'code', 'definition', 'deletion', 'emphasis', 'insertion', 'mark', 'strong',
  'subscript', 'superscript', 'term', 'time']);

// outline is the page as a screen reader has it: roles, names, states.
const outline = (limit, queries = []) => {
  const out = [], hide = personal(queries);
  let size = 0;
  const walk = (e, depth) => {
    if (size > limit || skipped.has(e.nodeName) || e.getAttribute('aria-hidden') === 'true' || !e.checkVisibility({ visibilityProperty: true })) return;
    const r = role(e);
    if (hide.has(e)) { out.push('  '.repeat(Math.min(depth, 20)) + (r ? r + ' ' : '') + '***'); return; }
    let d = depth, leaf = false;
    if (r && !quiet.has(r)) {
      const n = clip(squash(name(e)), 100);
      const marks = [disabled(e) ? 'disabled' : '', /checkbox|radio|switch/.test(r) && state(e) ? 'checked' : '', e.matches(':invalid') ? 'invalid' : ''].filter(Boolean);
      const line = '  '.repeat(Math.min(depth, 20)) + r + (n ? ` "${n}"` : '') + (marks.length ? ` [${marks}]` : '');
      out.push(line); size += line.length; d++;
      leaf = contentNamed.has(r) && n === squash(text(e)) && !e.querySelector('a,button,input,select,textarea');
    }
    if (leaf) return;
    for (const c of (e.shadowRoot || e).childNodes) {
      if (c.nodeType === 1) walk(c, d);
      else if (c.nodeType === 3 && squash(c.nodeValue)) { const line = '  '.repeat(Math.min(d, 20)) + clip(squash(c.nodeValue), 200); out.push(line); size += line.length; }
    }
  };
  if (document.body) walk(document.body, 0);
  return out.join('\n');
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
