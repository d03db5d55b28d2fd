// Resolving a query to elements. A query is {kind, value, name, exact, nth,
// has, within, use}; the Go type of the same name documents the fields.
function* below(from) {
  yield from;
  for (const e of from.querySelectorAll('*')) if (e.shadowRoot) yield* below(e.shadowRoot);
}

// roots are the document and its open shadow trees. One look finds them several
// times, so they are kept until the present task is over.
let known = null;
const roots = () => {
  if (!known) { known = [...below(document)]; queueMicrotask(() => { known = null; }); }
  return known;
};

const select = css => { const out = []; for (const r of roots()) out.push(...r.querySelectorAll(css)); return out; };

const innermost = els => els.filter(e => !els.some(o => o !== e && e.contains(o)));

const controls = 'button,a[href],area[href],summary,input[type=submit],input[type=button],input[type=reset],input[type=image],' +
  'input[type=checkbox],input[type=radio],option,[role=button],[role=link],[role=menuitem],[role=menuitemcheckbox],' +
  '[role=menuitemradio],[role=tab],[role=option],[role=checkbox],[role=radio],[role=switch],[role=treeitem]';
const fields = 'input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]):not([type=image]),select,' +
  'textarea,[contenteditable=""],[contenteditable=true],[role=textbox],[role=combobox],[role=searchbox],[role=spinbutton],' +
  '[role=checkbox],[role=radio],[role=switch],[role=slider],[role=listbox]';

// preferEqual: all that equal the wanted text, else all that contain it.
const preferEqual = (els, words, want, exact, norm = fold) => {
  const w = norm(want);
  const equal = els.filter(e => words(e).some(t => norm(t) === w));
  if (equal.length || exact) return equal;
  return exact === false || w ? els.filter(e => words(e).some(t => norm(t).includes(w))) : [];
};

// has tells whether a text says w once folded; most are told apart by their
// letters alone.
const has = (s, w) => {
  if (s.length < 200) return fold(s).includes(w);
  return s.includes(w) || fold(s).includes(w);
};

// byText finds the smallest elements that say the text, going down only where
// the words are.
const byText = (want, exact) => {
  const w = fold(want), equal = [], partial = [];
  if (!w) return [];
  const down = e => {
    let inner = false, innerEqual = false;
    for (const c of e.children) {
      if (skipped.has(c.nodeName) || !(has(c.textContent, w) || c.shadowRoot)) continue;
      if (fold(text(c)).includes(w)) { inner = true; innerEqual = down(c) || innerEqual; }
    }
    const own = fold(text(e));
    if ((own === w || !inner && own.includes(w) && fold(seenText(e)) === w) && !innerEqual) { equal.push(e); return true; }
    if (!inner && own.includes(w)) partial.push(e);
    return innerEqual;
  };
  for (const r of roots()) for (const top of r === document ? [document.body].filter(Boolean) : r.children) {
    if (!skipped.has(top.nodeName) && (roots().length > 1 || has(top.textContent, w)) && fold(text(top)).includes(w)) down(top);
  }
  for (const e of select('input[type=submit],input[type=button],input[type=reset]')) {
    const v = fold(e.value);
    if (v === w) equal.push(e); else if (v.includes(w)) partial.push(e);
  }
  return equal.length || exact ? equal : partial;
};

// byLabel: label, aria-label, aria-labelledby; then a label that only stands
// beside its control, as many component libraries draw it.
const byLabel = (want, exact) => {
  const found = preferEqual(select(fields + ',button'), labels, want, exact, bareLabel);
  if (found.length) return found;
  const w = bareLabel(want);
  const near = [];
  for (const l of select('label,.label,.form-label,dt,th')) {
    if (bareLabel(text(l)) !== w) continue;
    for (let box = l.parentElement, up = 0; box && up < 3; box = box.parentElement, up++) {
      const inside = [...box.querySelectorAll(fields)];
      if (inside.length) { if (inside.length === 1) near.push(inside[0]); break; }
    }
  }
  return near;
};

const byPlaceholder = (want, exact) => preferEqual(select('[placeholder],[aria-placeholder]'),
  e => [e.getAttribute('placeholder') || e.getAttribute('aria-placeholder') || ''], want, exact, bareLabel);

const byRole = q => {
  const w = q.name == null ? null : fold(q.name);
  return select(mayBe[q.value] || '*').filter(e => role(e) === q.value && !ariaHidden(e) &&
    (w === null || (q.exact === false ? fold(name(e)).includes(w) : fold(name(e)) === w)));
};

const byControl = want => {
  const w = fold(want);
  const named = innermost(select(controls).filter(e => fold(name(e)) === w && !ariaHidden(e)));
  return some(named) ? named : some(byText(want, true), named);
};

const byField = want => {
  for (const find of [() => byLabel(want), () => byPlaceholder(want), () => select(fields).filter(e => fold(name(e)) === fold(want))]) {
    const els = find();
    if (els.length) return els;
  }
  return [];
};

