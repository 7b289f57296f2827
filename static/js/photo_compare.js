// Two photos laid over each other: a slider wipes or fades between them. Without this
// they stand side by side.
"use strict";

(() => {
  const stage = document.querySelector("[data-cd-compare]");
  const modes = document.querySelector("[data-cd-modes]");
  const box = stage?.querySelector(".cd-compare-slide");
  const slide = box?.querySelector("input");
  if (!stage || !modes || !slide) return;
  const KEPT = "cd-compare"; // the way of comparing goes along to the next pair

  function show(share) {
    slide.value = String(share);
    stage.style.setProperty("--share", slide.value);
    slide.setAttribute("aria-valuetext", slide.dataset.cdWords.replace("{share}", slide.value));
  }

  function choose(mode) {
    stage.dataset.cdCompare = mode;
    box.hidden = mode === "beside";
    modes.querySelector(`[value="${mode}"]`).checked = true;
    sessionStorage.setItem(KEPT, mode);
  }

  // The photo itself is a handle too.
  function follow(event) {
    if (stage.dataset.cdCompare !== "wipe" || !event.buttons || event.target === slide) return;
    const photo = stage.querySelector("img").getBoundingClientRect();
    show(Math.round(Math.min(Math.max((event.clientX - photo.left) / photo.width, 0), 1) * 100));
  }

  modes.addEventListener("change", (event) => choose(event.target.value));
  slide.addEventListener("input", () => show(slide.value));
  stage.addEventListener("pointerdown", follow);
  stage.addEventListener("pointermove", follow);
  stage.addEventListener("dragstart", (event) => event.preventDefault());
  show(50);
  const kept = sessionStorage.getItem(KEPT);
  choose(["wipe", "fade"].includes(kept) ? kept : "beside");
})();
