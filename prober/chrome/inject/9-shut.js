// core is lent to what is brought along later, see more/.
const core = { aimed: () => ({ pointed, covering }), aim, arm, below, clip, contentNamed, cover, describe, disabled, find, fold, hit, name, one, onScreen, ownerOf, parentOf, role, roots, secretFields,
  select, short, sight, skipped, squash, state, steady, text, until, visible };
return { core, more: null, matches, mannered, disturbs, ready, settled, ticked, fillAll, kept, chooseOption, expect, says, read, spot, dragging, isFile,
  state: q => { const g = one(q); return g.el ? { ok: true, on: state(g.el) } : g; }, last: () => last, name, role, mayBe, find, later, clip };
})();
