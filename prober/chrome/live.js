// What a person does on the page, told as it happens. It runs in the world of
// the script: the page neither sees nor changes it.
(() => {
  if (globalThis.__gengfuLive || window !== top) return;
  globalThis.__gengfuLive = true;
  const g = globalThis.__gengfu;
  const squash = s => (s || '').replace(/\s+/g, ' ').trim().replace(/([\u2E80-\u9FFF]) (?=[\u2E80-\u9FFF])/g, '$1');
  const short = s => (s.length <= 60 ? s : '');
  const tell = act => { try { globalThis.__gengfuTell(JSON.stringify({ act })); } catch { /* the window is closing */ } };
  const isField = e => e.matches('input:not([type=checkbox],[type=radio],[type=button],[type=submit],[type=image],[type=file],[type=reset]),textarea');
  const seen = e => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().width > 0;
  const label = e => squash(e.getAttribute('aria-label')) || squash([...(e.labels || [])].map(l => l.textContent).join(' ')) || squash(e.placeholder) || squash(e.name);
  const nth = (list, e) => { const i = list.indexOf(e); return list.length > 1 && i >= 0 ? i + 1 : 0; };
  const css = e => {
    for (const s of [e.id && !/\d{2}|[:_]/.test(e.id) ? '#' + CSS.escape(e.id) : '', ...[...e.classList].map(c => '.' + CSS.escape(c))]) {
      if (s && document.querySelectorAll(s).length === 1) return s;
    }
    return '';
  };
  const ways = (e, kind) => {
    const field = kind === 'fill' || kind === 'select', role = g.role(e) || '', name = squash(g.name(e));
    const act = { Kind: kind, Role: role, TestID: e.getAttribute('data-testid') || '', CSS: css(e) };
    if (field) {
      act.Label = short(label(e));
      act.Nth = nth([...document.querySelectorAll('input,textarea,select')].filter(o => seen(o) && label(o) === label(e)), e);
      return act;
    }
    if (role && role !== 'generic' && short(name)) {
      act.Name = name;
      act.Nth = nth([...document.querySelectorAll('*')].filter(o => seen(o) && g.role(o) === role && squash(g.name(o)) === name), e);
    } else act.Text = short(squash(e.textContent));
    return act;
  };
  const told = new WeakMap();
  const fill = e => {
    if (told.get(e) === e.value) return;
    told.set(e, e.value);
    const secret = e.type === 'password';
    tell({ ...ways(e, 'fill'), Value: secret ? '' : e.value, Secret: secret });
  };
  const person = f => ev => { if (ev.isTrusted) f(ev, ev.composedPath()[0]); };
  addEventListener('change', person((_, e) => {
    if (!e.matches) return;
    if (e.matches('select')) tell({ ...ways(e, 'select'), Value: squash(e.selectedOptions[0]?.textContent) });
    else if (e.matches('[type=checkbox],[type=radio]')) tell(ways(e, e.checked ? 'tick' : 'untick'));
    else if (isField(e)) fill(e);
  }), true);
  addEventListener('keydown', person((ev, e) => {
    if (ev.isComposing || !['Enter', 'Escape'].includes(ev.key) || !e.matches) return;
    if (e.matches('button,a,textarea,[role=button]')) return;
    if (isField(e) && e.value) fill(e);
    tell({ Kind: 'press', Value: ev.key });
  }), true);
  addEventListener('click', person((ev, from) => {
    if (!(from instanceof Element) || ev.detail === 0) return;
    const e = from.closest('button,a[href],summary,[role=button],[role=link],[role=tab],[role=menuitem],[role=option],[role=checkbox],[role=radio],[role=switch],label,input,select,textarea,option') || from;
    if (e.matches('input[type=button],input[type=submit],input[type=image]') || !e.matches('input,select,textarea,option,label')) tell(ways(e, 'click'));
  }), true);
})();
