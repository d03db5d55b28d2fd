// What all questions of a run have in common: the standing rules, and which of
// several candidates of a locator was used.
let standing = [];
let taken = {};

const mannered = async (rules, fn, args) => {
  standing = rules;
  taken = {};
  const r = await fn(...args);
  return r && Object.keys(taken).length ? { ...r, took: taken } : r;
};

// disturbed is the answer when something is on the page that a standing rule is
// about; it has the number of the rule.
const disturbed = () => {
  for (const [i, q] of standing.entries()) if (q && find(q).some(visible)) return { stop: true, standing: i + 1 };
  return null;
};
const disturbs = rules => { standing = rules; return disturbed() || { ok: true }; };

// firstOf is the first candidate that matches. The later ones get their turn
// when the first has not come for a while: a page that is still being drawn may
// show what is second before what is first.
const turns = new Map();
const firstOf = q => {
  if (q.all) return q.or.flatMap(c => narrow({ ...c, all: true }, true));
  if (!turns.has(q.turn)) turns.set(q.turn, performance.now());
  const late = q.now || performance.now() - turns.get(q.turn) > 700 && document.readyState !== 'loading';
  for (const [i, c] of q.or.entries()) {
    if (i > 0 && !late) break;
    const els = find(c);
    if (!els.length || i + 1 < q.or.length && !els.some(visible)) continue;
    taken[q.turn] = i + 1;
    return els;
  }
  return [];
};
