// Keeps an open page current: when the server says that something changed, the
// page is fetched again and its live parts are swapped. Without this script
// the pages are complete, only not live.
const topics = document.body.dataset.topics;
let stream = null;
let busy = false;
let again = false;

async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
    if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The server is away; the stream's next opening refreshes.
  }
  busy = false;
  if (again) { again = false; setTimeout(refresh, 1000); }
}

function swap(fresh) {
  // A page that waits for a result becomes another page when there is one.
  if (fresh.body.dataset.page !== document.body.dataset.page) { location.reload(); return; }
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(old.id);
    if (!now || now.outerHTML === old.outerHTML || old.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) continue;
    const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const open = [...old.querySelectorAll("details")].map((d) => d.open);
    const next = document.importNode(now, true);
    old.replaceWith(next);
    next.querySelectorAll("details").forEach((d, i) => { d.open = open[i] ?? d.open; });
    if (focused) next.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

function listen() {
  if (stream || document.hidden) return;
  let lost = false;
  stream = new EventSource("/events?topics=" + encodeURIComponent(topics));
  stream.addEventListener("changed", refresh);
  stream.onopen = () => { mark("on"); if (lost) refresh(); lost = false; };
  stream.onerror = () => {
    lost = true;
    mark("off");
    // A closed stream was refused for good: try again, later.
    if (stream.readyState === EventSource.CLOSED) { stream = null; setTimeout(listen, 15000); }
  };
}

function mark(state) {
  const lamp = document.getElementById("lamp");
  if (lamp) { lamp.hidden = false; lamp.dataset.state = state; lamp.title = state === "on" ? lamp.dataset.wordOn : lamp.dataset.wordOff; }
}

if (topics) {
  listen();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { stream?.close(); stream = null; } else { listen(); refresh(); }
  });
}
