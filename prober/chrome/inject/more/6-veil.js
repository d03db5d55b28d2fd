// veil keeps secrets out of moving pictures: fields show no text, and texts with
// a secret in them are blotted before they are painted for the first time. It
// returns false, later, when there are trees that it could not watch.
let veiled = null;
const veil = secrets => {
  const sheet = new CSSStyleSheet(), blots = new Highlight(), watched = new WeakSet();
  sheet.replaceSync('::highlight(gengfu-veil){color:transparent;background-color:#444;text-shadow:none}' +
    'input:not([type=submit],[type=button],[type=reset],[type=checkbox],[type=radio],[type=image],[type=range]),textarea,select' +
    '{-webkit-text-fill-color:transparent!important;color:transparent!important;background:#777!important;text-shadow:none!important}');
  CSS.highlights.set('gengfu-veil', blots);
  const bad = n => secrets.some(s => (n.textContent || '').includes(s));
  const blot = n => {
    if (!bad(n)) return;
    const inner = [...n.childNodes].filter(bad);
    for (const c of inner) blot(c);
    if (inner.length) return;
    const g = document.createRange();
    g.selectNodeContents(n);
    blots.add(g);
  };
  const watch = root => {
    if (watched.has(root)) return;
    watched.add(root);
    new MutationObserver(records => {
      for (const r of records) blot(r.type === 'characterData' ? r.target.parentNode || r.target : r.target);
      dress();
    }).observe(root, { subtree: true, childList: true, characterData: true });
    blot(root);
  };
  const dress = () => {
    for (const root of [...below(document)]) {
      if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
      watch(root);
    }
  };
  dress();
  veiled = () => [...below(document)].every(root => watched.has(root) && root.adoptedStyleSheets.includes(sheet));
};
const covered = () => veiled !== null && veiled();
