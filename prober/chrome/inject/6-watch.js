// What is told while it happens: page messages and web vitals. tell is a
// binding that exists in this isolated world only.
const tell = o => { try { globalThis.__gengfuTell?.(JSON.stringify(o)); } catch { /* the page is going away */ } };

const messageBoxes = '[role=alert],[role=status],[role=alertdialog],[aria-live=assertive],[aria-live=polite],.el-message,.el-notification,' +
  '.ant-message-notice,.ant-notification-notice,.toast,.van-toast,.layui-layer-msg,.form-error,.error-message';
const told = new Set();
const noteMessage = e => {
  const m = e.matches?.(messageBoxes) ? e : e.closest?.(messageBoxes) || e.querySelector?.(messageBoxes);
  if (!m || told.size > 30) return;
  setTimeout(() => {
    const t = clip(squash(text(m)), 200);
    if (t && m.isConnected && visible(m) && !told.has(t)) { told.add(t); tell({ message: t }); }
  }, 0);
};

const watch = () => {
  new MutationObserver(records => {
    touch();
    const now = performance.now();
    for (const r of records) {
      if (r.type === 'attributes') stirred.set(r.target, now); else grown = now;
      if (r.type === 'attributes') { if (r.target.matches?.(messageBoxes)) noteMessage(r.target); continue; }
      if (r.type === 'characterData') { if (r.target.parentElement) noteMessage(r.target.parentElement); continue; }
      for (const n of r.addedNodes) if (n.nodeType === 1) noteMessage(n); else if (r.target.nodeType === 1) noteMessage(r.target);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  // Scripts that stand in the document run after they were noted as growth, and
  // before DOMContentLoaded.
  for (const kind of ['scroll', 'DOMContentLoaded']) addEventListener(kind, () => { grown = performance.now(); }, { capture: true, passive: true });
  for (const kind of ['DOMContentLoaded', 'load', 'scroll', 'transitionend', 'animationend']) addEventListener(kind, touch, { capture: true, passive: true });
};

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
watch();
if (window === window.top) vitals();
