// The API key: asked for where the service wants one, kept for as long as the tab.

import { fill, h } from "./dom.js";

const KEPT = "api_key";

/** The key; empty when nobody signed in. */
export const key = () => sessionStorage.getItem(KEPT) ?? "";

/** @type {Promise<boolean> | null} */
let asking = null;

/**
 * Ask for a key; whoever asks meanwhile gets the same answer.
 * @param {string} why what was wrong with the one before
 * @returns {Promise<boolean>} whether there is another one now
 */
export function askForKey(why) {
  asking ??= dialog(why).finally(() => {
    asking = null;
    showAccount();
  });
  return asking;
}

/** Forget the key. */
export function signOut() {
  sessionStorage.removeItem(KEPT);
  showAccount();
}

/** @param {string} why @returns {Promise<boolean>} */
function dialog(why) {
  const input = h("input", { type: "password", autocomplete: "off", required: true, name: "key", "aria-describedby": "key-hint" });
  const box = h(
    "dialog",
    { "aria-labelledby": "sign-in" },
    h(
      "form",
      { method: "dialog", class: "stack", onsubmit: (/** @type {Event} */ event) => accept(event) },
      h("h2", { id: "sign-in" }, "Sign in"),
      why && h("p", { class: "alarm", role: "alert" }, why),
      h("label", { class: "field" }, h("span", {}, "API key"), input),
      h("p", { class: "hint", id: "key-hint" }, "It is kept until this tab is closed, and sent to this service only."),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "main" }, "Sign in"),
        h("button", { type: "button", class: "quiet", onclick: () => { box.close(); } }, "Not now"),
      ),
    ),
  );
  let isGiven = false;
  /** @param {Event} event */
  function accept(event) {
    event.preventDefault();
    sessionStorage.setItem(KEPT, input.value.trim());
    isGiven = true;
    box.close();
  }
  document.body.append(box);
  box.showModal();
  return new Promise((resolve) => {
    box.addEventListener("close", () => {
      box.remove();
      resolve(isGiven);
    });
  });
}

/** Say on the button in the head what it does now. */
export function showAccount() {
  const button = document.getElementById("account");
  if (button) fill(button, key() ? "Sign out" : "Sign in");
}
