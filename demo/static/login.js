// Log-in forms are sent by their button or by the Enter key, after a look at
// the fields.
(function () {
  "use strict";
  const words = { username: "请输入账号", password: "请输入密码", code: "请输入 6 位动态口令" };
  const form = document.querySelector("form[data-login]");
  const { complain } = window.Portal;

  function filled() {
    const checks = Array.from(form.querySelectorAll(".field"), (field) => {
      const input = field.querySelector("input");
      return complain(field, input.value.trim() ? "" : words[input.name]);
    });
    return checks.every(Boolean);
  }

  function send() {
    if (filled()) form.submit();
  }

  form.querySelector("[data-submit]").addEventListener("click", send);
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.tagName === "INPUT") {
      event.preventDefault();
      send();
    }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
})();
