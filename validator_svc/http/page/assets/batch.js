// One list: how it goes on, then what it holds.

import { askJson, follow, ApiError } from "./api.js";
import { bars, wholeBar } from "./charts.js";
import { alarm, card, facts, field, fill, h, say } from "./dom.js";
import { Downloads } from "./downloads.js";
import { RowTable } from "./table.js";
import { country, duration, money, number, percent, time, words } from "./text.js";
import { UNENDED } from "./wire.js";

// Over how long the rate is taken.
const RATE_MS = 10_000;

/** @type {import("./app.js").View} */
export async function view(place, signal, id) {
  const batch = await askJson("GET", `/v1/batches/${id}`, { signal });
  const shown = new Batch(place, signal, id, batch);
  shown.show(batch);
  await shown.follow();
}

class Batch {
  /** @param {HTMLElement} place @param {AbortSignal} signal @param {string} id @param {any} batch */
  constructor(place, signal, id, batch) {
    this.signal = signal;
    this.id = id;
    /** What the charts show. */
    this.drawn = "";
    /** @type {((value: unknown) => void) | undefined} */
    this.goOn = undefined;
    /** @type {[number, number][]} */
    this.seen = [];
    this.state = h("span", {});
    this.bar = h("progress", { max: 1, "aria-label": "Progress" });
    this.figures = h("div", {});
    this.why = h("div", {});
    this.connection = h("p", { class: "note", hidden: true }, "The connection to the service is lost; trying again…");
    this.actions = h("div", { class: "actions" });
    this.charts = h("div", { class: "charts" });
    this.downloads = new Downloads(id, batch, signal);
    this.rows = new RowTable(id, batch, signal);
    fill(
      place,
      h("h1", {}, batch.name || "Without a name", " ", this.state),
      h("p", { class: "hint" }, `${words(batch.type)}, sent ${time(batch.created_at)}, read as ${readAs(batch.read_as)}`),
      card("Progress", this.bar, this.figures, this.connection, this.why, this.actions),
      card("What it holds", this.charts),
      card("Download", this.downloads.element),
      card("Rows", this.rows.element),
    );
    this.rows.load();
  }

  async follow() {
    while (!this.signal.aborted) {
      try {
        await follow(`/v1/batches/${this.id}/events`, this.signal, (_, batch) => this.show(batch), (is) => this.connected(is));
      } catch (error) {
        if (this.signal.aborted) return;
        const isGone = error instanceof ApiError && error.status === 404;
        fill(this.why, alarm(isGone ? "This list is gone: it was deleted, or it expired." : error));
        return;
      }
      // It ended; who resumes or retries it follows it again.
      await new Promise((resolve) => (this.goOn = resolve));
    }
  }

  /** @param {boolean} is */
  connected(is) {
    this.connection.hidden = is;
    if (!is) say("The connection to the service is lost; trying again");
  }

  /** @param {any} batch */
  show(batch) {
    const before = this.batch;
    this.batch = batch;
    const answered = batch.count - batch.pending;
    if (before?.status !== batch.status) {
      this.showState(batch);
      say(`${batch.status}: ${number(answered)} of ${number(batch.count)}`);
    }
    this.bar.value = batch.count ? answered / batch.count : 1;
    this.bar.textContent = percent(answered, batch.count);
    this.showFigures(batch, answered);
    this.showCharts(batch, answered);
    this.rows.changed(batch);
  }

  /** @param {any} batch */
  showState(batch) {
    this.state.className = `state ${batch.status}`;
    fill(this.state, batch.status);
    this.downloads.changed(batch);
    const isBudget = batch.status === "paused" && (batch.why ?? "").startsWith("max_cost");
    fill(this.why, batch.why && h("p", { class: batch.status === "failed" ? "alarm" : "note" }, batch.why));
    const budget = h("input", { name: "max_cost", inputmode: "decimal", value: batch.max_cost ?? "", required: true, pattern: "\\d{1,9}(\\.\\d{1,9})?" });
    const resume = () => (!isBudget || budget.reportValidity()) && this.act("resume", isBudget ? { max_cost: budget.value } : {});
    const button = (/** @type {string} */ name, /** @type {() => unknown} */ onclick, kind = "") => h("button", { type: "button", class: kind, onclick }, name);
    fill(
      this.actions,
      isBudget && field("Spend at most (USD)", budget),
      batch.status === "paused" && button("Resume", resume, "main"),
      UNENDED.includes(batch.status) && button("Cancel", () => this.act("cancel")),
      ((batch.status === "success" && batch.unknown > 0) || batch.status === "failed") && button(batch.status === "failed" ? "Go on" : "Look up again what failed", () => this.act("retry")),
      button("Delete", () => this.remove(), "quiet"),
    );
  }

