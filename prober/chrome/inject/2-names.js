// Roles and accessible names, after WAI-ARIA, HTML-AAM and accname.
const inputRoles = {
  button: 'button', submit: 'button', reset: 'button', image: 'button', checkbox: 'checkbox', radio: 'radio',
  range: 'slider', number: 'spinbutton', search: 'searchbox', email: 'textbox', tel: 'textbox', text: 'textbox',
  url: 'textbox', password: 'textbox', date: 'textbox', 'datetime-local': 'textbox', month: 'textbox',
  time: 'textbox', week: 'textbox', file: 'button', color: 'button',
};
const tagRoles = {
  ARTICLE: 'article', ASIDE: 'complementary', BUTTON: 'button', DETAILS: 'group', DIALOG: 'dialog', FIELDSET: 'group',
  FIGURE: 'figure', FOOTER: 'contentinfo', FORM: 'form', H1: 'heading', H2: 'heading', H3: 'heading', H4: 'heading',
  H5: 'heading', H6: 'heading', HEADER: 'banner', HR: 'separator', LI: 'listitem', MAIN: 'main', MENU: 'list',
  METER: 'meter', NAV: 'navigation', OL: 'list', OPTGROUP: 'group', OPTION: 'option', OUTPUT: 'status', P: 'paragraph',
  PROGRESS: 'progressbar', SECTION: 'region', SUMMARY: 'button', TABLE: 'table', TBODY: 'rowgroup', TD: 'cell',
  TEXTAREA: 'textbox', TFOOT: 'rowgroup', THEAD: 'rowgroup', TR: 'row', UL: 'list',
};
const contentNamed = new Set(['button', 'cell', 'checkbox', 'columnheader', 'gridcell', 'heading', 'link', 'menuitem',
  'menuitemcheckbox', 'menuitemradio', 'option', 'radio', 'row', 'rowheader', 'switch', 'tab', 'tooltip', 'treeitem']);

// mayBe are selectors for what can have a role; a role that is not here is
// looked for everywhere.
const mayBe = Object.fromEntries(Object.entries({
  button: 'button,input,summary', link: 'a,area', heading: 'h1,h2,h3,h4,h5,h6', textbox: 'input,textarea,[contenteditable]',
  checkbox: 'input', radio: 'input', combobox: 'input,select', option: 'option', row: 'tr', cell: 'td', columnheader: 'th', rowheader: 'th',
  table: 'table', list: 'ul,ol,menu', listitem: 'li', dialog: 'dialog', img: 'img,svg', tab: '', menuitem: '', alert: '', switch: '',
}).map(([r, css]) => [r, (css ? css + ',' : '') + `[role~=${r} i]`]));

const role = e => {
  const given = (e.getAttribute('role') || '').trim().split(/\s+/)[0].toLowerCase();
  if (given) return given;
  switch (e.nodeName) {
    case 'A': case 'AREA': return e.hasAttribute('href') ? 'link' : '';
    case 'IMG': return e.getAttribute('alt') === '' ? 'presentation' : 'img';
    case 'INPUT': return e.type === 'hidden' ? '' : e.hasAttribute('list') ? 'combobox' : inputRoles[e.type] || 'textbox';
    case 'SELECT': return e.multiple || e.size > 1 ? 'listbox' : 'combobox';
    case 'TH': return e.getAttribute('scope') === 'row' ? 'rowheader' : 'columnheader';
    case 'svg': return 'img';
  }
  return e.isContentEditable && e.hasAttribute('contenteditable') ? 'textbox' : tagRoles[e.nodeName] || '';
};

const byIds = (e, ids) => ids.split(/\s+/).map(id => e.getRootNode().getElementById?.(id)).filter(Boolean);

// labels are the texts that label a form control, strongest first.
const labels = e => {
  const by = e.getAttribute('aria-labelledby');
  if (by) return [byIds(e, by).map(text).join(' ')];
  const own = e.getAttribute('aria-label');
  if (own) return [own];
  return [...(e.labels || [])].map(l => labelText(l, e));
};

// A label around its control must not count the control's own words.
const labelText = (l, control) => {
  if (!l.contains(control)) return text(l);
  let out = '';
  for (const c of l.childNodes) {
    if (c.nodeType === 3) out += c.nodeValue;
    else if (c.nodeType === 1 && c !== control && !/^(SELECT|TEXTAREA|INPUT)$/.test(c.nodeName)) out += text(c);
  }
  return out;
};

const contentName = e => {
  let out = '';
  for (const c of (e.shadowRoot || e).childNodes) {
    if (c.nodeType === 3) { out += c.nodeValue; continue; }
    if (c.nodeType !== 1 || skipped.has(c.nodeName) || c.getAttribute('aria-hidden') === 'true') continue;
    if (!c.checkVisibility({ visibilityProperty: true }) && getComputedStyle(c).display !== 'contents') continue;
    const inline = getComputedStyle(c).display.startsWith('inline');
    const words = c.getAttribute('aria-label') || (c.nodeName === 'IMG' ? c.alt : isButtonInput(c) ? c.value : contentName(c));
    out += inline ? words : ` ${words} `;
  }
  return out;
};

const name = e => {
  const given = labels(e).map(squash).filter(Boolean).join(' ');
  if (given) return given;
  if (isButtonInput(e)) return e.value || (e.type === 'submit' ? 'Submit' : e.type === 'reset' ? 'Reset' : '');
  if (e.nodeName === 'IMG' || e.nodeName === 'AREA' || e.type === 'image') return e.alt || e.title || '';
  if (e.nodeName === 'svg') return text(e.querySelector(':scope > title') || e);
  if (e.nodeName === 'FIELDSET') return text(e.querySelector(':scope > legend') || document.createElement('i'));
  if (e.nodeName === 'TABLE') return text(e.querySelector(':scope > caption') || document.createElement('i')) || e.title;
  if (contentNamed.has(role(e))) { const words = squash(contentName(e)); if (words) return words; }
  return e.title || e.placeholder || e.getAttribute('placeholder') || '';
};

const ariaHidden = e => !!ownerOf(e, x => x.getAttribute('aria-hidden') === 'true');
