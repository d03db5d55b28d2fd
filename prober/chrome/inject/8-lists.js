// Lists that component libraries draw: what opens them, and options that are
// not drawn until the list is scrolled or searched.

// opener is the box that a person presses to open a drawn list or calendar: the
// input in it may be empty, narrow, or lie under the words that are shown.
const drawnField = 'input[role=combobox],input[readonly],input[aria-haspopup],[role=combobox] input';
const opener = e => {
  if (e.matches(unreachable)) return trigger(e);
  if (!e.matches(drawnField)) return e;
  const p = pointOf(e);
  const top = p && e.getRootNode().elementsFromPoint(p.x, p.y)[0];
  if (top === e) return e;
  for (let x = parentOf(e), up = 0; x && up < 5; x = parentOf(x), up++) {
    if (x.matches('label,form,fieldset') || x.querySelectorAll('label,input:not([type=hidden]):not([aria-hidden=true]),select,textarea').length > 1) break;
    const r = x.getBoundingClientRect();
    if (r.height > 160) break;
    if (r.width < 8 || r.height < 8 || top && !x.contains(top)) continue;
    return x;
  }
  return e;
};

// trigger is the one button that is drawn for a field which only carries the
// chosen value: nobody reaches it by the keyboard, and another thing lies where it
// stands. A box with more buttons, or other fields, does not say which is meant.
const unreachable = 'input[tabindex="-1"]:not([role]):not([aria-haspopup]):not([type=checkbox]):not([type=radio]):not([type=file])';
const trigger = e => {
  const p = pointOf(e);
  if (p && !hit(e, p.x, p.y)) return e;
  for (let x = parentOf(e), up = 0; x && up < 2 && !x.matches('label,form,fieldset'); x = parentOf(x), up++) {
    if (x.querySelectorAll('input:not([type=hidden]),select,textarea,label').length > 1) break;
    const buttons = [...x.querySelectorAll('button,[role=button]')].filter(visible);
    if (buttons.length) return buttons.length === 1 ? buttons[0] : e;
  }
  return e;
};

// opened tells whether a drawn list is open already: a press would shut it.
const opened = e => ownerOf(e, x => x.hasAttribute('aria-expanded'))?.getAttribute('aria-expanded') === 'true';

// stillOpen tells whether the list of the field that was chosen from before shows
// the option yet: lists of several choices stay open, and not all say so.
let chosen = null;
const stillOpen = (e, want) => {
  const again = chosen === e;
  chosen = e;
  return opened(e) || again && byOption(want).length > 0;
};

// seek goes on through the list in sight when an option is not in it: it
// scrolls, then searches where the list can be searched.
let sought = { text: '', since: 0, typed: false };
const options = '[role=option],[role=treeitem],.ant-select-item-option,.el-select-dropdown__item,.el-select-dropdown__option-item,.van-picker-column__item';
const scrolls = e => e.scrollHeight > e.clientHeight + 1 && /auto|scroll|overlay|hidden/.test(getComputedStyle(e).overflowY);
const seek = want => {
  const now = performance.now();
  if (sought.text !== want || now - sought.seen > 1500) sought = { text: want, since: now, typed: false };
  sought.seen = now;
  if (now - sought.since < 250) return;
  const first = select(options).find(visible);
  const list = first && ownerOf(first, scrolls);
  if (list && list !== document.body && list !== document.scrollingElement && list.scrollTop + list.clientHeight < list.scrollHeight - 1) {
    list.scrollTop += Math.max(20, list.clientHeight * 0.9);
    return;
  }
  const field = document.activeElement;
  if (sought.typed || now - sought.since < 700 || !field?.matches('input:not([readonly])') || !opened(field)) return;
  sought.typed = true;
  field.select();
  document.execCommand('insertText', false, want);
};
