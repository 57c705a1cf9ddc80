// Leaves on the page what has every word that is typed.
const field = /** @type {HTMLInputElement} */ (document.getElementById("filter"));
const parts = [...document.querySelectorAll("section")].map((section) => ({
  section,
  link: /** @type {HTMLElement | null} */ (document.querySelector(`nav a[href="#${section.id}"]`)),
  text: (section.textContent ?? "").toLowerCase(),
}));
field.hidden = false;
field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/);
  for (const { section, link, text } of parts) {
    const isHidden = !words.every((word) => text.includes(word));
    section.hidden = isHidden;
    if (link) link.hidden = isHidden;
  }
});
