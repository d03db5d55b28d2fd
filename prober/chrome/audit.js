query => {
  // Rules after the success criteria of WCAG 2.2 that a script can decide. Only
  // what is in sight of people or of their aids is looked at.
  const top = query ? __gengfu.find(query)[0] : document;
  if (!top) return [];
  const roots = [top];
  for (const r of roots) for (const e of r.querySelectorAll('*')) if (e.shadowRoot) roots.push(e.shadowRoot);
  const all = css => roots.flatMap(r => [...r.querySelectorAll(css)]);
  const shown = e => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[aria-hidden=true],[inert]');
  const named = e => __gengfu.name(e).trim() !== '';
  const where = e => {
    const id = e.id ? '#' + e.id : e.classList.length ? '.' + e.classList[0] : '';
    const text = (e.textContent || e.getAttribute('src') || e.getAttribute('name') || '').trim().replace(/\s+/g, ' ');
    return (e.localName + id + (text ? ` “${[...text].slice(0, 30).join('')}”` : ''));
  };
  const out = [];
  const tell = (rule, impact, els) => { if (els.length) out.push({ rule, impact, n: els.length, where: els.slice(0, 3).map(e => typeof e === 'string' ? e : where(e)) }); };

  tell('image-alt', 'critical', all('img:not([alt]),input[type=image]:not([alt]),area[href]:not([alt]),[role=img]:not(svg *)').filter(e => shown(e) && !['none', 'presentation'].includes(e.getAttribute('role')) && !named(e)));
  tell('button-name', 'critical', all('button,[role=button],summary,input[type=button]').filter(e => shown(e) && !named(e)));
  tell('field-name', 'critical', all('input:not([type=hidden],[type=submit],[type=reset],[type=button],[type=image]),select,textarea,[role=textbox],[role=combobox],[role=checkbox],[role=switch],[role=radio]').filter(e => shown(e) && !named(e)));
  tell('link-name', 'serious', all('a[href],[role=link]').filter(e => shown(e) && !named(e)));
  tell('frame-title', 'serious', all('iframe').filter(e => shown(e) && e.getAttribute('tabindex') !== '-1' && !(e.title.trim() || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby'))));
  if (!query) {
    tell('lang', 'serious', document.documentElement.lang.trim() ? [] : ['html']);
    tell('title', 'serious', document.title.trim() ? [] : ['title']);
    tell('zoom', 'critical', all('meta[name=viewport]').filter(e => /user-scalable\s*=\s*(no|0)|maximum-scale\s*=\s*(1(\.[0-9]*)?|0\.)(\s|,|$)/i.test(e.content)).map(e => e.content));
  }
  const ids = new Map();
  for (const e of all('[id]')) { const k = (e.getRootNode() === document ? '' : 'shadow ') + e.id; if (e.id) ids.set(k, [...ids.get(k) || [], e]); }
  const meant = new Set(all('[for],[aria-labelledby],[aria-describedby],[aria-controls],[headers]').flatMap(e => ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls', 'headers'].flatMap(a => (e.getAttribute(a) || '').split(/\s+/))));
  const twice = [...ids.values()].filter(l => l.length > 1 && l[0].getRootNode() === l[1].getRootNode());
  tell('duplicate-id', 'serious', twice.filter(l => meant.has(l[0].id)).map(l => '#' + l[0].id));
  tell('duplicate-id', 'minor', twice.filter(l => !meant.has(l[0].id)).map(l => '#' + l[0].id));
  let level = 0;
  tell('heading-order', 'moderate', all('h1,h2,h3,h4,h5,h6').filter(e => {
    if (!shown(e)) return false;
    const n = +e.localName[1], jump = level > 0 && n > level + 1;
    level = n;
    return jump;
  }));

  // Contrast (1.4.3), where text and background are plain colours.
  const rgb = c => { const m = /^rgba?\(([\d.]+),? ([\d.]+),? ([\d.]+)(?:,| \/)? ?([\d.]+)?\)$/.exec(c); return m && [+m[1], +m[2], +m[3], m[4] === undefined ? 1 : +m[4]]; };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = e => {
    const layers = [];
    for (let x = e; x; x = x.parentElement) {
      const s = getComputedStyle(x), c = rgb(s.backgroundColor);
      if (s.backgroundImage !== 'none' || !c || +s.opacity < 1 || s.mixBlendMode !== 'normal' || (x !== e && /absolute|fixed/.test(getComputedStyle(e).position))) return null;
      if (c[3] > 0) layers.push(c);
      if (c[3] === 1) break;
    }
    return layers.reduceRight((below, c) => over(c, below), [255, 255, 255, 1]);
  };
  const poor = [], asked = new Set();
  for (const root of roots) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let n = walk.nextNode(), i = 0; n && i < 5000; n = walk.nextNode(), i++) {
      const e = n.parentElement;
      if (!e || asked.has(e) || !n.nodeValue.trim() || /^(SCRIPT|STYLE|NOSCRIPT|OPTION)$/.test(e.nodeName)) continue;
      asked.add(e);
      if (!shown(e) || e.closest(':disabled,[aria-disabled=true]')) continue;
      const s = getComputedStyle(e), text = rgb(s.color), under = behind(e), size = parseFloat(s.fontSize);
      if (!text || !under || s.textShadow !== 'none' || e.getBoundingClientRect().width < 2) continue;
      const [a, b] = [light(over(text, under)), light(under)].sort((x, y) => y - x);
      const large = size >= 24 || size >= 18.66 && +s.fontWeight >= 700;
      if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) poor.push(e);
    }
  }
  tell('contrast', 'serious', poor);
  const order = ['critical', 'serious', 'moderate', 'minor'];
  return out.sort((a, b) => order.indexOf(a.impact) - order.indexOf(b.impact));
}
