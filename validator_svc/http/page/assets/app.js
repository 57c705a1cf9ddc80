// The page: one view at a time, named by what stands after # in its address.

import { alarm, fill, h } from "./dom.js";
import { askForKey, key, showAccount, signOut } from "./sign_in.js";

/** A view fills its place; what it began ends with the signal. */
/** @typedef {(place: HTMLElement, signal: AbortSignal, argument: string) => void | Promise<void>} View */

/** @type {Record<string, [string, () => Promise<{ view: View }>]>} */
const VIEWS = {
  new: ["New list", () => import("./new_list.js")],
  batches: ["Lists", () => import("./batches.js")],
  batch: ["List", () => import("./batch.js")],
  number: ["One number", () => import("./number.js")],
  operators: ["Operators", () => import("./operators.js")],
};

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
let ending = new AbortController();

async function show() {
  ending.abort();
  ending = new AbortController();
  const { signal } = ending;
  const [, name = "", argument = ""] = location.hash.split("/");
  const [title, load] = VIEWS[name] ?? VIEWS.new;
  document.title = `${title} · Phone numbers`;
  for (const link of document.querySelectorAll("header nav a")) {
    const isHere = link.getAttribute("href") === `#/${name || "new"}`;
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const place = h("div", { class: "view" });
  try {
    const { view } = await load();
    if (signal.aborted) return;
    fill(main, place);
    await view(place, signal, decodeURIComponent(argument));
  } catch (error) {
    if (!signal.aborted) fill(main, h("h1", {}, title), alarm(error));
  }
}

window.addEventListener("hashchange", () => {
  main.focus({ preventScroll: true });
  scrollTo(0, 0);
  show();
});
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
document.getElementById("account")?.addEventListener("click", async () => {
  if (key()) signOut();
  else await askForKey("");
  show();
});
showAccount();
show();
