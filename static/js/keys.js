// The list of keys, and the switch that turns single keys off for one person. The dialog
// itself keeps the focus in, closes on Escape and gives the focus back.
"use strict";

(() => {
  const dialog = document.getElementById("keys");

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-cd-keys]") && dialog && !dialog.open) {
      dialog.showModal();
      dialog.querySelector("[tabindex]").focus();
    }
    if (event.target.closest("[data-cd-keys-close]") || event.target === dialog) dialog.close();
  });

  // Every switch on the page shows the same choice, and it holds at once.
  function choose(single) {
    document.body.dataset.cdSingleKeys = single ? "on" : "off";
    for (const box of document.querySelectorAll("[data-cd-keys-choice] [role=switch]")) {
      box.checked = single;
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-cd-keys-choice]")) choose(event.target.checked);
  });

  // What the server did not keep is not shown as kept.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.target.matches("[data-cd-keys-choice]") || event.detail.successful) return;
    choose(!event.target.querySelector("[role=switch]").checked);
  });
})();
