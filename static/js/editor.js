// The plan editor: a suggestion fills its fields in place, and a depth or number ticks its
// area. Without this the same buttons are answered by the server.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cd-fill]");
  const form = button?.form;
  if (!form) return;
  event.preventDefault();
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.cdFill))) {
    const field = form.elements.namedItem(name);
    if (!field) continue;
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

document.addEventListener("input", (event) => {
  if (!event.target.value || !/^(depth|passes|energy)-/.test(event.target.name)) return;
  const box = event.target.closest("tr")?.querySelector("input[type=checkbox]");
  if (box) box.checked = true;
});
