// A button that prints the page. Without JavaScript it is not there, and the browser's own
// way does the same.
"use strict";

for (const button of document.querySelectorAll("[data-cd-print]")) {
  button.addEventListener("click", () => window.print());
}
