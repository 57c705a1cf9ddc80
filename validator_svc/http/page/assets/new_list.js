// A new list in three steps: the numbers, how they are read, what it costs.

import { askJson, isAborted } from "./api.js";
import { COUNTRIES } from "./countries.js";
import { alarm, card, facts, field, fill, h, say, select, settled } from "./dom.js";
import { beginningOf, fromFile, fromText } from "./source.js";
import { bytes, money, number, words } from "./text.js";

const TYPING_MS = 400;
const SHOWN = 8;
// Larger ones are sent for an estimate only when asked to.
const AT_ONCE = 5_000_000;

/** @type {[string, string, string][]} */
const DEPTHS = [
  ["format", "Format", "Is it a number, of which country? Always free."],
  ["analysis", "Analysis", "Also the type of line, the carrier and the risk."],
  ["validation", "Validation", "Also whether the phone is reachable now."],
];

/** @type {import("./app.js").View} */
export function view(place, signal) {
  new NewList(place, signal).show();
}

class NewList {
  /** @param {HTMLElement} place @param {AbortSignal} signal */
  constructor(place, signal) {
    this.place = place;
    this.ended = signal;
    /** @type {import("./source.js").Source | null} */
    this.source = null;
    this.asking = new AbortController();
    this.text = h("textarea", { rows: 6, spellcheck: "false", placeholder: "+6281234567000\n+44 20 7946 0958", oninput: settled(() => this.takeText(), TYPING_MS) });
    this.file = h("input", { type: "file", id: "file", class: "unseen", onchange: (/** @type {any} */ event) => this.takeFile(event.target.files[0]) });
    this.chosen = h("p", { class: "chosen", hidden: true });
    this.reading = h("div", {});
    this.estimate = h("div", { "aria-live": "polite" });
    this.column = select([["", "Found by itself"]], { name: "column", onchange: () => this.read() });
    this.header = select([["", "Seen by itself"], ["true", "Yes"], ["false", "No"]], { name: "header", onchange: () => this.read() });
    this.country = h("select", { name: "country", onchange: () => this.read() });
    this.sheet = h("input", { name: "sheet", onchange: () => this.read() });
    this.sheetField = field("Sheet", this.sheet);
    this.sheetField.hidden = true;
    this.budget = h("input", { name: "max_cost", inputmode: "decimal", placeholder: "no limit", pattern: "\\d{1,9}(\\.\\d{1,9})?", autocomplete: "off" });
    this.depth = h("fieldset", { class: "choices", onchange: () => this.price() }, h("legend", {}, "How deep to look"), ...DEPTHS.map(depthChoice));
    this.start = h("button", { type: "button", class: "main", onclick: () => this.send() }, "Validate");
    this.outcome = h("div", {});
  }

  show() {
    const drop = h(
      "div",
      { class: "drop", ondragover: (/** @type {DragEvent} */ event) => this.onDrag(event, true), ondragleave: (/** @type {DragEvent} */ event) => this.onDrag(event, false), ondrop: (/** @type {DragEvent} */ event) => this.onDrop(event) },
      field("Paste numbers", this.text, "One a line, or rows copied from a spreadsheet."),
      h("p", { class: "or" }, "or drop a file here, or ", this.file, h("label", { for: "file", class: "button" }, "choose a file")),
      h("p", { class: "hint" }, "CSV, Excel, NDJSON, JSON or text; gzip and zstd, too."),
      this.chosen,
    );
    this.how = card("2. How it is read", h("div", { class: "row" }, field("Column with the numbers", this.column), field("First row has names", this.header), field("Country of national numbers", this.country), this.sheetField), this.reading);
    this.cost = card("3. What it costs", this.depth, this.estimate, h("div", { class: "row end" }, field("Spend at most (USD)", this.budget), this.start), h("p", { class: "hint" }, "With a limit the list pauses before it costs more."), this.outcome);
    this.how.hidden = this.cost.hidden = true;
    this.fillCountries([]);
    fill(this.place, h("h1", {}, "Validate a list"), card("1. The numbers", drop), this.how, this.cost);
  }

  /** @param {DragEvent} event @param {boolean} isOver */
  onDrag(event, isOver) {
    event.preventDefault();
    /** @type {HTMLElement} */ (event.currentTarget).classList.toggle("over", isOver);
  }

