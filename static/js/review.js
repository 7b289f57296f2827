// The clinicians' queue by keyboard: J and K walk through the plans, Enter opens, R returns.
// Where the queue is not in view, J and K turn from plan to plan.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-cd-queue] a.cd-waiting")];

  function walk(step) {
    const all = rows();
    const focused = all.indexOf(document.activeElement);
    const at = focused < 0 ? all.findIndex((row) => row.ariaCurrent === "page") : focused;
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
    if (!all[next]) return;
    if (all[next].checkVisibility()) all[next].focus();
    else all[next].click();
  }

  // --- R: first the words, then the return ------------------------------------------

  const note = () => document.querySelector("[data-cd-note] textarea");
  const button = () => document.querySelector("[data-cd-return]");
  let isReturning = false;

  function beginReturn(event) {
    if (!button() || !note() || note().value.trim()) return;
    event.preventDefault();
    isReturning = true;
    note().focus();
    note().scrollIntoView({ block: "center", behavior: "instant" });
    button().querySelector("kbd").textContent = "Ctrl ↵";
  }

  function endReturn() {
    isReturning = false;
    const key = button()?.querySelector("kbd");
    if (key) key.textContent = "R";
  }

  document.addEventListener("focusout", (event) => {
    if (isReturning && event.target === note()) endReturn();
  });

  // Before cadence.js, which would take R for a click and Ctrl+Enter for a signature.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.altKey || event.repeat || document.querySelector("dialog[open]")) return;
      const name = keyName(event);
      if (name === "ctrl+enter" && isReturning && event.target === note()) {
        event.preventDefault();
        button().click();
      }
      if (isTyping(event.target) || !singleKeys()) return;
      if (name === "j") walk(1);
      if (name === "k") walk(-1);
      if (name === "r") beginReturn(event);
    },
    true,
  );
})();
