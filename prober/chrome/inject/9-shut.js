return { matches, mannered, disturbs, ready, settled, ticked, fillAll, kept, chooseOption, closer, closed, expect, says, read, invalid, outline, mask, unmask, into, spot, dragging, reveal, scrollPage, isFile, bares, source, wordsOf, veil, covered, portrait,
  state: q => { const g = one(q); return g.el ? { ok: true, on: state(g.el) } : g; }, last: () => last, name, role, mayBe, find, later, clip };
})();
