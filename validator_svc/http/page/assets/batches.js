// All lists, the newest first.

import { ApiError, askJson } from "./api.js";
import { fill, h } from "./dom.js";
import { money, number, time } from "./text.js";

const SOON_MS = 3_000;

/** @type {import("./app.js").View} */
export async function view(place, signal, argument) {
  const page = Math.max(1, Number(argument) || 1);
  const body = h("tbody", {});
  const turns = h("nav", { class: "actions", "aria-label": "Pages" });
  const head = ["List", "State", "Numbers", "Valid", "Invalid", "Spent", "Sent"].map((name) => h("th", { scope: "col" }, name));
  const table = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Lists" }, h("table", {}, h("thead", {}, h("tr", {}, ...head)), body));
  const list = await askJson("GET", "/v1/batches", { params: { page, per_page: 25 }, signal });
  fill(place, h("h1", {}, "Lists"), list.items.length ? table : h("p", {}, "There is none yet. ", h("a", { href: "#/new" }, "Validate a list")), turns);
  show(body, turns, list);
  refresh();

  function refresh() {
    setTimeout(async () => {
      if (signal.aborted) return;
      try {
        show(body, turns, await askJson("GET", "/v1/batches", { params: { page, per_page: 25 }, signal }));
      } catch (error) {
        // Who does not sign in again is not asked all the time. One that is away may be there the next time.
        if (error instanceof ApiError && error.status === 401) return;
      }
      refresh();
    }, SOON_MS);
  }
}

/** @param {HTMLElement} body @param {HTMLElement} turns @param {any} list */
function show(body, turns, { items, pagination: { current_page: page, total_pages: pages } }) {
  const focused = document.activeElement?.getAttribute("href");
  fill(body, ...items.map(row));
  if (focused) /** @type {HTMLElement | null} */ (body.querySelector(`a[href="${CSS.escape(focused)}"]`))?.focus();
  fill(
    turns,
    page > 1 && h("a", { class: "button", href: `#/batches/${page - 1}` }, "Newer"),
    page < pages && h("a", { class: "button", href: `#/batches/${page + 1}` }, "Older"),
  );
}

/** @param {any} batch */
function row(batch) {
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("a", { href: `#/batch/${batch.request_uuid}` }, batch.name || "Without a name")),
    h("td", {}, h("span", { class: `state ${batch.status}` }, batch.status)),
    h("td", { class: "figure" }, number(batch.count)),
    h("td", { class: "figure" }, number(batch.valid)),
    h("td", { class: "figure" }, number(batch.invalid)),
    h("td", { class: "figure" }, money(batch.cost)),
    h("td", { class: "moment" }, time(batch.created_at)),
  );
}
