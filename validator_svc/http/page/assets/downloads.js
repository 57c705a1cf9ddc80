// Downloads: which rows, in which format. Without a key a plain link, which the browser writes to the disk
// as it comes; with one it is asked for with the key in the header, which no link can have.

import { ask, urlOf } from "./api.js";
import { alarm, field, fill, h, select } from "./dom.js";
import { key } from "./sign_in.js";
import { words } from "./text.js";
import { OUTCOMES, UNENDED } from "./wire.js";

const FORMATS = /** @type {[string, string, Record<string, string>, string][]} */ ([
  ["csv", "CSV", { format: "csv" }, ".csv"],
  ["excel", "CSV for Excel", { format: "csv", dialect: "excel" }, ".csv"],
  ["xlsx", "Excel workbook", { format: "xlsx" }, ".xlsx"],
  ["ndjson", "NDJSON", { format: "ndjson" }, ".ndjson"],
]);
const ROWS = /** @type {[string, string][]} */ ([["", "All rows"], ...OUTCOMES.map((name) => [name, words(name)])]);
const RELEASE_MS = 60_000;

export class Downloads {
  /** @param {string} id @param {any} batch @param {AbortSignal} signal */
  constructor(id, batch, signal) {
    this.id = id;
    this.name = batch.name.replace(/\.\w+$/, "") || id;
    this.signal = signal;
    this.rows = select(ROWS, { name: "only", onchange: () => this.update() });
    this.format = select(FORMATS.map(([value, name]) => [value, name]), { name: "format", onchange: () => this.update() });
    this.link = h("a", { class: "button main", onclick: (/** @type {Event} */ event) => this.fetched(event) }, "Download");
    this.outcome = h("div", { "aria-live": "polite" });
    this.element = h("div", {}, h("div", { class: "row end" }, field("Rows", this.rows), field("Format", this.format), this.link), this.outcome);
    this.update();
  }

  /** @param {any} batch */
  changed(batch) {
    const isOn = UNENDED.includes(batch.status);
    for (const option of this.format.options) option.disabled = isOn && option.value === "xlsx";
    fill(this.outcome, isOn && h("p", { class: "hint" }, "A download follows the list until it ends; a workbook comes then."));
  }

  update() {
    const [, , params, ending] = FORMATS[this.format.selectedIndex];
    this.url = urlOf(`/v1/batches/${this.id}/results`, { ...params, only: this.rows.value });
    this.file = `${this.name}.results${this.rows.value && `.${this.rows.value}`}${ending}`;
    this.link.href = this.url;
    this.link.download = this.file;
  }

  /** @param {Event} event */
  async fetched(event) {
    if (!key() || this.link.href.startsWith("blob:")) return;
    event.preventDefault();
    const { url = "", file = "" } = this;
    fill(this.outcome, h("p", { class: "hint" }, "Downloading…"));
    try {
      const response = await ask("GET", url, { signal: this.signal });
      const link = h("a", { href: URL.createObjectURL(await response.blob()), download: file });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), RELEASE_MS);
      fill(this.outcome);
    } catch (error) {
      if (!this.signal.aborted) fill(this.outcome, alarm(error));
    }
  }
}
