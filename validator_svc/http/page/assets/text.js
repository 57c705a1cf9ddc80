// Words and figures, as the browser's locale has them.

const whole = new Intl.NumberFormat();
const share = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const usd = new Intl.NumberFormat(undefined, { style: "currency", currency: "USD", maximumFractionDigits: 6 });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const regions = new Intl.DisplayNames(undefined, { type: "region" });

/** @param {number | null | undefined} value */
export const number = (value) => (value === null || value === undefined ? "–" : whole.format(value));

/** @param {number} part @param {number} all */
export const percent = (part, all) => (all ? share.format(part / all) : "–");

/** @param {string | number | null | undefined} value USD as a decimal */
export const money = (value) => (value === null || value === undefined ? "–" : usd.format(Number(value)));

/** @param {string | null} value RFC 3339 */
export const time = (value) => (value ? moment.format(new Date(value)) : "–");

/** @param {string} value a date, ISO 8601, UTC */
export const date = (value) => day.format(new Date(`${value}T00:00:00Z`));

/** @param {string} code ISO 3166-1 alpha-2 */
export function country(code) {
  try {
    return regions.of(code) ?? code;
  } catch {
    return code;
  }
}

/** @param {number | null} seconds */
export function duration(seconds) {
  if (seconds === null) return "–";
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours) return `${whole.format(hours)} h ${minutes} min`;
  return minutes ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.round(seconds)} s`;
}

/** @param {number} size */
export function bytes(size) {
  const unit = size < 1e6 ? "kilobyte" : "megabyte";
  const value = Math.max(size / (size < 1e6 ? 1e3 : 1e6), 0.1);
  return new Intl.NumberFormat(undefined, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}

/** A name of the wire as words: `not_a_number` to `not a number`. @param {string} name */
export const words = (name) => name.replaceAll("_", " ");

/** Fields of a record that go by another name here. @type {Record<string, string>} */
const HEADINGS = {
  phone_number: "As it was sent",
  is_valid: "Valid",
  country_code: "Country",
  e164_format: "International",
  national_format: "National",
  mcc: "Mobile country code",
  mnc: "Mobile network code",
  phone_type: "Type",
  carrier_name: "Carrier",
  risky_destination: "Risky",
  timezone: "Time zone",
};

/** What stands over a field of a record. @param {string} name */
export const heading = (name) => HEADINGS[name] ?? words(name.charAt(0).toUpperCase() + name.slice(1));

/**
 * A value of a record's field, for people.
 * @param {string} name
 * @param {unknown} value
 */
export function shown(name, value) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (name === "country_code") return `${country(String(value))} (${value})`;
  if (name === "cost") return money(String(value));
  return name === "reason" || name === "phone_type" ? words(String(value)) : String(value);
}
