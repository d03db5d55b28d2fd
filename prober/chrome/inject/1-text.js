// How texts are read and compared.
const skipped = new Set(['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'HEAD', 'TITLE']);
const cjk = '[\\u2e80-\\u9fff\\uf900-\\ufaff\\uac00-\\ud7af\\u3040-\\u30ff\\u3000-\\u303f]';
const cjkGap = new RegExp(`(?<=${cjk}) (?=${cjk})`, 'g');

// squash drops what cannot be seen (zero-width signs, icon-font glyphs) and
// collapses white space, the no-break and the ideographic space among it.
const squash = s => String(s ?? '')
  .replace(/[\u200b-\u200d\u00ad\ufeff\ue000-\uf8ff]/g, '')
  .replace(/[\s\u00a0\u3000]+/g, ' ')
  .trim();

// fold is what two texts are compared by: full-width forms are half-width,
// blanks between CJK characters are gone, case does not matter.
const fold = s => squash(s)
  .replace(/[\uff01-\uff5e]/g, c => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  .replace(cjkGap, '')
  .toLowerCase();

// bareLabel also drops the marks that forms put around a label.
const bareLabel = s => fold(s).replace(/^[*\s]+|[*:\s]+$/g, '');

const buttonTypes = new Set(['submit', 'button', 'reset']);
const isButtonInput = e => e.nodeName === 'INPUT' && buttonTypes.has(e.type);

// text is what an element says, through open shadow roots, without scripts.
// Where nothing of that stands inside, the browser's own answer is the same and
// much faster.
const odd = 'script,style,noscript,template,title,br,input[type=submit],input[type=button],input[type=reset]';
const text = e => {
  if (isButtonInput(e)) return e.value;
  if (roots().length === 1 && !e.querySelector(odd)) return e.textContent;
  let out = '';
  const walk = n => {
    for (const c of n.childNodes) {
      if (c.nodeType === 3) out += c.nodeValue;
      else if (c.nodeType === 1 && !skipped.has(c.nodeName)) {
        if (c.nodeName === 'BR') out += ' ';
        out += text(c);
      }
    }
  };
  walk(e);
  if (e.shadowRoot) walk(e.shadowRoot);
  return out;
};

// seenText is what an element says without the parts that are not drawn.
const seenText = e => {
  let out = '';
  for (const c of e.childNodes) {
    if (c.nodeType === 3) out += c.nodeValue;
    else if (c.nodeType === 1 && !skipped.has(c.nodeName) && (c.checkVisibility() || getComputedStyle(c).display === 'contents')) out += seenText(c);
  }
  return out;
};

const parentOf = e => e.assignedSlot || e.parentElement ||
  (e.getRootNode() instanceof ShadowRoot ? e.getRootNode().host : null);

const ownerOf = (e, test) => { for (let x = e; x; x = parentOf(x)) if (test(x)) return x; return null; };

const visible = e => {
  if (!e.checkVisibility({ visibilityProperty: true })) {
    return getComputedStyle(e).display === 'contents' && [...e.children].some(visible);
  }
  const r = e.getBoundingClientRect();
  return r.width > 0 && r.height > 0;
};

const disabled = e => {
  const control = e.closest('button,input,select,textarea,option,optgroup,fieldset');
  if (control && control.matches(':disabled')) return true;
  return !!ownerOf(e, x => x.getAttribute('aria-disabled') === 'true');
};

// clip shortens a text. The mark at the cut tells the reader, and the engine,
// which looks there for the beginning of a secret.
const clip = (s, n) => s.length > n ? s.slice(0, n) + '…' : s;

// describe names an element for a person: tag, id, classes, then its words.
const describe = e => {
  let s = e.nodeName.toLowerCase();
  if (e.id) s += '#' + e.id;
  for (const c of [...e.classList].slice(0, 3)) s += '.' + c;
  const kind = e.getAttribute('type') || e.getAttribute('role');
  if (kind) s += `[${kind}]`;
  const words = clip(squash(e.getAttribute('aria-label') || text(e)), 40);
  return words ? `${s} “${words}”` : s;
};
