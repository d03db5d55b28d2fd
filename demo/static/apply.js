// The application wizard: three steps and a result, each with an address.
(function () {
  "use strict";
  const { request, element, toast, masked, complain } = window.Portal;
  const fields = window.PortalFields;
  const root = document.getElementById("wizard");
  const types = root.dataset.types.split(",");
  const regions = root.dataset.regions.split(",");
  const memory = "apply-form";
  const saved = () => JSON.parse(sessionStorage.getItem(memory) || "{}");

  const rules = {
    region: (v) => (v ? "" : "请选择所属区域"),
    identity: (v) => (identityHolds(v) ? "" : "身份证号格式不正确"),
    phone: (v) => (/^1[3-9]\d{9}$/.test(v) ? "" : "联系电话格式不正确"),
  };

  function identityHolds(v) {
    if (!/^\d{17}[\dX]$/.test(v)) return false;
    let sum = 0;
    let weight = 1;
    for (let i = 16; i >= 0; i--) {
      weight = (weight * 2) % 11;
      sum += Number(v[i]) * weight;
    }
    return v[17] === "10X98765432"[sum % 11];
  }

  const steps = {
    1: (form) => [
      fields.select("type", "补贴类型", types, form.type),
      fields.dropdown("region", "所属区域", regions, form.region),
      buttons(null, "下一步"),
    ],
    2: (form) => [
      element("div", { class: "pair" },
        fields.input("name", "姓名", { type: "text", required: true, maxlength: "20", placeholder: "请输入姓名" }, form.name),
        fields.input("identity", "身份证号", { type: "text", required: true, maxlength: "18", placeholder: "请输入 18 位身份证号" }, form.identity),
        fields.input("phone", "联系电话", { type: "tel", required: true, maxlength: "11", placeholder: "请输入手机号码" }, form.phone),
        fields.input("birth", "出生日期", { type: "date", required: true, min: "1900-01-01" }, form.birth)),
      fields.radios("health", "健康状况", ["良好", "一般", "失能"], form.health),
      fields.check("alone", "是否独居", form.alone),
      fields.area("note", "备注", form.note),
      buttons("/apply/1", "下一步"),
    ],
    3: (form) => [
      element("div", { class: "summary" }, ...["type", "region", "name", "phone"].map((key, i) =>
        element("span", {}, ["补贴类型", "所属区域", "申请人", "联系电话"][i] + "：" + (form[key] || "—")))),
      fields.upload("photo", "身份证照片"),
      fields.check("agree", "我已阅读并同意", false, "《补贴申请诚信承诺书》"),
      buttons("/apply/2", "提交"),
    ],
  };

  function buttons(back, next) {
    const nodes = [element("button", { type: "submit", class: "primary" }, next)];
    if (back) nodes.unshift(element("button", { type: "button", class: "plain", onclick: () => go(back) }, "上一步"));
    return element("div", { class: "actions" }, ...nodes);
  }

  function go(address) {
    history.pushState(null, "", address);
    draw();
  }

  function draw() {
    const step = location.pathname.split("/").pop();
    const number = step === "done" ? 4 : Number(step);
    document.querySelectorAll("#steps li").forEach((item, i) => {
      item.className = i + 1 < number ? "done" : i + 1 === number ? "now" : "";
    });
    if (number === 4) return drawResult();
    const form = element("form", { id: "apply-form" }, ...steps[step](saved()));
    form.addEventListener("submit", (event) => { event.preventDefault(); advance(step, form); });
    form.addEventListener("focusout", (event) => check(event.target));
    form.addEventListener("change", (event) => check(event.target));
    root.replaceChildren(form);
  }

  function check(node) {
    const rule = rules[node.name];
    if (!rule) return true;
    if (node.name === "region" && !node.value && document.querySelector(".el-select-dropdown")) return true;
    return complain(node.closest(".field"), rule(node.value.trim()));
  }

  function advance(step, form) {
    if (step === "3") return submit(form);
    const checks = Array.from(form.elements, check);
    if (!checks.every(Boolean)) return undefined;
    const kept = Object.assign(saved(), Object.fromEntries(new FormData(form)));
    if (step === "2") kept.alone = form.elements.alone.checked ? "yes" : "";
    sessionStorage.setItem(memory, JSON.stringify(kept));
    return go("/apply/" + (Number(step) + 1));
  }

  async function submit(form) {
    const photo = form.elements.photo;
    const agree = form.elements.agree;
    const ready = [
      complain(photo.closest(".field"), photo.files.length ? "" : "请上传身份证照片"),
      complain(agree.closest(".field"), agree.checked ? "" : "请先阅读并同意承诺书"),
    ];
    if (!ready.every(Boolean)) return;
    const body = new FormData(form);
    for (const [key, value] of Object.entries(saved())) body.set(key, value);
    try {
      const done = await masked("正在提交…", () => request("/api/applications", { method: "POST", body }));
      sessionStorage.removeItem(memory);
      toast(done.message);
      go("/apply/done?no=" + encodeURIComponent(done.data.no));
    } catch (failure) {
      toast(failure.message, true);
    }
  }

  function drawResult() {
    const no = new URLSearchParams(location.search).get("no") || "—";
    root.replaceChildren(element("div", { class: "result" },
      element("div", { class: "tick", "aria-hidden": "true" }, "✓"),
      element("h2", {}, "申请已提交"),
      element("p", { class: "no" }, "受理编号：", element("b", { id: "receipt" }, no)),
      element("p", { class: "muted" }, "社区将在 5 个工作日内完成初审，请留意短信通知。"),
      element("div", { class: "actions" }, element("a", { class: "button", href: "/applications" }, "查看我的申请"))));
  }

  addEventListener("popstate", draw);
  draw();
})();
