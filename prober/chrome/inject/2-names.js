// Roles and accessible names, after WAI-ARIA, HTML-AAM and accname.
const inputRoles = {
  button: 'button', submit: 'button', reset: 'button', image: 'button', checkbox: 'checkbox', radio: 'radio',
  range: 'slider', number: 'spinbutton', search: 'searchbox', email: 'textbox', tel: 'textbox', text: 'textbox',
  url: 'textbox', password: 'textbox', date: 'textbox', 'datetime-local': 'textbox', month: 'textbox',
  time: 'textbox', week: 'textbox', file: 'button', color: 'button',
};
const tagRoles = {
  ADDRESS: 'group', ARTICLE: 'article', ASIDE: 'complementary', BLOCKQUOTE: 'blockquote', BUTTON: 'button', CAPTION: 'caption', CODE: 'code', DD: 'definition',
  DEL: 'deletion', DETAILS: 'group', DFN: 'term', DIALOG: 'dialog', DT: 'term', EM: 'emphasis', FIELDSET: 'group', FIGURE: 'figure', FOOTER: 'contentinfo',
  FORM: 'form', H1: 'heading', H2: 'heading', H3: 'heading', H4: 'heading', H5: 'heading', H6: 'heading', HEADER: 'banner', HGROUP: 'group', HR: 'separator',
  INS: 'insertion', LI: 'listitem', MAIN: 'main', MARK: 'mark', MATH: 'math', MENU: 'list', METER: 'meter', NAV: 'navigation', OL: 'list', OPTGROUP: 'group',
  OPTION: 'option', OUTPUT: 'status', P: 'paragraph', PROGRESS: 'progressbar', S: 'deletion', SEARCH: 'search', SECTION: 'region', STRONG: 'strong',
  SUB: 'subscript', SUMMARY: 'button', SUP: 'superscript', TABLE: 'table', TBODY: 'rowgroup', TD: 'cell', TEXTAREA: 'textbox', TFOOT: 'rowgroup',
  THEAD: 'rowgroup', TIME: 'time', TR: 'row', UL: 'list',
};
const contentNamed = new Set(['button', 'cell', 'checkbox', 'columnheader', 'gridcell', 'heading', 'link', 'menuitem',
  'menuitemcheckbox', 'menuitemradio', 'option', 'radio', 'row', 'rowheader', 'switch', 'tab', 'term', 'tooltip', 'treeitem']);
const knownRoles = new Set([...Object.values(tagRoles), ...Object.values(inputRoles), ...contentNamed, 'alert', 'alertdialog', 'application', 'combobox', 'directory',
  'document', 'feed', 'generic', 'grid', 'img', 'image', 'listbox', 'log', 'marquee', 'menu', 'menubar', 'none', 'note', 'presentation', 'radiogroup', 'scrollbar',
  'tablist', 'tabpanel', 'timer', 'toolbar', 'tree', 'treegrid']);

// mayBe are selectors for what can have a role; a role that is not here is
// looked for everywhere.
const mayBe = Object.fromEntries(Object.entries({
  button: 'button,input,summary', link: 'a,area', heading: 'h1,h2,h3,h4,h5,h6', textbox: 'input,textarea,[contenteditable]',
  checkbox: 'input', radio: 'input', combobox: 'input,select', option: 'option', row: 'tr', cell: 'td,th', columnheader: 'th', rowheader: 'th',
  table: 'table', list: 'ul,ol,menu', listitem: 'li', dialog: 'dialog', img: 'img,svg,[role~=image i]', tab: '', menuitem: '', alert: '', switch: '',
}).map(([r, css]) => [r, (css ? css + ',' : '') + `[role~=${r} i]`]));

// bared tells whether an element may lose its role to role=none: what can be
// focused, or has words for assistive technology, keeps it.
const bared = e => !e.matches('[aria-label],[aria-labelledby],[aria-describedby],[aria-live],[aria-controls],[aria-owns],[aria-haspopup]') &&
  (e.tabIndex < 0 || e.matches(':disabled'));

// belongs: rows, cells and items have their role in a table or list only.
const belongs = (e, outer) => {
  const o = e.closest(outer);
  const given = o && (o.getAttribute('role') || '').trim().toLowerCase();
  return !!o && !(/^(none|presentation)$/.test(given) && bared(o));
};
const sectioned = e => !!e.parentElement?.closest('article,aside,main,nav,section,[role=article],[role=complementary],[role=main],[role=navigation],[role=region]');
const entitled = e => !!squash(labels(e)[0] || e.getAttribute('title'));

