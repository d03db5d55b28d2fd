// What is told while it happens: page messages and web vitals. tell is a
// binding that exists in this isolated world only.
const tell = o => { try { globalThis.__gengfuTell?.(JSON.stringify(o)); } catch { /* the page is going away */ } };

const messageBoxes = '[role=alert],[role=status],[role=alertdialog],[aria-live=assertive],[aria-live=polite],.el-message,.el-notification,' +
  '.ant-message-notice,.ant-notification-notice,.toast,.van-toast,.layui-layer-msg,.form-error,.error-message';
const told = new Set();
const noteMessages = () => {
  for (const m of document.querySelectorAll(messageBoxes)) {
    if (told.size > 30) return;
    const t = clip(squash(text(m)), 200);
    if (t && !told.has(t) && visible(m)) { told.add(t); tell({ message: t }); }
  }
};

// lookout looks for messages soon after a change, but 10 times a second at most
// and not while the document is being parsed: looking goes over all of it. A
// message that a person can read stays for longer than that.
let looked = -Infinity, looking = false;
const lookout = () => {
  if (looking || document.readyState === 'loading') return;
  looking = true;
  setTimeout(() => { looking = false; looked = performance.now(); noteMessages(); }, Math.max(0, looked + 100 - performance.now()));
};

// watch looks at changes from the time the document is parsed: what the parser
// adds is no news, and a wait looks at each frame until then.
const watch = () => {
  new MutationObserver(() => { grown = performance.now(); scriptless = null; touch(); lookout(); })
    .observe(document, { subtree: true, childList: true, characterData: true });
  new MutationObserver(records => {
    const now = performance.now();
    for (const r of records) stirred.set(r.target, now);
    touch();
    lookout();
  }).observe(document, { subtree: true, attributes: true });
  grown = performance.now(); // scripts that stand in the document have run just now,
  later(0).then(() => { grown = performance.now(); }); // and those that wait for this event will have
  touch();
  lookout();
};
addEventListener('scroll', () => { grown = performance.now(); touch(); }, { capture: true, passive: true });
for (const kind of ['load', 'transitionend', 'animationend']) addEventListener(kind, touch, { capture: true, passive: true });
if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', watch, { capture: true, once: true });
else watch();

const vitals = () => {
  const observe = (type, f, more) => { try { new PerformanceObserver(l => l.getEntries().forEach(f)).observe({ type, buffered: true, ...more }); } catch { /* not in this browser */ } };
  observe('paint', e => { if (e.name === 'first-contentful-paint') tell({ fcp: e.startTime }); });
  observe('largest-contentful-paint', e => tell({ lcp: e.startTime }));
  let worst = 0, sum = 0, start = 0, prev = 0;
  observe('layout-shift', e => {
    if (e.hadRecentInput) return;
    if (e.startTime - prev > 1000 || e.startTime - start > 5000) { sum = 0; start = e.startTime; }
    sum += e.value; prev = e.startTime;
    if (sum > worst) { worst = sum; tell({ cls: worst }); }
  });
  // The slowest of up to fifty interactions, then the second slowest, and so on.
  const slow = new Map();
  let inp = 0;
  observe('event', e => {
    if (!e.interactionId || e.duration <= (slow.get(e.interactionId) || 0)) return;
    slow.set(e.interactionId, e.duration);
    const now = [...slow.values()].sort((a, b) => b - a)[Math.floor((performance.interactionCount || slow.size) / 50)] || 0;
    if (now !== inp) { inp = now; tell({ inp }); }
  }, { durationThreshold: 16 });
  const long = { n: 0, total: 0, longest: 0 };
  observe('longtask', e => {
    long.n++; long.total += e.duration; long.longest = Math.max(long.longest, e.duration);
    tell({ long });
  });
};
if (window === window.top) vitals();
