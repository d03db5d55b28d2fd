// The notice opens by itself, once in a browser session.
(function () {
  "use strict";
  const notice = document.getElementById("notice");
  window.Portal.closable(notice);
  if (sessionStorage.getItem("notice-seen")) return;
  setTimeout(() => {
    notice.hidden = false;
    sessionStorage.setItem("notice-seen", "1");
  }, 350);
})();
