// Pictures of what a list holds: bars, in SVG. Every figure stands beside its bar as text.

import { h, svg } from "./dom.js";
import { number, percent } from "./text.js";

/** @typedef {{ name: string, count: number, kind?: string, filter?: [string, string] }} Part */
/** @typedef {(name: string, value: string) => void} Choose */

/**
 * Parts of a whole as one bar, with a legend.
 * @param {Part[]} parts
 */
export function wholeBar(parts) {
  const all = parts.reduce((sum, part) => sum + part.count, 0);
  let at = 0;
  const bars = parts.map((part) => {
    const width = all ? (100 * part.count) / all : 0;
    const bar = svg("rect", { x: `${at}%`, width: `${width}%`, height: "100%", class: part.kind });
    at += width;
    return bar;
  });
  const legend = parts.map((part) => h("li", { class: part.kind }, h("strong", {}, part.name), ` ${number(part.count)} `, h("span", {}, percent(part.count, all))));
  return h("figure", { class: "whole" }, svg("svg", { "aria-hidden": "true" }, ...bars), h("ul", {}, ...legend));
}

/**
 * Counts as bars under each other, the greatest first; `choose` gets the filter of the one that is chosen.
 * @param {string} title
 * @param {Part[]} parts
 * @param {number} all what they are a share of
 * @param {Choose} choose
 * @param {number} [most] how many are shown; the rest is one bar
 */
export function bars(title, parts, all, choose, most = 8) {
  const shown = parts.slice(0, most);
  const rest = parts.slice(most).reduce((sum, part) => sum + part.count, 0);
  if (rest) shown.push({ name: `${number(parts.length - most)} more`, count: rest, kind: "rest" });
  const greatest = Math.max(...shown.map((part) => part.count), 1);
  const rows = shown.map((part) =>
    h("li", {}, label(part, choose), svg("svg", { "aria-hidden": "true" }, svg("rect", { width: `${(100 * part.count) / greatest}%`, height: "100%", class: part.kind })), h("span", { class: "figure" }, `${number(part.count)} · ${percent(part.count, all)}`)),
  );
  return h("figure", { class: "bars" }, h("figcaption", {}, title), h("ul", {}, ...rows));
}

/** @param {Part} part @param {Choose} choose */
function label({ name, filter }, choose) {
  if (!filter) return h("span", {}, name);
  return h("button", { type: "button", class: "link", title: `Show these rows: ${name}`, onclick: () => choose(...filter) }, name);
}
