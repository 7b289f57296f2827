// The search inside a booking: arrows walk the people found, Enter takes the first one.
"use strict";

(() => {
  const field = () => document.getElementById("booking-q");
  const people = () => document.getElementById("booking-people");
  const links = () => [...(people()?.querySelectorAll(".cd-found a") ?? [])];
  const words = () => field()?.value.trim() ?? "";
  // People found for what stands in the field now, not for what stood there before.
  const areFresh = () => people()?.firstElementChild?.dataset.cdFound.trim() === words();
  let takesFirst = false; // Enter came before the people did

  function takeFirst() {
    takesFirst = false;
    links()[0]?.click();
  }

  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const stops = [field(), ...links()];
    const at = stops.indexOf(document.activeElement);
    if (!step || at < 0 || !field()) return;
    event.preventDefault();
    stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
  });

  // Before htmx: Enter means the person on top; without any found it searches as ever.
  document.addEventListener(
    "submit",
    (event) => {
      if (event.target.id !== "booking-search" || !words()) return;
      if (areFresh() && !links().length) return;
      event.preventDefault();
      event.stopPropagation();
      if (areFresh()) takeFirst();
      else takesFirst = true;
    },
    true,
  );

  document.addEventListener("input", (event) => {
    if (event.target === field()) takesFirst = false;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (takesFirst && areFresh()) takeFirst();
  });
})();