  /** @param {DragEvent} event */
  onDrop(event) {
    this.onDrag(event, false);
    this.takeFile(event.dataTransfer?.files[0]);
  }

  /** @param {File | undefined} file */
  takeFile(file) {
    if (!file) return;
    this.text.value = "";
    this.chosen.hidden = false;
    const remove = h("button", { type: "button", class: "quiet", onclick: () => this.take(null) }, "Remove");
    fill(this.chosen, h("strong", {}, file.name), ` (${bytes(file.size)}) `, remove);
    this.take(fromFile(file));
  }

  takeText() {
    this.take(this.text.value.trim() ? fromText(this.text.value) : null);
  }

  /** @param {import("./source.js").Source | null} source */
  take(source) {
    this.source = source;
    this.file.value = "";
    if (!(source?.content instanceof File)) this.chosen.hidden = true;
    this.column.value = this.header.value = this.sheet.value = "";
    fill(this.column, h("option", { value: "" }, "Found by itself"));
    if (this.country.value.startsWith("column:")) this.country.value = "";
    fill(this.outcome);
    this.read();
  }

  get type() {
    return /** @type {HTMLInputElement} */ (this.depth.querySelector("input:checked")).value;
  }

  /** How the list is to be read. */
  get params() {
    return { name: this.source?.name, column: this.column.value, header: this.header.value, country: this.country.value, sheet: this.sheet.value };
  }

  /** A signal for what is asked now; what was asked before is not waited for any more. */
  again() {
    this.asking.abort();
    this.asking = new AbortController();
    return AbortSignal.any([this.asking.signal, this.ended]);
  }

  async read() {
    const signal = this.again();
    // Without names there is no column of that name.
    if (this.header.value === "false" && this.country.value.startsWith("column:")) this.country.value = "";
    if (this.how && this.cost) this.how.hidden = this.cost.hidden = this.source === null;
    fill(this.estimate);
    this.start.disabled = true;
    if (!this.source) return;
    try {
      const body = await beginningOf(this.source);
      const preview = await askJson("POST", "/v1/preview", { params: { type: "format", ...this.params }, body, signal });
      if (signal.aborted) return;
      this.showPreview(preview);
      await this.price();
    } catch (error) {
      if (!isAborted(error)) this.showUnread(error);
    }
  }

  /** @param {unknown} error */
  showUnread(error) {
    const other = h("input", { name: "other-column", placeholder: "name, or 1 for the first" });
    const use = () => {
      if (!other.value.trim()) return;
      this.column.append(h("option", { value: other.value.trim() }, other.value.trim()));
      this.column.value = other.value.trim();
      this.read();
    };
    fill(this.reading, alarm(error), h("div", { class: "row end" }, field("Name the column", other), h("button", { type: "button", onclick: use }, "Read again")));
  }

