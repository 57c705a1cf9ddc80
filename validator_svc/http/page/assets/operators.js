// For operators: how the service is, and its keys.

import { fill, h } from "./dom.js";
import { keysCard } from "./keys.js";

/** @type {import("./app.js").View} */
export async function view(place, signal) {
  fill(place, h("h1", {}, "Operators"), await keysCard(signal));
}
