// For operators: what goes on, what was spent and saved, and the keys.

import { ApiError, askJson } from "./api.js";
import { alarm, card, facts, fill, h, svg } from "./dom.js";
import { keysCard } from "./keys.js";
import { date, money, number, percent, words } from "./text.js";

const SOON_MS = 5_000;
const DAYS = 14;
const WORKS = "closed";

/** @type {import("./app.js").View} */
export async function view(place, signal) {
  const now = h("div", {});
  const used = h("div", {});
  let isRefused = false;
  fill(place, h("h1", {}, "Operators"), card("Now", now), card("Spent and saved", used));
  await show();
  place.append(await keysCard(signal));
  refresh();

  function refresh() {
    setTimeout(async () => {
      if (signal.aborted || isRefused) return;
      await show();
      refresh();
    }, SOON_MS);
  }

  async function show() {
    await Promise.all([shown(now, showNow), shown(used, showUsed)]);
  }

  /** @param {HTMLElement} part @param {(part: HTMLElement, signal: AbortSignal) => Promise<void>} show */
  async function shown(part, show) {
    try {
      await show(part, signal);
    } catch (error) {
      if (signal.aborted) return;
      // Who does not sign in is not asked all the time.
      isRefused ||= error instanceof ApiError && error.status === 401;
      fill(part, alarm(error instanceof ApiError && error.status === 403 ? "This needs the administrator's key." : error));
    }
  }
}

/** @param {HTMLElement} part @param {AbortSignal} signal */
async function showNow(part, signal) {
  const [{ batches, pending, upstreams }, ready] = await Promise.all([askJson("GET", "/v1/overview", { signal }), readiness(signal)]);
  fill(
    part,
    facts([
      ["Service", ready, ready === "ready" ? "good" : "bad"],
      ["Lists", number(batches.total)],
      ["Waiting to begin", number(batches.queued)],
      ["Being worked", number(batches.progress)],
      ["Paused", number(batches.paused)],
      ["Numbers in the queue", number(pending)],
    ]),
    upstreams.length === 0
      ? h("p", { class: "hint" }, "No live source is set up: all answers come from the numbering plan, for free.")
      : h("ul", { class: "upstreams" }, ...upstreams.map((/** @type {any} */ { name, state }) => h("li", {}, h("strong", {}, name), " ", h("span", { class: `state ${state === WORKS ? "valid" : "invalid"}` }, state === WORKS ? "works" : words(state))))),
  );
}

/** @param {AbortSignal} signal */
async function readiness(signal) {
  try {
    return (await askJson("GET", "/readyz", { signal })).status;
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

/** @param {HTMLElement} part @param {AbortSignal} signal */
async function showUsed(part, signal) {
  const { stats } = await askJson("GET", "/v1/usage", { params: { per_page: 1 }, signal });
  const asked = stats.cached + stats.paid;
  const days = stats.days.slice(-DAYS).sort((/** @type {any} */ one, /** @type {any} */ other) => one.date.localeCompare(other.date));
  fill(
    part,
    facts([
      ["Numbers, 30 days", number(stats.count)],
      ["Paid", number(stats.paid)],
      ["From the cache", number(stats.cached)],
      ["Cache hit rate", percent(stats.cached, asked)],
      ["Spent", money(stats.amount), "total"],
      ["Saved", money(stats.saved), "good"],
    ]),
    days.length > 0 && dayTable(days),
  );
}

/** Each day with its bars. @param {any[]} days */
function dayTable(days) {
  const most = Math.max(...days.map((day) => Math.max(Number(day.amount), Number(day.saved))), 1e-9);
  const bar = (/** @type {string} */ value, /** @type {string} */ kind) => svg("svg", { "aria-hidden": "true", class: "small" }, svg("rect", { width: `${(100 * Number(value)) / most}%`, height: "100%", class: kind }));
  const figure = (/** @type {string} */ name) => h("th", { scope: "col", class: "figure" }, name);
  const head = [h("th", { scope: "col" }, "Day"), figure("Numbers"), figure("Spent"), h("td", {}), figure("Saved"), h("td", {})];
  const rows = days.map((day) =>
    h("tr", {}, h("th", { scope: "row", class: "moment" }, date(day.date)), h("td", { class: "figure" }, number(day.count)), h("td", { class: "figure" }, money(day.amount)), h("td", { class: "bar" }, bar(day.amount, "")), h("td", { class: "figure" }, money(day.saved)), h("td", { class: "bar" }, bar(day.saved, "valid"))),
  );
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Days" }, h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows)));
}
