// The rows of a list, searched and filtered by the service, a page of them at a time.

import { askJson, isAborted } from "./api.js";
import { COUNTRIES } from "./countries.js";
import { alarm, field, fill, h, say, select, settled } from "./dom.js";
import { heading, number, shown, words } from "./text.js";
import { FAILURES, OUTCOMES, REASONS, TYPES } from "./wire.js";

const PER_PAGE = 100;
const TYPING_MS = 300;
// Fields of the record that have no column; the number as it was sent is among the row's own.
const LEFT_OUT = new Set(["phone_number", "is_valid", "unallocated_range", "error_code", "checked_at"]);

export class RowTable {
  /** @param {string} id @param {any} batch @param {AbortSignal} signal */
  constructor(id, batch, signal) {
    this.id = id;
    this.signal = signal;
    this.isWhole = batch.pending === 0;
    this.isStale = false;
    this.asking = new AbortController();
    /** Where the pages before this one begin. @type {number[]} */
    this.before = [];
    this.offset = 0;
    /** @type {number | null} */
    this.next = null;
    const again = () => this.first();
    const choice = (/** @type {string} */ name, /** @type {string[]} */ values) => select([["", "All"], ...values.map((value) => /** @type {[string, string]} */ ([value, words(value)]))], { name, onchange: again });
    /** @type {Record<string, HTMLInputElement | HTMLSelectElement>} */
    this.filters = {
      q: h("input", { type: "search", name: "q", autocomplete: "off", oninput: settled(again, TYPING_MS) }),
      only: choice("only", OUTCOMES),
      country_code: select([["", "All"], ...COUNTRIES], { name: "country_code", onchange: again }),
      phone_type: choice("phone_type", TYPES),
      carrier_name: h("input", { name: "carrier_name", autocomplete: "off", placeholder: "exact name", onchange: again }),
      reason: choice("reason", REASONS),
    };
    this.goTo = h("input", { name: "row", inputmode: "numeric", class: "short", autocomplete: "off", onchange: () => this.jump() });
    this.told = h("p", { class: "hint", role: "status" });
    this.grid = h("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Rows of the list" });
    this.back = h("button", { type: "button", onclick: () => this.turnBack() }, "Previous");
    this.forth = h("button", { type: "button", onclick: () => this.turn() }, "Next");
    const names = { q: "Search", only: "Outcome", country_code: "Country", phone_type: "Type", carrier_name: "Carrier", reason: "Reason" };
    this.element = h(
      "div",
      {},
      h("div", { class: "row filters" }, ...Object.entries(names).map(([name, title]) => field(title, this.filters[name])), h("button", { type: "button", class: "quiet", onclick: () => this.clear() }, "Clear")),
      this.told,
      this.grid,
      h("div", { class: "actions" }, this.back, this.forth, h("label", { class: "inline" }, "Go to row ", this.goTo)),
    );
  }

  /** @param {string} name @param {string} value */
  choose(name, value) {
    for (const [each, control] of Object.entries(this.filters)) control.value = each === name ? value : "";
    this.first();
    this.element.scrollIntoView({ block: "start" });
    this.grid.focus({ preventScroll: true });
  }

  clear() {
    for (const control of Object.values(this.filters)) control.value = "";
    this.goTo.value = "";
    this.first();
  }

  /** While the list grows, its first page does. @param {any} batch */
  changed(batch) {
    const isWhole = batch.pending === 0;
    const isNew = isWhole !== this.isWhole || (!this.shown && batch.pending < batch.count);
    this.isWhole = isWhole;
    this.isStale ||= isNew;
    this.refresh();
  }

  /** What changed while the first page was asked for is asked for after it. */
  refresh() {
    if (this.isStale && this.offset === 0 && !this.isAsking) this.load();
  }

  first() {
    this.before = [];
    this.offset = 0;
    this.load();
  }

  turn() {
    if (this.next === null) return;
    this.before.push(this.offset);
    this.offset = this.next;
    this.load();
  }

  turnBack() {
    this.offset = this.before.pop() ?? 0;
    this.load();
  }

  jump() {
    const row = Math.floor(Number(this.goTo.value.replace(/\D/g, "")));
    if (!row) return;
    this.before.push(this.offset);
    this.offset = row - 1;
    this.load();
  }

  /** Show the page that begins at the offset: each answer takes little time, so it may take several. */
  async load() {
    this.asking.abort();
    this.asking = new AbortController();
    const signal = AbortSignal.any([this.asking.signal, this.signal]);
    const params = Object.fromEntries(Object.entries(this.filters).map(([name, control]) => [name, control.value.trim()]));
    this.isAsking = true;
    this.isStale = false;
    /** @type {any[]} */
    let items = [];
    /** @type {number | null} */
    let offset = this.offset;
    try {
      while (offset !== null && items.length < PER_PAGE) {
        /** @type {any} */
        const answer = await askJson("GET", `/v1/batches/${this.id}/rows`, { params: { ...params, offset, per_page: PER_PAGE - items.length }, signal });
        if (signal.aborted) return;
        items = [...items, ...answer.items];
        offset = answer.next;
        this.showRows(answer, items, offset);
      }
      this.isAsking = false;
      this.refresh();
    } catch (error) {
      if (isAborted(error)) return;
      this.isAsking = false;
      fill(this.told, alarm(error));
    }
  }

  /** @param {any} answer @param {any[]} items @param {number | null} next */
  showRows({ columns, column, count }, items, next) {
    this.next = next;
    this.shown = items.length;
    this.back.disabled = this.before.length === 0;
    this.forth.disabled = next === null;
    const isSearching = next !== null && items.length < PER_PAGE;
    const range = items.length > 0 && `Rows ${number(items[0].row + 1)} to ${number(items[items.length - 1].row + 1)} of ${number(count)}`;
    fill(this.told, isSearching ? `Searched ${number(next)} of ${number(count)} rows, ${number(items.length)} found so far…` : range || "No row is like that.");
    if (!isSearching && items.length === 0) say("No row is like that");
    const fields = Object.keys(items[0]?.record ?? {}).filter((name) => !LEFT_OUT.has(name));
    const head = [h("th", { scope: "col" }, "Row"), h("th", { scope: "col" }, "Outcome"), ...columns.map((/** @type {string} */ name, /** @type {number} */ at) => h("th", { scope: "col", class: at === column && "phone" }, name)), ...fields.map((name) => h("th", { scope: "col" }, heading(name)))];
    const rows = items.map(({ row, cells, record }) =>
      h("tr", {}, h("th", { scope: "row", class: "figure" }, number(row + 1)), h("td", {}, outcome(record)), ...columns.map((/** @type {string} */ _, /** @type {number} */ at) => h("td", { class: at === column && "phone" }, cells[at] ?? "")), ...fields.map((name) => h("td", {}, shown(name, record[name])))),
    );
    fill(this.grid, h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)));
  }
}

/** @param {any} record */
function outcome(record) {
  if (FAILURES.includes(record.error_code)) return h("span", { class: "state unknown" }, "unknown");
  return record.is_valid ? h("span", { class: "state valid" }, "valid") : h("span", { class: "state invalid" }, "invalid");
}
