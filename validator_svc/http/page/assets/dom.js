// Elements. Text only ever becomes text: nothing here, or anywhere on the page, makes markup of it.

/** @typedef {string | number | Node | null | undefined | false} Child */
/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => unknown)>} Attributes */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes and children. `onclick` and the like take a function; false and null leave an
 * attribute out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * An element of SVG, likewise.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  return filled(/** @type {any} */ (document.createElementNS(SVG, tag)), attributes, children);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 * @returns {E}
 */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter(isShown));
  return element;
}

/**
 * Put other children in place of those that an element has.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...children.filter(isShown));
}

/** @param {Child} child @returns {child is string | Node} */
function isShown(child) {
  return child !== null && child !== undefined && child !== false && child !== "";
}

/**
 * A labelled field: the label, the control in it, and a hint.
 * @param {string} name
 * @param {HTMLElement} control
 * @param {string} [hint]
 */
export function field(name, control, hint) {
  return h("label", { class: "field" }, h("span", {}, name), control, hint && h("small", {}, hint));
}

/**
 * A choice of one value.
 * @param {[string, string][]} options values with what they are called
 * @param {Attributes} [attributes]
 */
export function select(options, attributes = {}) {
  return h("select", attributes, ...options.map(([value, name]) => h("option", { value }, name)));
}

/**
 * A part of the page with its heading.
 * @param {string} title
 * @param {...Child} children
 */
export function card(title, ...children) {
  return h("section", { class: "card" }, h("h2", {}, title), ...children);
}

/**
 * Names with their values.
 * @param {[string, Child, string?][]} items the third is a class
 */
export function facts(items) {
  return h(
    "dl",
    { class: "facts" },
    ...items.map(([name, value, kind]) => h("div", { class: kind }, h("dt", {}, name), h("dd", {}, value))),
  );
}

/**
 * Something that went wrong, for who looks at it and for who listens.
 * @param {unknown} error
 */
export function alarm(error) {
  return h("p", { class: "alarm", role: "alert" }, error instanceof Error ? error.message : String(error));
}

/**
 * Say something to who cannot see it, and to who looks away.
 * @param {string} text
 */
export function say(text) {
  const place = document.getElementById("status");
  if (place && place.textContent !== text) place.textContent = text;
}

/**
 * Call a function once nothing has asked for it for some milliseconds; `cancel` calls that off.
 * @param {() => unknown} call
 * @param {number} ms
 */
export function settled(call, ms) {
  let timer = 0;
  const ask = () => {
    clearTimeout(timer);
    timer = setTimeout(call, ms);
  };
  return Object.assign(ask, { cancel: () => clearTimeout(timer) });
}
