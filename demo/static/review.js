// The administrator's table and its approval dialog.
(function () {
  "use strict";
  const { request, element, toast, complain, closable } = window.Portal;
  const veil = document.getElementById("review-dialog");
  const form = document.getElementById("review-form");
  const comment = form.querySelector(".field");
  let current = null;

  const cell = (content) => element("td", {}, content);
  const table = window.PortalTable("/api/review", 7, (app) => element("tr", {},
    cell(app.no), cell(app.name), cell(app.type), cell(app.region), cell(app.date), cell(window.PortalStatus(app.status)),
    cell(element("button", { type: "button", class: "link", onclick: () => open(app) }, "审批"))));

  function open(app) {
    current = app;
    form.reset();
    complain(comment, "");
    document.getElementById("review-what").textContent = app.no + "　" + app.name + "　" + app.type;
    veil.hidden = false;
    form.elements.comment.focus();
  }

  async function decide(event) {
    event.preventDefault();
    const body = { decision: form.elements.decision.value, comment: form.elements.comment.value.trim() };
    const needed = body.decision === "reject" && !body.comment;
    if (!complain(comment, needed ? "驳回时请填写审批意见" : "")) return;
    try {
      const done = await request("/api/review/" + current.no, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      veil.hidden = true;
      toast(done.message);
      table.load();
    } catch (failure) {
      toast(failure.message, true);
    }
  }

  form.addEventListener("submit", decide);
  closable(veil);
})();
