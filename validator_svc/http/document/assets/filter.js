// Leaves on the page what has every word that is typed.
const field = document.getElementById("filter");
const shown = [...document.querySelectorAll("section")].map((section) => [
  section,
  document.querySelector(`nav a[href="#${section.id}"]`),
  section.textContent.toLowerCase(),
]);
field.hidden = false;
field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/);
  for (const [section, link, text] of shown) {
    const isHidden = !words.every((word) => text.includes(word));
    section.hidden = isHidden;
    if (link) link.hidden = isHidden;
  }
});