  /** @param {any} batch @param {number} answered */
  showFigures(batch, answered) {
    const now = performance.now();
    this.seen = [...this.seen.filter(([at]) => now - at < RATE_MS), [now, answered]];
    const [first, before] = this.seen[0];
    const rate = now > first ? (1_000 * (answered - before)) / (now - first) : null;
    const isOn = batch.status === "progress";
    fill(
      this.figures,
      facts([
        ["Answered", `${number(answered)} of ${number(batch.count)}`],
        ["A second", isOn && rate !== null ? number(Math.round(rate)) : "–"],
        ["Time left", isOn ? duration(batch.eta_s) : "–"],
        ["Duplicates", number(batch.duplicates)],
        ["From the cache", number(batch.cached)],
        ["Paid", number(batch.paid)],
        ["Spent", batch.max_cost ? `${money(batch.cost)} of ${money(batch.max_cost)}` : money(batch.cost), "total"],
        ["Saved", money(batch.saved)],
      ]),
    );
  }

  /** @param {any} batch @param {number} answered */
  showCharts(batch, answered) {
    /** @type {string} */
    const drawn = JSON.stringify([batch.valid, batch.invalid, batch.unknown, batch.risky, batch.summary]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    /** @type {(name: string, value: string) => void} */
    const choose = (name, value) => this.rows.choose(name, value);
    /** @type {(summary: Record<string, number>, field: string, name: (value: string) => string) => import("./charts.js").Part[]} */
    const parts = (summary, field, name) =>
      Object.entries(summary)
        .map(([value, count]) => /** @type {import("./charts.js").Part} */ (value ? { name: name(value), count, filter: [field, value] } : { name: "Others", count, kind: "rest" }))
        // An object of JavaScript has names that look like numbers first.
        .sort((one, other) => Number(!one.filter) - Number(!other.filter) || other.count - one.count);
    const found = batch.valid + batch.unknown;
    const { reason, country: countries, type, carrier } = batch.summary;
    const charts = /** @type {const} */ ([
      ["By country", parts(countries, "country_code", country), found],
      ["By type", parts(type, "phone_type", words), found],
      ["By carrier", parts(carrier, "carrier_name", String), found],
      ["Why invalid", parts(reason, "reason", words).map((part) => ({ ...part, kind: "invalid" })), batch.invalid],
    ]);
    fill(
      this.charts,
      wholeBar([
        { name: "Valid", count: batch.valid, kind: "valid" },
        { name: "Invalid", count: batch.invalid, kind: "invalid" },
        { name: "Unknown", count: batch.unknown, kind: "unknown" },
      ]),
      batch.risky !== null &&
        h("p", { class: "risky" }, h("strong", {}, percent(batch.risky, answered)), ` risky: ${number(batch.risky)} numbers of ranges that traffic pumping uses. `, batch.risky > 0 && h("button", { type: "button", class: "link", onclick: () => choose("only", "risky") }, "Show them")),
      ...charts.map(([title, some, all]) => some.length > 0 && bars(title, some, all, choose)),
    );
  }

  /** @param {string} action @param {import("./api.js").Params} [params] */
  async act(action, params) {
    try {
      const batch = await askJson("POST", `/v1/batches/${this.id}/${action}`, { params, signal: this.signal });
      this.show(batch);
      this.goOn?.(undefined);
    } catch (error) {
      if (!this.signal.aborted) fill(this.why, alarm(error));
    }
  }

  async remove() {
    if (!confirm("Delete this list, its rows and its answers for good?")) return;
    try {
      await askJson("DELETE", `/v1/batches/${this.id}`, { signal: this.signal });
      location.hash = "#/batches";
    } catch (error) {
      if (!this.signal.aborted) fill(this.why, alarm(error));
    }
  }
}

/** @param {any} read */
function readAs(read) {
  const told = [read.format, read.encoding, read.column && `column ${read.column}`, read.sheet && `sheet ${read.sheet}`, read.country && `country ${read.country}`];
  return told.filter(Boolean).join(", ");
}
