// The countries in which a number without its calling code can be read.

import { select } from "./dom.js";
import { country } from "./text.js";

// ISO 3166-1 has these, but they have no numbers of their own.
const NONE = new Set(["AN", "AQ", "BU", "BV", "CP", "CQ", "CS", "DD", "DG", "EA", "EU", "EZ", "FX", "GS", "HM", "IC", "NT"]);
const MORE = ["PN", "QO", "QU", "SU", "TF", "TP", "UK", "UM", "UN", "XA", "XB", "YD", "YU", "ZR", "ZZ"];
MORE.forEach((code) => NONE.add(code));
const LETTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** Codes with names, by name. @type {[string, string][]} */
export const COUNTRIES = LETTERS.flatMap((first) => LETTERS.map((second) => first + second))
  .filter((code) => !NONE.has(code) && country(code) !== code)
  .map((code) => /** @type {[string, string]} */ ([code, country(code)]))
  .sort((one, other) => one[1].localeCompare(other[1]));

/**
 * A choice of a country.
 * @param {string} none what it is called when none is chosen
 * @param {import("./dom.js").Attributes} [attributes]
 */
export function countrySelect(none, attributes = {}) {
  return select([["", none], ...COUNTRIES], attributes);
}
