(function () {
  "use strict";
  const cell = (content) => window.Portal.element("td", {}, content);
  window.PortalTable("/api/applications", 5, (app) => window.Portal.element("tr", {},
    cell(app.no), cell(app.type), cell(app.name), cell(app.date), cell(window.PortalStatus(app.status))));
})();
