// Waiting until an element can be acted on, and acting on it.
const frame = () => new Promise(done => { requestAnimationFrame(done); setTimeout(done, 100); });
const later = ms => new Promise(done => setTimeout(done, ms));

// changed resolves at the next change of the document, after 100 ms at the
// latest: shadow trees, styles and layout change without a mutation record.
let wake = [];
const touch = () => { const w = wake; wake = []; for (const f of w) f(); };

// grown is when the page last got or lost nodes or scrolled; stirred, by
// element, when its attributes last changed: scripts move things by style and class.
let grown = performance.now();
const stirred = new WeakMap();
const changed = ms => new Promise(done => { wake.push(done); setTimeout(done, Math.max(0, Math.min(ms, 100))); });

// said works out the parts of an answer that are dear to find: only the last
// answer is told.
const said = r => {
  for (const k of ['near', 'seen']) if (typeof r[k] === 'function') r[k] = r[k]();
  return r;
};

// until calls test until it returns an object with ok or fatal set, or the
// budget (ms) is used up; the last answer says why it still waits.
const until = async (budget, test) => {
  const end = performance.now() + budget;
  for (let tries = 1; ; tries++) {
    let r;
    try { r = disturbed() || await test(tries); } catch (err) { r = { fatal: String(err && err.message || err) }; }
    if (r.ok || r.fatal || r.stop) return said(r);
    const left = end - performance.now();
    if (left <= 0) return said(r);
    if (document.readyState === 'loading') { await Promise.race([frame(), changed(Math.min(left, 16))]); continue; } // nobody tells of changes but of the end
    await changed(left);
    if (tries > 3) await Promise.race([frame(), later(Math.min(left, 16))]); // a page that is not painted yet has no frames
  }
};

// one resolves a query to exactly one element, or says why not.
const one = q => {
  const els = find(q);
  noted(q, els);
  if (els.length === 1) return { el: els[0] };
  if (!els.length) return { why: 'not_found', near: () => nearest(q) };
  return { why: 'ambiguous', seen: () => `${els.length}: ` + els.slice(0, 5).map(describe).join(' | ') };
};

const retarget = e => e.matches('input,textarea,select,option') ? e
  : ownerOf(e, x => x.matches?.('button,[role=button],a,[role=link],[role=checkbox],[role=radio],[role=switch]')) || e;

// hit returns null when a press at the point reaches the element, else what
// would be hit instead.
const hit = (el, x, y) => {
  let top = null;
  for (let root = document; root;) {
    const e = root.elementsFromPoint(x, y)[0];
    if (!e || e === top) break;
    top = e;
    root = e.shadowRoot;
  }
  if (!top) return { none: true };
  if (ownerOf(top, x => x === el)) return null;
  const label = ownerOf(top, x => x.nodeName === 'LABEL');
  if (label && label.control === el) return null;
  return { by: top };
};

// cover climbs from what was hit to the outermost element that does not hold
// the target: the overlay a person would name.
const cover = (el, h) => {
  if (h.none) return '';
  let top = h.by;
  for (let x = parentOf(top); x && x !== document.body && !holds(x, el) && x !== el; x = parentOf(x)) top = x;
  covering = top;
  return describe(top);
};

const box = e => { const r = e.getBoundingClientRect(); return `${r.x},${r.y},${r.width},${r.height}`; };

// turn lets the page's own timers run that are due by now. A time-out of 0 ms
// would not do: on a busy machine it runs before timers that are overdue.
const turn = () => later(2);

// beat is a frame of 15 ms at least, and the timers that are due after it: a
// fresh page and a busy machine show frames faster than a page's timers run.
const beat = async () => {
  const began = performance.now();
  do await frame(); while (performance.now() - began < 15);
  await turn();
};

// driven holds when an element was last seen to move without an animation of
// the browser's: a script moves it, and nothing tells when it is done.
const driven = new WeakMap();

// stirring reports whether a script or an animation touched the element
// lately, so that it may be on its way.
const stirring = (el, now) => el.getRootNode() !== document || driven.has(el) ||
  !!ownerOf(el, x => (stirred.get(x) ?? -Infinity) >= now - 120) ||
  document.getAnimations().some(a => a.playState === 'running');