  /** @param {any} preview */
  showPreview({ read_as: readAs, columns, column, items }) {
    const chosen = this.column.value;
    const isNamed = readAs.header !== false;
    const options = columns.map((/** @type {string} */ name, /** @type {number} */ at) => h("option", { value: isNamed ? name : at + 1 }, isNamed ? name : `Column ${at + 1}`));
    const isTable = columns.length > 1 || readAs.column !== null;
    fill(this.column, h("option", { value: "" }, isTable ? `Found: ${isNamed ? columns[column] : `column ${column + 1}`}` : "Only one"), ...(isTable ? options : []));
    this.column.value = chosen;
    this.header.disabled = readAs.header === null && readAs.format !== "text";
    this.header.options[0].textContent = readAs.header === null ? "Seen by itself" : `Seen: ${readAs.header ? "yes" : "no"}`;
    this.sheetField.hidden = readAs.format !== "xlsx";
    this.sheet.placeholder = readAs.sheet ?? "";
    this.fillCountries(isTable && isNamed ? columns : []);
    const told = [readAs.format.toUpperCase(), readAs.encoding, readAs.sheet && `sheet ${readAs.sheet}`];
    const valid = (/** @type {any} */ record) => (record.is_valid ? h("span", { class: "good" }, record.e164_format) : h("span", { class: "bad" }, words(record.reason)));
    const head = columns.map((/** @type {string} */ name, /** @type {number} */ at) => h("th", { scope: "col", class: at === column && "phone" }, name));
    const rows = items.slice(0, SHOWN).map((/** @type {any} */ row) =>
      h("tr", {}, ...columns.map((/** @type {string} */ _, /** @type {number} */ at) => h("td", { class: at === column && "phone" }, row.cells[at] ?? "")), h("td", {}, valid(row.record))),
    );
    fill(
      this.reading,
      h("p", { class: "hint" }, `Read as ${told.filter(Boolean).join(", ")}.`),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "The first rows" }, h("table", {}, h("thead", {}, h("tr", {}, ...head, h("th", { scope: "col" }, "Read as"))), h("tbody", {}, ...rows))),
    );
  }

  /** @param {string[]} columns */
  fillCountries(columns) {
    const before = this.country.value;
    const named = columns.length > 1 && h("optgroup", { label: "Each row has its own, in column" }, ...columns.map((name) => h("option", { value: `column:${name}` }, name)));
    fill(this.country, h("option", { value: "" }, "None: all are international"), named, h("optgroup", { label: "All are of" }, ...COUNTRIES.map(([code, name]) => h("option", { value: code }, name))));
    this.country.value = before;
    if (this.country.selectedIndex < 0) this.country.value = "";
  }

  async price() {
    if (!this.source) return;
    if (this.source.content.size > AT_ONCE) {
      const ask = h("button", { type: "button", onclick: () => this.askPrice() }, "Estimate");
      fill(this.estimate, h("p", {}, `The file is large (${bytes(this.source.content.size)}): `, ask));
      this.start.disabled = false;
      return;
    }
    await this.askPrice();
  }

  async askPrice() {
    if (!this.source) return;
    const signal = this.again();
    fill(this.estimate, h("p", { class: "hint" }, "Estimating…"));
    try {
      const estimate = await askJson("POST", "/v1/estimate", { params: { type: this.type, ...this.params }, body: this.source.content, signal });
      if (!signal.aborted) this.showEstimate(estimate);
    } catch (error) {
      if (!isAborted(error)) fill(this.estimate, alarm(error));
    }
  }

  /** @param {any} estimate */
  showEstimate(estimate) {
    const reasons = Object.entries(estimate.summary.reason).map(([reason, count]) => `${words(reason)} ${number(Number(count))}`);
    const column = estimate.country_column;
    const suggestion = column && h("p", { class: "note" }, `Column “${column}” looks like countries. `, h("button", { type: "button", onclick: () => this.useCountries(column) }, "Use it"));
    const assumed = estimate.assumed_international > 0 && !this.country.value && h("p", { class: "note" }, `${number(estimate.assumed_international)} have no + and no country, and are read as international.`);
    fill(
      this.estimate,
      facts([
        ["Numbers", number(estimate.count)],
        ["Valid", number(estimate.valid), "good"],
        ["Invalid", number(estimate.invalid), "bad"],
        ["Duplicates", number(estimate.duplicates)],
        ["Known already", number(estimate.cached)],
        ["To be paid", number(estimate.billable)],
        ["Cost", money(estimate.cost), "total"],
      ]),
      reasons.length > 0 && h("p", { class: "hint" }, `Invalid: ${reasons.join(", ")}.`),
      suggestion,
      assumed,
    );
    this.start.disabled = false;
    say(`${number(estimate.count)} numbers, ${number(estimate.valid)} valid, ${number(estimate.invalid)} invalid, cost ${money(estimate.cost)}`);
  }

  /** @param {string} column */
  useCountries(column) {
    this.country.value = `column:${column}`;
    this.read();
  }

  async send() {
    if (!this.source || !this.budget.reportValidity()) return;
    this.start.disabled = true;
    fill(this.outcome, h("p", { class: "hint" }, "Sending…"));
    try {
      const params = { type: this.type, ...this.params, max_cost: this.budget.value };
      const made = await askJson("POST", "/v1/batches", { params, body: this.source.content, signal: this.ended });
      location.hash = `#/batch/${made.request_uuid}`;
    } catch (error) {
      if (!isAborted(error)) fill(this.outcome, alarm(error));
      this.start.disabled = false;
    }
  }
}

/** @param {[string, string, string]} depth @param {number} at */
function depthChoice([value, name, hint], at) {
  return h("label", {}, h("input", { type: "radio", name: "type", value, checked: at === 1 }), h("span", {}, h("strong", {}, name), h("small", {}, hint)));
}
