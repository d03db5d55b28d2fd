// A table that is filled page by page from an address, with filters.
(function () {
  "use strict";
  const { request, element, toast } = window.Portal;

  window.PortalTable = function (address, columns, row) {
    const filters = document.getElementById("filters");
    const rows = document.getElementById("rows");
    const pager = document.getElementById("pager");
    const total = document.getElementById("total");
    let page = 1;

    async function load() {
      const query = new URLSearchParams(new FormData(filters));
      query.set("page", page);
      try {
        show((await request(address + "?" + query)).data);
      } catch (failure) {
        toast(failure.message, true);
        rows.replaceChildren(element("tr", {}, element("td", { colspan: columns, class: "empty" }, "加载失败：" + failure.message)));
      }
    }

    function show(data) {
      page = data.page;
      total.textContent = "共 " + data.total + " 条";
      const empty = element("tr", {}, element("td", { colspan: columns, class: "empty" }, "暂无数据"));
      rows.replaceChildren(...(data.rows.length ? data.rows.map(row) : [empty]));
      drawPager(data.pages);
    }

    function drawPager(pages) {
      const first = Math.max(1, Math.min(page - 2, pages - 4));
      const numbers = [];
      for (let n = first; n <= Math.min(pages, first + 4); n++) {
        const button = turn(String(n), n, false);
        if (n === page) button.setAttribute("aria-current", "page");
        numbers.push(button);
      }
      pager.replaceChildren(turn("上一页", page - 1, page <= 1), ...numbers, turn("下一页", page + 1, page >= pages));
    }

    function turn(label, to, disabled) {
      return element("button", { type: "button", disabled, onclick: () => { page = to; load(); } }, label);
    }

    filters.addEventListener("submit", (event) => { event.preventDefault(); page = 1; load(); });
    filters.addEventListener("reset", () => setTimeout(() => { page = 1; load(); }));
    load();
    return { load };
  };

  window.PortalStatus = (status) => element("span", { class: "status", "data-status": status }, status);
})();
