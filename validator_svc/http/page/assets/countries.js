// The countries in which a number without its calling code can be read.

import { select } from "./dom.js";
import { country } from "./text.js";
import { COUNTRY_CODES } from "./wire.js";

/** Codes with names, by name. @type {[string, string][]} */
export const COUNTRIES = COUNTRY_CODES.map((code) => /** @type {[string, string]} */ ([code, country(code)])).sort((one, other) => one[1].localeCompare(other[1]));

/**
 * A choice of a country.
 * @param {string} none what it is called when none is chosen
 * @param {import("./dom.js").Attributes} [attributes]
 */
export function countrySelect(none, attributes = {}) {
  return select([["", none], ...COUNTRIES], attributes);
}
