// One number, answered as typing stops, with every field in words.

import { askJson, isAborted } from "./api.js";
import { countrySelect } from "./countries.js";
import { alarm, card, field, fill, h, say, select, settled } from "./dom.js";
import { heading, shown } from "./text.js";

const TYPING_MS = 300;

/** @type {import("./app.js").View} */
export async function view(place, signal) {
  const { upstream } = await askJson("GET", "/readyz", { signal }).catch(() => ({ upstream: "away" }));
  let asking = new AbortController();
  const isFree = upstream === null;
  // What is typed may be on its way to become another number: it never costs anything.
  const look = settled(() => answer(isFree ? type.value : "format"), TYPING_MS);
  const text = h("input", { type: "tel", name: "phone_number", autocomplete: "off", maxlength: 250, placeholder: "+44 20 7946 0958", class: "large", oninput: look });
  const country = countrySelect("None: it is international", { name: "country", onchange: look });
  const type = select([["validation", "Validation: everything"], ["analysis", "Analysis: type, carrier, risk"], ["format", "Format: free"]], { name: "type", onchange: () => isFree && look() });
  const found = h("div", { "aria-live": "polite" });
  const paid = !isFree && h("div", { class: "row middle" }, h("button", { type: "submit", class: "main" }, "Look it up"), h("p", { class: "hint" }, "While you type only the format is looked at, which is free; a look-up may cost."));
  fill(
    place,
    h("h1", {}, "One number"),
    card("The number", h("form", { onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), answer(type.value)) }, field("Phone number", text), h("div", { class: "row" }, field("Country, if it is national", country), field("How deep to look", type)), paid)),
    found,
  );
  text.focus();

  /** @param {string} depth */
  async function answer(depth) {
    look.cancel();
    asking.abort();
    asking = new AbortController();
    if (!text.value.trim()) return fill(found);
    try {
      const params = { phone_number: text.value, type: depth, country: country.value, explain: "true" };
      const record = await askJson("GET", "/v1/validation", { params, signal: AbortSignal.any([asking.signal, signal]) });
      fill(found, card(record.is_valid ? "A valid number" : "Not a valid number", verdict(record), explanation(record)));
      say(record.is_valid ? `valid, ${record.e164_format}` : record.meanings.reason);
    } catch (error) {
      if (!isAborted(error)) fill(found, alarm(error));
    }
  }
}

/** @param {any} record */
function verdict(record) {
  const [main, more] = record.is_valid ? [record.e164_format, record.national_format] : [shown("reason", record.reason), record.meanings.reason.split("; ")[1]];
  return h("p", { class: `verdict ${record.is_valid ? "valid" : "invalid"}` }, h("strong", {}, main), " ", more);
}

/** @param {any} record */
function explanation({ meanings, ...record }) {
  const rows = Object.keys(meanings).map((name) =>
    h("tr", {}, h("th", { scope: "row" }, heading(name)), h("td", {}, shown(name, record[name])), h("td", { class: "meaning" }, meanings[name] ?? "")),
  );
  return h("div", { class: "scroll" }, h("table", { class: "explained" }, h("thead", {}, h("tr", {}, ...["Field", "Value", "What it says"].map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, ...rows)));
}
