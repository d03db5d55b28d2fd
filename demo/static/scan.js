// The page with a code to scan asks whether a phone has scanned it.
(function () {
  "use strict";
  const picture = document.querySelector("img[data-ticket]");
  const over = document.querySelector("[data-over]");

  async function look() {
    try {
      const answer = await fetch("/api/qr/" + picture.dataset.ticket);
      const { data } = await answer.json();
      if (data.done) {
        location.href = "/admin";
        return;
      }
      over.hidden = data.live;
      if (!data.live) return;
    } catch {
      // The platform may be away for a moment.
    }
    setTimeout(look, 1000);
  }

  look();
})();
