// Small comforts on top of pages that work without them: focus after a swap, keys,
// a word when a request fails, toasts and menus that close.
"use strict";

const REFUSED = ".cd-errors, .cd-refusal[tabindex]";

// --- Focus goes to what needs reading first ---------------------------------------

const firstIn = (root, what) => (root.matches?.(what) ? root : root.querySelector?.(what));

function focusFirst(root) {
  const place = firstIn(root, REFUSED) ?? firstIn(root, "[data-cd-focus]");
  if (!place) return;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest", behavior: "instant" });
}

document.addEventListener("htmx:afterSettle", (event) => {
  focusFirst(event.target);
  showToasts(event.target);
});

// --- Keys: an element names its own, as data-cd-key="n" or "ctrl+enter" -------------

// Each person's own choice; the server keeps it (keys.js).
const singleKeys = () => document.body.dataset.cdSingleKeys !== "off";
const isTyping = (element) =>
  element.isContentEditable ||
  element.matches("textarea, select, input:not([type=checkbox], [type=radio])");

function keyName(event) {
  const held = event.ctrlKey || event.metaKey ? "ctrl+" : "";
  return held + event.key.toLowerCase();
}

function keyTarget(name) {
  const scope = document.querySelector("dialog[open], .modal.show, .offcanvas.show") ?? document;
  const named = scope.querySelector(`[data-cd-key="${CSS.escape(name)}"]`);
  if (named || name !== "ctrl+enter") return named;
  return scope.querySelector(".cd-foot button.btn-primary, form[data-cd-primary] .btn-primary");
}

// Inside a form that only asks (a search, preferences) Ctrl+Enter asks; it books nothing.
// Inside the drawer it means the sheet one is in, not the page below.
function ownButton(name, element) {
  const form = name === "ctrl+enter" ? element.form : null;
  if (form?.method !== "get" && !form?.closest("#drawer")) return null;
  return form.querySelector("button:not([type=button])");
}

// A toast that has left undoes nothing, and in a field Ctrl+Z is the field's.
const isForUndo = (name, event) =>
  name !== "ctrl+z" || (!isTyping(event.target) && keyTarget(name)?.checkVisibility());

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.repeat) return;
  const name = keyName(event);
  if (!name.startsWith("ctrl+") && (isTyping(event.target) || !singleKeys())) return;
  if (!isForUndo(name, event)) return;
  const target = ownButton(name, event.target) ?? keyTarget(name);
  if (!target || target.disabled) return;
  event.preventDefault();
  if (target.matches("input, select, textarea")) target.focus();
  else target.click();
});

// --- When a request fails, say so; the form keeps what was typed --------------------

function sayTrouble(kind) {
  const bar = document.getElementById("trouble");
  if (!bar) return;
  for (const words of bar.querySelectorAll("[data-trouble]")) {
    words.hidden = words.dataset.trouble !== kind;
  }
  bar.hidden = !kind;
}

document.addEventListener("htmx:sendError", () => sayTrouble("offline"));
document.addEventListener("htmx:timeout", () => sayTrouble("offline"));
document.addEventListener("htmx:responseError", () => sayTrouble("failed"));
document.addEventListener("htmx:afterSwap", () => sayTrouble(""));

// --- Toasts and menus ----------------------------------------------------------------

function showToasts(root) {
  const found = root.matches?.(".toast") ? [root] : (root.querySelectorAll?.(".toast") ?? []);
  for (const toast of found) window.bootstrap?.Toast.getOrCreateInstance(toast).show();
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details:is(.cd-account, .cd-nav-more, .dy-menu)[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details:is(.cd-account, .cd-nav-more, .dy-menu)[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

focusFirst(document);
showToasts(document);
