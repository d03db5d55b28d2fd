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

const watch = () => {
  new MutationObserver(records => {
    touch();
    lookout();
    const now = performance.now();
    for (const r of records) {
      if (r.type === 'attributes') stirred.set(r.target, now); else grown = now;
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  // Scripts that stand in the document run after they were noted as growth, and
  // before DOMContentLoaded.
  for (const kind of ['scroll', 'DOMContentLoaded']) addEventListener(kind, () => { grown = performance.now(); }, { capture: true, passive: true });
  for (const kind of ['DOMContentLoaded', 'load', 'scroll', 'transitionend', 'animationend']) addEventListener(kind, touch, { capture: true, passive: true });
  addEventListener('DOMContentLoaded', lookout, { passive: true });
};

const vitals = () => {
  const observe = (type, f) => { try { new PerformanceObserver(l => l.getEntries().forEach(f)).observe({ type, buffered: true }); } catch { /* not in this browser */ } };
  observe('paint', e => { if (e.name === 'first-contentful-paint') tell({ fcp: e.startTime }); });
  observe('largest-contentful-paint', e => tell({ lcp: e.startTime }));
  let worst = 0, sum = 0, start = 0, prev = 0;
  observe('layout-shift', e => {
    if (e.hadRecentInput) return;
    if (e.startTime - prev > 1000 || e.startTime - start > 5000) { sum = 0; start = e.startTime; }
    sum += e.value; prev = e.startTime;
    if (sum > worst) { worst = sum; tell({ cls: worst }); }
  });
};
watch();
if (window === window.top) vitals();
