// The keys of callers: made, switched off and on, held to networks. For who has the administrator's key.

import { ApiError, askJson } from "./api.js";
import { alarm, card, field, fill, h } from "./dom.js";
import { money, number, time } from "./text.js";

const PER_PAGE = 100;

/** @param {AbortSignal} signal */
export async function keysCard(signal) {
  const outcome = h("div", { "aria-live": "polite" });
  const body = h("tbody", {});
  const name = h("input", { name: "name", required: true, maxlength: 200, autocomplete: "off" });
  const networks = h("input", { name: "allowed_networks", placeholder: "192.0.2.0/24, 2001:db8::/32", autocomplete: "off" });
  const daily = h("input", { name: "numbers_per_day", inputmode: "numeric", pattern: "\\d*", placeholder: "no limit", autocomplete: "off" });
  const spend = h("input", { name: "spend_per_day", inputmode: "decimal", pattern: "\\d{1,9}(\\.\\d{1,9})?", placeholder: "no limit", autocomplete: "off" });
  const make = h(
    "form",
    { onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), create()) },
    h("div", { class: "row end" }, field("Name", name), field("Only from (networks)", networks), field("Numbers a day", daily), field("USD a day", spend), h("button", { type: "submit", class: "main" }, "Create a key")),
  );
  const head = ["Name", "State", "Only from", "Numbers a day", "USD a day", "Last used", ""].map((title) => h("th", { scope: "col" }, title || h("span", { class: "unseen" }, "Actions")));
  const table = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Keys" }, h("table", { class: "keys" }, h("thead", {}, h("tr", {}, ...head)), body));
  try {
    await show();
  } catch (error) {
    if (error instanceof ApiError && error.status !== 401) return card("Keys", alarm(error));
    throw error;
  }
  return card("Keys", make, outcome, table);

  async function show() {
    const { items } = await askJson("GET", "/v1/keys", { params: { per_page: PER_PAGE }, signal });
    fill(body, ...items.map(row));
  }

  /** @param {() => Promise<unknown>} action */
  async function tried(action) {
    try {
      await action();
      await show();
    } catch (error) {
      if (!signal.aborted) fill(outcome, alarm(error));
    }
  }

  function create() {
    return tried(async () => {
      const fields = { name: name.value, allowed_networks: listed(networks.value), numbers_per_day: daily.value ? Number(daily.value) : null, spend_per_day: spend.value || null };
      const made = await askJson("POST", "/v1/keys", { json: fields, signal });
      fill(outcome, h("div", { class: "note" }, h("p", {}, "This is the key. It is shown this once:"), h("p", {}, h("code", { class: "secret" }, made.key), " ", "clipboard" in navigator && copy(made.key))));
      for (const each of [name, networks, daily, spend]) each.value = "";
    });
  }

  /** @param {any} key */
  function row(key) {
    const change = (/** @type {object} */ fields) => tried(() => askJson("PATCH", `/v1/keys/${key.id}`, { json: fields, signal }));
    const allowed = h("input", { value: (key.allowed_networks ?? []).join(", "), placeholder: "anywhere", "aria-label": `Networks of ${key.name}`, autocomplete: "off", onchange: (/** @type {any} */ event) => change({ allowed_networks: listed(event.target.value) }) });
    const remove = () => confirm(`Delete the key “${key.name}” for good?`) && tried(() => askJson("DELETE", `/v1/keys/${key.id}`, { signal }));
    return h(
      "tr",
      {},
      h("th", { scope: "row" }, key.name),
      h("td", {}, h("span", { class: `state ${key.enabled ? "valid" : "canceled"}` }, key.enabled ? "enabled" : "disabled")),
      h("td", {}, allowed),
      h("td", { class: "figure" }, number(key.numbers_per_day)),
      h("td", { class: "figure" }, money(key.spend_per_day)),
      h("td", { class: "moment" }, time(key.last_used_at)),
      h("td", { class: "actions" }, h("button", { type: "button", onclick: () => change({ enabled: !key.enabled }) }, key.enabled ? "Disable" : "Enable"), h("button", { type: "button", class: "quiet", onclick: remove }, "Delete")),
    );
  }
}

/** Networks as they are typed; none is null. @param {string} text */
function listed(text) {
  const found = text.split(/[\s,;]+/).filter(Boolean);
  return found.length ? found : null;
}

/** @param {string} text */
function copy(text) {
  const button = h("button", { type: "button", onclick: () => void navigator.clipboard.writeText(text).then(copied) }, "Copy");
  return button;

  function copied() {
    fill(button, "Copied");
  }
}