const role = e => {
  const given = e.getAttribute('role');
  if (given) {
    const first = given.toLowerCase().trim().split(/\s+/).find(r => knownRoles.has(r) && (r !== 'region' && r !== 'form' || entitled(e)));
    if (first && !/^(none|presentation)$/.test(first)) return first === 'image' ? 'img' : first;
    if (first && bared(e)) return 'presentation';
  }
  return nativeRole(e);
};

const nativeRole = e => {
  switch (e.nodeName) {
    case 'A': case 'AREA': return e.hasAttribute('href') ? 'link' : '';
    case 'IMG': return e.getAttribute('alt') === '' && !e.title && bared(e) ? 'presentation' : 'img';
    case 'INPUT': return e.type === 'hidden' ? '' : e.list && /^(text|search|tel|url|email)$/.test(e.type) ? 'combobox' : inputRoles[e.type] || 'textbox';
    case 'SELECT': return e.multiple || e.size > 1 ? 'listbox' : 'combobox';
    case 'ASIDE': return e.parentElement?.closest('article,aside,nav,section') && !entitled(e) ? '' : 'complementary';
    case 'HEADER': case 'FOOTER': return sectioned(e) ? '' : tagRoles[e.nodeName];
    case 'SECTION': return entitled(e) ? 'region' : '';
    case 'LI': return belongs(e, 'ul,ol,menu') ? 'listitem' : '';
    case 'TBODY': case 'THEAD': case 'TFOOT': case 'TR': return belongs(e, 'table') ? tagRoles[e.nodeName] : '';
    case 'TD': return !belongs(e, 'table') ? '' : e.closest('table').matches('[role=grid],[role=treegrid]') ? 'gridcell' : 'cell';
    case 'TH': return belongs(e, 'table') ? headerRole(e) : '';
    case 'svg': return 'img';
  }
  return tagRoles[e.nodeName] || (e.isContentEditable && e.hasAttribute('contenteditable') ? 'textbox' : '');
};