// youth is how long, in ms, the page must not have grown until what stands in
// it stands still: timers run in the order they are due, so what the page set
// going while it grew has had its first turn by then. A page without scripts
// sets nothing going.
const youth = 18;
let scriptless = null;
const young = () => {
  if (document.readyState === 'loading') return youth;
  scriptless ??= roots().length === 1 && !document.scripts.length && !document.querySelector('[onload],[onerror],iframe,frame,object,embed,marquee,svg');
  return scriptless ? 0 : youth - (performance.now() - grown);
};

// steady tells whether the element stands still. What is stirring must be in
// one place for two beats, what was seen to be moved by a script for 100 ms;
// anything else until the page is no longer young.
const steady = async el => {
  const began = performance.now(), a = box(el);
  const animated = document.getAnimations().some(a => a.playState === 'running');
  const moves = stirring(el, began);
  const wanted = () => driven.has(el) ? driven.get(el) + 100 - performance.now() : 0;
  for (let i = 0; moves && (i < 2 || wanted() > 0) && a === box(el); i++) await beat();
  for (let i = 0; !moves && i < 5; i++) {
    const left = young();
    await (left > 0 ? later(left) : turn());
    if (left <= 0) break;
  }
  const moved = a !== box(el);
  if (moved && !animated) driven.set(el, performance.now());
  return el.isConnected && !moved && (moves || !ownerOf(el, x => (stirred.get(x) ?? -Infinity) >= began));
};

const alignments = [null, { block: 'center', inline: 'center' }, { block: 'end', inline: 'end' }, { block: 'start', inline: 'start' }];

// sight is the part of the frame's viewport that is on the screen: of a page that
// is wider than a phone there may be less. onScreen is a point as the pointer has it.
const sight = () => {
  const v = window === window.top && visualViewport;
  return v ? { left: v.offsetLeft, top: v.offsetTop, right: v.offsetLeft + v.width, bottom: v.offsetTop + v.height } : { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
};
const onScreen = p => { const s = sight(); return { ...p, x: p.x - s.left, y: p.y - s.top }; };

const pointOf = el => {
  const s = sight();
  for (const r of el.getClientRects()) {
    const x1 = Math.max(s.left, r.left), x2 = Math.min(s.right, r.right), y1 = Math.max(s.top, r.top), y2 = Math.min(s.bottom, r.bottom);
    if (x2 - x1 >= 1 && y2 - y1 >= 1) return { x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
  }
  return null;
};

// aim scrolls the element to where it can be pressed.
const aim = (el, tries, where) => {
  const how = alignments[(tries - 1) % 4];
  const point = () => where ? place(el, where) : pointOf(el);
  let p = point();
  const whole = () => { const r = el.getBoundingClientRect(), s = sight(); return r.top >= s.top && r.left >= s.left && r.bottom <= s.bottom && r.right <= s.right; };
  if (how) el.scrollIntoView({ behavior: 'instant', ...how });
  else if (!p || !whole() || hit(el, p.x, p.y)) el.scrollIntoView({ behavior: 'instant', block: 'center', inline: 'nearest' });
  p = point();
  if (!p) return { why: 'outside_viewport' };
  const h = hit(el, p.x, p.y);
  return h ? { why: 'covered', cover: cover(el, h), seen: describe(el) } : { ok: true, ...p };
};

let trap = null, last = null, stray = false;
const arm = (el, presses, id) => { trap = { el, presses, id, downs: 0 }; };

// The real event is checked when it arrives: a page that moved meanwhile must
// not get a press on the wrong element, and a document in which nobody set the
// trap must get none. The engine is told of each press, by its number, where it
// went; one that was swallowed missed.
for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'auxclick', 'dblclick', 'contextmenu']) {
  addEventListener(kind, ev => {
    if (!ev.isTrusted || kind === 'click' && !ev.pointerType) return; // keys make clicks too
    if (kind === 'pointerdown' && trap && ++trap.downs > trap.presses) trap = null; // its release went elsewhere
    const t = trap;
    if (t && t.seen === undefined) t.seen = hit(t.el, ev.clientX, ev.clientY);
    if (kind === 'pointerdown') {
      const far = t && t.seen;
      stray = !t;
      tell({ press: stray || far ? { id: t ? t.id : 0, missed: true, why: far ? 'covered' : 'moving', cover: far ? cover(t.el, far) : '', seen: t ? describe(t.el) : '' } : { id: t.id } });
    }
    const swallow = t ? t.seen : stray;
    if (kind === 'mouseup' && t && ev.detail >= t.presses || kind === 'pointerup' && swallow) { // a swallowed press has no mouseup
      later(0).then(() => { stray = false; if (trap === t) trap = null; }); // after the click that follows it
    }
    if (swallow) { ev.preventDefault(); ev.stopImmediatePropagation(); }
  }, { capture: true, passive: false });
}

