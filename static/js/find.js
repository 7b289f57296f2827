// The search over any page: opens by key or button, arrows walk the results, Enter opens.
// The dialog itself keeps the focus in, closes on Escape and gives the focus back.
"use strict";

(() => {
  const dialog = document.getElementById("find");
  if (!dialog) return;
  const field = dialog.querySelector("input[type=search]");
  const results = dialog.querySelector("#find-results");
  let opensFirst = false; // Enter came before its results did

  const links = () => [...results.querySelectorAll("a")];
  // Results of what stands in the field now, not of what stood there a moment ago.
  const areFresh = () => results.firstElementChild?.dataset.cdFound === words();
  const words = () => field.value.trim().split(/\s+/).join(" ");

  function open() {
    if (dialog.open) return;
    opensFirst = false;
    dialog.showModal();
    field.select();
    field.dispatchEvent(new CustomEvent("find:open", { bubbles: true }));
  }

  function openFirst() {
    opensFirst = false;
    links()[0]?.click();
  }

  function walk(step) {
    const stops = [field, ...links()];
    const at = stops.indexOf(document.activeElement);
    stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-cd-find]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });

  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-cd-find-close]")) dialog.close();
  });

  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the keys of the page below do not count here
    if (event.key === "Escape") {
      event.preventDefault(); // a search field would only be emptied by the first one
      dialog.close();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      walk(step);
    } else if (event.target !== field && event.key.length === 1 && event.key !== " ") {
      field.focus(); // whoever goes on typing means the field
    }
  });

  dialog.querySelector("form").addEventListener("submit", (event) => {
    if (!words()) return event.preventDefault();
    event.preventDefault();
    if (areFresh()) openFirst();
    else opensFirst = true;
  });

  field.addEventListener("input", () => (opensFirst = false));
  results.addEventListener("htmx:afterSwap", () => opensFirst && areFresh() && openFirst());
})();
