// What a page is and says, for evidence.

// invalid lists what the browser's own form validation says.
const invalid = () => select('input:invalid,select:invalid,textarea:invalid').filter(visible).slice(0, 5)
  .map(e => `${short(name(e)) || describe(e)}: ${e.validationMessage}`);

// quiet are the roles that an outline does without.
const quiet = new Set(['presentation', 'paragraph', 'generic', 'blockquote', 'caption', 'code', 'definition', 'deletion', 'emphasis', 'insertion', 'mark', 'strong',
  'subscript', 'superscript', 'term', 'time']);

// outline is the page as a screen reader has it: roles, names, states.
const outline = (limit, queries = []) => {
  const out = [], hide = personal(queries);
  let size = 0;
  const walk = (e, depth) => {
    if (size > limit || skipped.has(e.nodeName) || e.getAttribute('aria-hidden') === 'true' || !e.checkVisibility({ visibilityProperty: true })) return;
    const r = role(e);
    if (hide.has(e)) { out.push('  '.repeat(Math.min(depth, 20)) + (r ? r + ' ' : '') + '***'); return; }
    let d = depth, leaf = false;
    if (r && !quiet.has(r)) {
      const n = clip(squash(name(e)), 100);
      const marks = [disabled(e) ? 'disabled' : '', /checkbox|radio|switch/.test(r) && state(e) ? 'checked' : '', e.matches(':invalid') ? 'invalid' : ''].filter(Boolean);
      const line = '  '.repeat(Math.min(depth, 20)) + r + (n ? ` "${n}"` : '') + (marks.length ? ` [${marks}]` : '');
      out.push(line); size += line.length; d++;
      leaf = contentNamed.has(r) && n === squash(text(e)) && !e.querySelector('a,button,input,select,textarea');
    }
    if (leaf) return;
    for (const c of (e.shadowRoot || e).childNodes) {
      if (c.nodeType === 1) walk(c, d);
      else if (c.nodeType === 3 && squash(c.nodeValue)) { const line = '  '.repeat(Math.min(d, 20)) + clip(squash(c.nodeValue), 200); out.push(line); size += line.length; }
    }
  };
  if (document.body) walk(document.body, 0);
  return out.join('\n');
};