// ready waits until the query means one element that is visible, enabled,
// editable, still and reachable, as far as needs ask.
const ready = (q, needs, budget) => until(budget, async tries => {
  const got = one(q);
  if (!got.el && q.use === 'option') seek(q.value);
  if (!got.el) return got;
  let el = needs.control ? got.el.control || got.el : got.el;
  if (needs.point && !needs.exact) el = retarget(el);
  const seen = describe(el);
  if (needs.pressable) el = pressable(el);
  const shown = needs.editable || needs.hidden || needs.at ? el : opener(el);
  if (!needs.hidden && !visible(shown)) return { why: 'not_visible', seen };
  if (needs.enabled && disabled(el)) return { why: 'disabled', seen };
  if (needs.editable && (el.readOnly || el.getAttribute('aria-readonly') === 'true')) return { why: 'read_only', seen };
  last = el;
  if (!needs.point) return { ok: true, seen };
  el = shown;
  if (needs.hold && young() > 4 && !stirring(el, performance.now())) {
    const at = aim(el, tries, needs.at);
    if (at.ok) held = { el, box: box(el), x: at.x, y: at.y, presses: needs.presses || 1, id: needs.press };
    return { seen, hold: at.ok, ...onScreen(at) };
  }
  if (!await steady(el)) return { why: 'moving', seen };
  const at = aim(el, tries, needs.at);
  if (at.ok && needs.trap) arm(el, needs.presses || 1, needs.press);
  return { seen, ...onScreen(at) };
});

// A press on a young page is prepared while the page settles: ready says where
// the pointer goes, settled whether the element still stands there.
let held = null;
const settled = async () => {
  if (!held?.el.isConnected) return { why: 'moving' }; // a document that came meanwhile
  const { el, box: was, x, y } = held;
  const still = await steady(el) && box(el) === was;
  const h = still && hit(el, x, y);
  if (still && !h) { arm(el, held.presses, held.id); return { ok: true }; }
  return { why: still ? 'covered' : 'moving', cover: h ? cover(el, h) : '', seen: describe(el) };
};

// pressable is the part of a tick box that a person can press: component
// libraries hide the input and draw its label.
const pressable = e => {
  const r = e.getBoundingClientRect();
  const shown = visible(e) && getComputedStyle(e).opacity !== '0' && r.width > 1 && r.height > 1;
  if (shown) return e;
  const labels = [...e.labels || []].filter(visible), around = labels.find(l => l.contains(e));
  if (around) return around;
  for (let x = parentOf(e), up = 0; x && up < 2; x = parentOf(x), up++) {
    if (labels.some(l => x.contains(l))) break;
    if (visible(x)) return x.querySelectorAll('input').length === 1 ? x : labels[0] || e;
  }
  return labels[0] || e;
};

const state = e => {
  const box = e.matches('input') ? e : e.control || e.querySelector('input[type=checkbox],input[type=radio]') || e;
  if ('checked' in box) return box.checked;
  const aria = e.getAttribute('aria-checked') ?? e.getAttribute('aria-selected') ?? e.getAttribute('aria-pressed');
  return aria === 'true' || (aria === null && /\b(is-checked|checked)\b/.test(e.className));
};
const ticked = (q, want, budget) => until(budget, () => {
  const got = one(q);
  if (!got.el) return got;
  return state(got.el) === want ? { ok: true } : { why: 'not_held', seen: String(state(got.el)) };
});

const setTypes = new Set(['color', 'date', 'time', 'datetime-local', 'month', 'range', 'week']);
const fire = (e, ...kinds) => kinds.forEach(k => e.dispatchEvent(new Event(k, { bubbles: true, composed: true })));
const secretFields = new Set();

