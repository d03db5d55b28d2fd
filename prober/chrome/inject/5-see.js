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
