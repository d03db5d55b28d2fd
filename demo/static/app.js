// What every page of the platform shares: requests, toasts, masks, dialogs.
(function () {
  "use strict";
  const meta = document.querySelector('meta[name="csrf"]');

  async function request(path, options) {
    const settings = Object.assign({ headers: {} }, options);
    if (meta) settings.headers["X-CSRF-Token"] = meta.content;
    const response = await fetch(path, settings);
    if (!response.ok) throw new Error("服务异常（" + response.status + "）");
    const body = await response.json();
    if (body.code === 401) {
      location.href = body.data.login;
      throw new Error(body.message);
    }
    if (body.code !== 0) throw new Error(body.message);
    return body;
  }

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (typeof value === "boolean") node.toggleAttribute(name, value);
      else node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
  }

  function toast(text, bad) {
    const node = element("div", { class: bad ? "toast bad" : "toast", role: bad ? "alert" : "status" }, text);
    document.getElementById("toasts").append(node);
    setTimeout(() => node.remove(), 3000);
  }

  // masked covers the page while work is done, for 400 ms at least.
  async function masked(text, work) {
    const mask = element("div", { class: "mask" }, text);
    document.body.append(mask);
    const short = new Promise((done) => setTimeout(done, 400));
    try {
      const result = await work();
      await short;
      return result;
    } finally {
      mask.remove();
    }
  }

  function complain(field, text) {
    const note = field.querySelector(".form-error");
    note.textContent = text;
    note.hidden = !text;
    field.classList.toggle("bad", Boolean(text));
    return !text;
  }

  function closable(veil) {
    veil.querySelectorAll("[data-close]").forEach((button) => button.addEventListener("click", () => { veil.hidden = true; }));
    veil.addEventListener("keydown", (event) => { if (event.key === "Escape") veil.hidden = true; });
  }

  window.Portal = { request, element, toast, masked, complain, closable };
})();
