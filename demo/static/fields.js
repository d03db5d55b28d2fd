// The form fields of the wizard, drawn from their descriptions.
(function () {
  "use strict";
  const { element } = window.Portal;
  const error = () => element("p", { class: "form-error", hidden: true });
  const label = (id, text, star) => element("label", { for: id, class: star ? "star" : "" }, text);

  function input(id, text, attributes, value) {
    const node = element("input", Object.assign({ id, name: id }, attributes));
    node.value = value || "";
    return element("div", { class: "field" }, label(id, text, attributes.required), node, error());
  }

  function area(id, text, value) {
    const node = element("textarea", { id, name: id, rows: "3", placeholder: "选填，不超过 200 字", maxlength: "200" });
    node.value = value || "";
    return element("div", { class: "field" }, label(id, text), node, error());
  }

  function select(id, text, options, value) {
    const node = element("select", { id, name: id, required: true }, element("option", { value: "" }, "请选择补贴类型"));
    options.forEach((option) => node.append(element("option", {}, option)));
    node.value = value || "";
    return element("div", { class: "field" }, label(id, text, true), node, error());
  }

  // dropdown is a list of the page's own: a read-only input, and options that
  // are put at the end of the body while it is open.
  function dropdown(id, text, options, value) {
    const node = element("input", { id, name: id, type: "text", readonly: true, placeholder: "请选择", role: "combobox", "aria-expanded": "false", "aria-haspopup": "listbox", autocomplete: "off" });
    node.value = value || "";
    const box = element("div", { class: "el-select" }, node);
    let list = null;
    const close = () => {
      if (list) list.remove();
      list = null;
      node.setAttribute("aria-expanded", "false");
      document.removeEventListener("click", close);
    };
    const choose = (option) => () => {
      node.value = option;
      node.dispatchEvent(new Event("change", { bubbles: true }));
      close();
    };
    node.addEventListener("click", (event) => {
      event.stopPropagation();
      if (list) return close();
      const place = node.getBoundingClientRect();
      const items = options.map((option) => element("li", { role: "option", "aria-selected": String(option === node.value), onclick: choose(option) }, option));
      list = element("div", { class: "el-select-dropdown" }, element("ul", { role: "listbox", "aria-label": text }, ...items));
      list.style.cssText = "left:" + (place.left + scrollX) + "px;top:" + (place.bottom + scrollY + 6) + "px;width:" + place.width + "px";
      document.body.append(list);
      node.setAttribute("aria-expanded", "true");
      document.addEventListener("click", close);
    });
    return element("div", { class: "field" }, label(id, text, true), box, error());
  }

  function radios(name, text, options, value) {
    const items = options.map((option) => {
      const node = element("input", { type: "radio", name, value: option });
      node.checked = option === (value || options[0]);
      return element("label", {}, node, " " + option);
    });
    return element("fieldset", { class: "choices", role: "radiogroup", "aria-label": text }, element("legend", {}, text), ...items);
  }

  function check(name, text, checked, after) {
    const node = element("input", { type: "checkbox", id: name, name, value: "yes" });
    node.checked = Boolean(checked);
    return element("div", { class: "field" }, element("label", { class: "check" }, node, " " + text), after ? element("span", { class: "after" }, after) : "", error());
  }

  // upload hides the real input behind a button, as most sites do.
  function upload(id, text) {
    const node = element("input", { id, name: id, type: "file", accept: "image/*", "aria-label": text });
    const said = element("p", { class: "muted" }, "支持 JPG、PNG 格式，大小不超过 5MB");
    const box = element("div", { class: "upload" }, node, element("button", { type: "button", class: "plain", onclick: () => node.click() }, "选择文件"), said);
    node.addEventListener("change", () => {
      const file = node.files[0];
      box.querySelectorAll("img").forEach((old) => old.remove());
      said.textContent = file ? "已选择：" + file.name : "支持 JPG、PNG 格式，大小不超过 5MB";
      if (!file) return;
      const picture = element("img", { alt: "预览", src: URL.createObjectURL(file) });
      picture.addEventListener("error", () => picture.remove());
      box.append(picture);
    });
    return element("div", { class: "field" }, label(id, text, true), box, error());
  }

  window.PortalFields = { input, area, select, dropdown, radios, check, upload };
})();