const byTick = want => {
  const boxes = 'input[type=checkbox],input[type=radio],[role=checkbox],[role=radio],[role=switch]';
  const els = innermost(select(boxes).filter(e => labels(e).some(t => bareLabel(t) === bareLabel(want)) || fold(name(e)) === fold(want)));
  if (els.length) return els;
  return byText(want, true).map(e => ownerOf(e, x => x.matches('label'))?.control || ownerOf(e, x => x.matches(boxes)) || e);
};

const byOption = want => {
  const w = fold(want);
  const els = select('[role=option],[role=menuitem],[role=treeitem],li,.ant-select-item-option,.el-select-dropdown__item')
    .filter(e => fold(text(e)) === w && visible(e));
  return els.length ? innermost(els) : byText(want, true).filter(visible);
};

// byFile: inputs may be hidden behind a styled button or drop zone.
const byFile = want => {
  const inputs = select('input[type=file]');
  const named = inputs.filter(e => labels(e).some(t => bareLabel(t).includes(bareLabel(want))) || fold(name(e)) === fold(want));
  if (named.length || !want) return named.length ? named : inputs;
  const near = new Set();
  for (const e of [...byText(want, true), ...byText(want, false)]) {
    for (let box = e, up = 0; box && up < 4; box = parentOf(box), up++) {
      const inside = box.matches('input[type=file]') ? [box] : [...box.querySelectorAll('input[type=file]')];
      if (inside.length) { if (inside.length === 1) near.add(inside[0]); break; }
    }
  }
  return [...near];
};

const some = (els, other) => els.some(visible) ? els : other ? (els.length ? els : other) : null;

const xpath = expr => {
  const it = document.evaluate(expr, document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
  return Array.from({ length: it.snapshotLength }, (_, i) => it.snapshotItem(i)).filter(n => n.nodeType === 1);
};

const base = q => {
  switch (q.kind) {
    case 'bare': return { control: byControl, field: byField, tick: byTick, option: byOption, file: w => { const f = byFile(w); return f.length ? f : byControl(w); }, either: w => { const c = byControl(w); return c.length ? c : byField(w); } }[q.use](q.value);
    case 'role': return byRole(q);
    case 'label': return byLabel(q.value, q.exact);
    case 'placeholder': return byPlaceholder(q.value, q.exact);
    case 'text': return byText(q.value, q.exact);
    case 'testid': return select(`[data-testid=${JSON.stringify(q.value)}]`);
    case 'title': return preferEqual(select('[title]'), e => [e.title], q.value, q.exact);
    case 'alt': return preferEqual(select('[alt]'), e => [e.alt], q.value, q.exact);
    case 'css': return select(q.value);
    case 'xpath': return xpath(q.value);
    case 'any': return select('*');
    case 'first': return firstOf(q);
  }
  throw new Error('unknown locator ' + q.kind);
};

const holds = (outer, e) => { for (let x = parentOf(e); x; x = parentOf(x)) if (x === outer) return true; return false; };

// find returns the elements a query means. Hidden ones count only when no
// visible one matches: a person cannot point at them.
// What is around an element or in it may be hidden, too, when that helps: tables
// with fixed columns draw each row several times, and show other cells in each.
const find = q => {
  const els = narrow(q, false);
  if (els.length || !q.within && !q.has) return els;
  const all = narrow(q, true), seen = all.filter(visible);
  return seen.length ? seen : all;
};
const narrow = (q, loose) => {
  let els = [...new Set(base(q))];
  if (q.within) { const outer = narrow(q.within, loose); els = els.filter(e => outer.some(o => holds(o, e))); }
  if (q.has) { const inner = narrow(q.has, loose); els = els.filter(e => inner.some(i => holds(e, i))); }
  if (q.kind === 'any') els = innermost(els);
  if (els.length > 1 && q.use !== 'file' && !q.all && !loose) { const seen = els.filter(visible); if (seen.length) els = seen; }
  if (q.nth) { const e = els.at(q.nth > 0 ? q.nth - 1 : q.nth); els = e ? [e] : []; }
  return els;
};

// nearest lists what comes closest to a query that matched nothing: first what
// holds the whole text, as a row of a list does, each text once.
const nearest = q => {
  if (q.or) return nearest(q.or[0]);
  const w = fold(q.name ?? q.value);
  const pool = q.use === 'field' || q.kind === 'label' || q.kind === 'placeholder' ? fields : controls;
  const grams = s => new Set([...s]);
  const want = grams(w);
  const close = select(pool).filter(visible).map(e => {
    const words = squash(name(e)) || e.getAttribute('placeholder') || '';
    const have = grams(fold(words));
    let both = 0;
    for (const c of want) if (have.has(c)) both++;
    const whole = w.length > 1 && fold(words).includes(w) ? 1 : 0;
    return { words, score: whole + both / Math.max(want.size, have.size, 1) };
  }).filter(c => c.words && c.score > 0.3).sort((a, b) => b.score - a.score);
  return [...new Set(close.map(c => clip(c.words, 30)))].slice(0, 3);
};
