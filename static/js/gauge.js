// The depth gauge follows its field while somebody types. Without this it shows what was saved.
"use strict";

document.addEventListener("input", (event) => {
  const bar = event.target.closest(".cd-depth")?.querySelector(".cd-gauge-depth");
  if (!bar) return;
  const { full, limit } = bar.dataset;
  const share = Math.min(Math.max(Number(event.target.value) / Number(limit), 0), 1);
  bar.setAttribute("width", String(share * Number(full)));
});
