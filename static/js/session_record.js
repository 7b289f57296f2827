// The session record under a finger: steppers, one-tap lots, and typed words that are
// kept even when the tablet is put away. Without this the fields are plain fields.
"use strict";

(() => {
  const form = document.querySelector("form[data-sr]");
  if (!form) return;
  const say = (field) => {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // --- Steppers: a number within its limits, or the number inside "Level 3" ----------

  const decimals = (text) => (String(text).split(".")[1] ?? "").length;

  function stepNumber(field, by) {
    const from = field.value === "" ? Number(field.dataset.srPlanned ?? field.min) - by : Number(field.value);
    const next = Math.min(Math.max(from + Number(by), Number(field.min)), Number(field.max || Infinity));
    field.value = next.toFixed(Math.max(decimals(by), decimals(field.step)));
  }

  function stepWords(field, by) {
    const parts = /^(.*?)(\d+)(.*)$/.exec(field.value || field.dataset.srPlanned || "");
    if (!parts) {
      field.focus();
      return;
    }
    field.value = parts[1] + Math.max(Number(parts[2]) + Number(by), 1) + parts[3];
  }

  function mark(field) {
    const { srPlanned } = field.dataset;
    const differs = srPlanned && field.value !== "" && (field.type === "number" ? Number(field.value) !== Number(srPlanned) : field.value !== srPlanned);
    field.closest("[data-sr-stepper]").classList.toggle("is-beyond", Boolean(differs));
  }

  form.addEventListener("click", (event) => {
    const step = event.target.closest("[data-sr-by]");
    if (step) {
      const field = step.closest("[data-sr-stepper]").querySelector("input");
      (field.type === "number" ? stepNumber : stepWords)(field, step.dataset.srBy);
      say(field);
    }
    const lot = event.target.closest("[data-sr-fill]");
    if (lot) {
      const field = document.getElementById(lot.dataset.srFill);
      field.value = lot.value;
      say(field);
    }
  });
  form.addEventListener("input", (event) => {
    if (event.target.closest("[data-sr-stepper]")) mark(event.target);
  });
  for (const field of form.querySelectorAll("[data-sr-stepper] input")) mark(field);

  // --- Nothing is lost: what is newer than the draft goes with the page ----------------

  let isNewer = false;
  form.addEventListener("input", () => { isNewer = true; });
  form.addEventListener("submit", () => { isNewer = false; });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.id === "kept" && event.detail.successful) isNewer = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !isNewer) return;
    navigator.sendBeacon(form.dataset.srDraft, new FormData(form));
  });
  window.addEventListener("online", () => {
    if (isNewer) window.htmx?.trigger("#kept", "keep");
  });
})();
