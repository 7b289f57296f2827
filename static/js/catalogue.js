// Ticks every value to be confirmed, or none once all are ticked.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-cd-tick-all]");
  if (!button) return;
  const boxes = [...button.form.querySelectorAll("input[name=confirm]")];
  const tick = boxes.some((box) => !box.checked);
  for (const box of boxes) box.checked = tick;
});