// focusField prepares a field for typed text: the old text is selected so that
// the new one replaces it. Date-like inputs get their value at once.
const focusField = async (q, value, secret, budget) => {
  const r = await ready(q, { enabled: true, editable: true, control: true }, budget);
  if (!r.ok) return r;
  let el = last;
  if (!el.matches('input,textarea,select') && !el.isContentEditable) el = last = el.querySelector('input,textarea,[contenteditable]') || el;
  if (!el.matches('input,textarea') && !el.isContentEditable) return { fatal: 'not a text field: ' + describe(el) };
  if (secret) secretFields.add(el);
  el.scrollIntoView({ behavior: 'instant', block: 'nearest', inline: 'nearest' });
  el.focus();
  const active = el.getRootNode().activeElement;
  if (!active || !(el.contains(active) || active.contains(el)) || active === document.body) {
    return { why: 'covered', cover: active && active !== document.body ? describe(active) : '', seen: r.seen };
  }
  if (el.matches('input') && setTypes.has(el.type)) {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(el, value);
    if (el.value !== value) return { why: 'bad_value', stop: true, fatal: '', seen: el.type };
    fire(el, 'input', 'change');
    return { ...r, done: true };
  }
  if (el.select) el.select();
  else { const g = document.createRange(); g.selectNodeContents(el); const s = getSelection(); s.removeAllRanges(); s.addRange(g); }
  return r;
};
const content = e => e.matches?.('input,textarea,select') ? e.value : text(e);
// kept: fields reformat and cut what is typed, but must not stay empty.
const kept = wanted => !last || !last.isConnected || !wanted || content(last) !== '' ? { ok: true } : { why: 'not_held', seen: '“”' };

// offered tells a page of a text before it comes, as typing does and editing by a
// command does not, and whether the page lets it come: masks put in what they
// make of it themselves.
const offered = value => last.dispatchEvent(new InputEvent('beforeinput', {
  inputType: value === '' ? 'deleteContentBackward' : 'insertText', data: value === '' ? null : value, bubbles: true, cancelable: true, composed: true,
}));

// fillAll puts values into fields, from the at-th on: each is made ready, its
// old text selected and replaced, which the page sees as trusted input. An
// editor, and a field that does not take it, is left for typing (type). What
// was filled for the same call is not filled again while the document stays.
let filled = { call: 0, at: 0 };
// A field that stays read-only may be one of those that a press opens first (on).
const fillAll = async (list, at, call, pressed, budget) => {
  const end = performance.now() + budget;
  if (filled.call === call) at = Math.max(at, filled.at);
  else if (at > 0) return { ok: true, fresh: true }; // the fields before are in a document that has gone
  for (; at < list.length; at++) {
    filled = { call, at };
    const { q, value, secret, keys } = list[at];
    const patience = end - performance.now();
    const r = await focusField(q, value, secret, pressed > at ? patience : Math.min(patience, 700));
    if (!r.ok && r.why === 'read_only' && pressed <= at) return { ok: true, on: true, field: at };
    if (!r.ok && !r.fatal && !r.stop && patience > 700) { at--; continue; }
    if (!r.ok) return { ...r, field: at };
    if (r.done) continue;
    const plain = last.matches('input,textarea'), before = content(last);
    if (plain && !keys && !offered(value)) {
      if (content(last) === before) return { ...r, field: at, type: true, done: true }; // it may take single keys
      continue;
    }
    if (!plain || keys || !document.execCommand(value === '' ? 'delete' : 'insertText', false, value) && content(last) !== value) return { ...r, field: at, type: true };
    const k = kept(value !== '');
    if (!k.ok) return { ...k, field: at };
  }
  return { ok: true, field: at };
};

const chooseOption = (q, want, budget) => until(budget, async () => {
  const r = await ready(q, { enabled: true, control: true }, 0);
  if (!r.ok) return r;
  if (last.nodeName !== 'SELECT') return { ok: true, custom: true, on: stillOpen(last, want), seen: r.seen };
  const opts = [...last.options];
  const o = opts.find(o => fold(o.label) === fold(want)) || opts.find(o => o.value === want);
  if (!o || o.disabled) return { why: 'no_option', seen: opts.slice(0, 12).map(o => squash(o.label)).join('、') };
  o.selected = true;
  fire(last, 'input', 'change');
  return { ok: true, seen: r.seen };
});

// pointed is what the last question was about, and where that stood when it was
// seen last; covering is what stood over it.
let pointed = null, covering = null;
const noted = (q, els) => {
  const key = JSON.stringify(q);
  if (els.length) pointed = { key, els: els.slice(0, 5), box: els[0].getBoundingClientRect() };
  else if (pointed && pointed.key !== key) pointed = null;
  covering = null;
};

// isFile tells an input for files from what opens a chooser when it is pressed.
const isFile = () => ({ ok: true, on: !!last?.matches?.('input[type=file]') });
