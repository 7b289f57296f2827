// Small pictures of what was taken, before it is sent; how many; and the camera at once.
// Without this the files are chosen and sent all the same.
"use strict";

(() => {
  const form = document.querySelector("[data-cd-shots]");
  if (!form) return;
  const inputs = [...form.querySelectorAll("input[type=file]")];
  const button = form.querySelector("button[data-cd-count]");
  const words = button?.textContent;
  const SIDE = 160; // pixels, twice for fine screens

  // A canvas and not an address of the file: pages may show their own pictures only.
  async function draw(file) {
    const canvas = document.createElement("canvas");
    try {
      const picture = await createImageBitmap(file, { resizeHeight: SIDE * 2, resizeQuality: "medium" });
      canvas.width = picture.width;
      canvas.height = picture.height;
      canvas.getContext("2d").drawImage(picture, 0, 0);
      picture.close();
    } catch {
      return null; // what it is, the clinic says when it is sent
    }
    return canvas;
  }

  async function preview(input) {
    const place = input.closest(".cd-photo-slot").querySelector(".cd-photo-taken");
    const files = [...input.files];
    const drawn = await Promise.all(files.map(draw));
    if ([...input.files].some((file, n) => file !== files[n])) return; // chosen anew
    place.replaceChildren(...drawn.filter(Boolean));
    place.hidden = !files.length;
    input.closest(".cd-photo-slot").classList.toggle("has-photos", files.length > 0);
  }

  function count() {
    const all = inputs.reduce((sum, input) => sum + input.files.length, 0);
    if (button) button.textContent = all ? button.dataset.cdCount.replace("{count}", String(all)) : words;
  }

  function showPoses() {
    const area = form.querySelector("[name=area]:checked")?.value;
    for (const pose of form.querySelectorAll("[data-cd-area]")) pose.hidden = pose.dataset.cdArea !== area;
  }

  form.addEventListener("change", (event) => {
    if (event.target.name === "area") showPoses();
    if (event.target.id === "camera") {
      for (const input of inputs) input.toggleAttribute("capture", event.target.checked);
      for (const input of inputs) if (event.target.checked) input.setAttribute("capture", "environment");
    }
    if (!inputs.includes(event.target)) return;
    preview(event.target);
    count();
  });
  showPoses();
  count();
  for (const input of inputs) if (input.files.length) preview(input);
})();