// headerRole: a header that does not say what it heads is one of the row when
// cells stand beside it.
const headerRole = e => {
  const scope = (e.getAttribute('scope') || '').toLowerCase();
  if (/^row(group)?$/.test(scope)) return 'rowheader';
  if (/^col(group)?$/.test(scope)) return 'columnheader';
  return e.parentElement.querySelector(':scope > td') ? 'rowheader' : 'columnheader';
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

// drawn is what CSS puts before or after an element, as far as it is words: the
// star of a required field is no part of a name.
const drawn = (e, which) => {
  const cs = getComputedStyle(e, which), c = cs.content;
  if (c === 'none' || c === 'normal' || cs.display === 'none') return '';
  const [own, alt] = c.split(/ \/ (?=")/);
  const words = ((alt ?? own).match(/"(?:[^"\\]|\\.)*"/g) || []).map(s => s.slice(1, -1).replace(/\\(.)/g, '$1')).join('');
  if (!/[\p{L}\p{N}]/u.test(words)) return '';
  return cs.display.startsWith('inline') ? words : ` ${words} `;
};

// contentName is the name that the parts of an element make. seen are the
// elements it has gone through, all takes what is hidden as well, and ref says
// that the element is referred to, so that references in it do not count.
const contentName = (e, seen = new Set(), all = false, ref = false) => {
  let out = all ? '' : drawn(e, '::before');
  const bare = !all && getComputedStyle(e).visibility !== 'visible';
  const kids = e.shadowRoot ? e.shadowRoot.childNodes : e.nodeName === 'SLOT' && e.assignedNodes().length ? e.assignedNodes() : e.childNodes;
  for (const c of kids) {
    if (c.nodeType === 3) { if (!bare) out += c.nodeValue; continue; }
    if (c.nodeType !== 1 || unsaid.test(c.nodeName)) continue;
    if (c.nodeName === 'BR') { out += ' '; continue; }
    const part = partName(c, seen, all, ref);
    if (part) out += !apart.test(c.nodeName) && c.getAttribute('role') !== 'img' && /^(inline|contents)$/.test(getComputedStyle(c).display) ? part : ` ${part} `;
  }
  return all ? out : out + drawn(e, '::after');
};
const unsaid = /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE|RT|RP)$/, apart = /^(IMG|svg|INPUT|SELECT|TEXTAREA|BUTTON)$/;

// partName is what an element adds to the name of what it stands in.
const partName = (c, seen, all, ref) => {
  if (seen.has(c)) return '';
  seen.add(c);
  if (!all) {
    if (c.getAttribute('aria-hidden') === 'true') return '';
    if (!c.checkVisibility() && getComputedStyle(c).display !== 'contents') return '';
  }
  if (c.getAttribute('role') === 'group' && c.parentElement?.getAttribute('role') === 'treeitem') return '';
  if (!all && getComputedStyle(c).visibility !== 'visible') return contentName(c, seen, all, ref); // only what is visible in it
  const by = !ref && c.getAttribute('aria-labelledby'), said = by && referred(c, by);
  if (said) return said;
  const value = c.matches(valued) && embedded(c), own = c.getAttribute('aria-label');
  if (value) return value;
  if (squash(own)) return own;
  const kind = apart.test(c.nodeName) && ownName(c);
  if (kind) return kind;
  if (c.nodeName === 'IMG') return c.getAttribute('alt') === '' ? '' : c.title;
  const words = contentName(c, seen, all, ref);
  return squash(words) || !c.hasAttribute('title') || !ref && !role(c) ? words : c.title;
};
const valued = 'input,select,textarea,meter,progress,[role=textbox],[role=combobox],[role=slider],[role=spinbutton]';

// referred is the name that others give an element by aria-labelledby.
const referred = (e, ids) => squash(byIds(e, ids).map(o => squash(o.getAttribute('aria-label')) || ownName(o) ||
  contentName(o, new Set([e, o]), !o.checkVisibility({ visibilityProperty: true }), true)).join(' '));

// embedded is the value of a control that stands in a name; null when it has none.
const embedded = c => {
  switch (role(c)) {
    case 'textbox': case 'searchbox': return c.type === 'password' ? '' : 'value' in c ? c.value : text(c);
    case 'combobox': case 'listbox': return c.selectedOptions ? [...c.selectedOptions].map(o => o.label).join(' ') : 'value' in c ? c.value : null;
    case 'slider': case 'spinbutton': case 'progressbar': case 'meter': return c.getAttribute('aria-valuetext') ?? c.getAttribute('aria-valuenow') ?? (c.nodeName === 'INPUT' || c.hasAttribute('value') ? String(c.value ?? '') : '');
  }
  return null;
};

// ownName is the name by the means of the element's own kind.
const ownName = e => {
  const child = css => { const c = e.querySelector(':scope > ' + css); return c ? contentName(c) : ''; };
  if (isButtonInput(e)) return e.value || (e.type === 'submit' ? (e.hasAttribute('value') ? '' : 'Submit') : e.type === 'reset' && !e.hasAttribute('value') ? 'Reset' : '');
  if (e.type === 'image' && e.nodeName === 'INPUT') return e.alt || e.getAttribute('value') || e.title || 'Submit';
  switch (e.nodeName) {
    case 'IMG': case 'AREA': return e.alt;
    case 'svg': return text(e.querySelector(':scope > title') || document.createElement('i'));
    case 'FIELDSET': return child('legend');
    case 'TABLE': return child('caption');
    case 'FIGURE': return child('figcaption');
    case 'OPTGROUP': return e.label;
    case 'OPTION': return e.label;
  }
  return '';
};

// unhinted are kinds of inputs that show no placeholder (HTML, 4.10.5.3.10).
const unhinted = new Set(['date', 'datetime-local', 'month', 'week', 'time', 'range', 'color', 'checkbox', 'radio', 'file', 'submit', 'reset', 'button', 'image']);

// nameless are roles that a tooltip gives no name.
const nameless = new Set(['caption', 'code', 'deletion', 'emphasis', 'insertion', 'paragraph', 'strong', 'subscript', 'superscript', 'time', 'mark']);

const name = e => {
  const by = e.getAttribute('aria-labelledby'), said = by && referred(e, by);
  if (said) return said;
  const own = e.getAttribute('aria-label');
  if (squash(own)) return own;
  if (e.labels?.length) {
    const said = [...e.labels].map(l => contentName(l, new Set([e]))).join(' ');
    if (squash(said)) return said;
  }
  const native = ownName(e);
  if (squash(native)) return native;
  if (contentNamed.has(role(e)) && !isButtonInput(e)) { const words = contentName(e); if (squash(words)) return words; }
  if (nameless.has(role(e)) || e.nodeName === 'IMG' && e.getAttribute('alt') === '') return '';
  return e.getAttribute('title') || !unhinted.has(e.type) && e.getAttribute('placeholder') || e.getAttribute('aria-placeholder') || '';
};

const ariaHidden = e => !!ownerOf(e, x => x.getAttribute('aria-hidden') === 'true');
