// Closing a dialog that is in the way.

// closer finds the button that closes the dialog around the query.
const dialogs = '[role=dialog],[role=alertdialog],dialog,.el-dialog,.el-message-box,.ant-modal,.modal,.dialog,.popup,.notice';
const closeWords = ['关闭', '我知道了', '知道了', '我已知晓', '×', '✕', '✖', 'x', 'close', 'ok', 'gotit', '取消', '确定', 'dismiss'];
let closing = null;
const closer = (q, press, budget) => until(budget, async tries => {
  const els = find(q).filter(visible);
  if (!els.length) return { why: 'not_found', near: [] };
  const box = ownerOf(els[0], x => x.matches(dialogs)) || els[0];
  const found = [...box.querySelectorAll('button,a,[role=button],[aria-label],.close')].filter(visible);
  for (const w of closeWords) {
    const b = found.find(e => fold(name(e) || text(e)).replace(/\s/g, '') === w);
    if (!b) continue;
    closing = box;
    if (!await steady(b)) return { why: 'moving', seen: describe(b) };
    const at = aim(b, tries);
    if (at.ok) arm(b, 1, press);
    return { seen: describe(b), ...onScreen(at) };
  }
  closing = box;
  return { ok: true, escape: true };
});
const closed = budget => until(budget, () => !closing || !closing.isConnected || !visible(closing)
  ? { ok: true } : { why: 'not_held', seen: describe(closing) });
