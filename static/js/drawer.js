// Inside the drawer: the sheets that ask something, the menu, copying the code, and the
// fresh copy once something changed elsewhere. Opening and closing it is the diary's; where
// there is no grid (a phone) the same is done here for links marked data-cd-drawer-link.
"use strict";

(() => {
  const drawer = () => document.getElementById("drawer");
  const shown = () => drawer()?.querySelector("[data-cd-drawer]");
  let cameFrom = null;

  // --- Sheets -----------------------------------------------------------------------------

  function openSheet(verb) {
    const sheet = document.getElementById(`sheet-${verb}`);
    if (!sheet) return;
    closeSheets();
    sheet.hidden = false;
    for (const button of document.querySelectorAll(`[data-cd-sheet="${verb}"]`)) {
      button.setAttribute("aria-expanded", "true");
    }
    sheet.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
  }

  function closeSheets() {
    const open = [...document.querySelectorAll(".cd-sheet-up:not([hidden])")];
    for (const sheet of open) sheet.hidden = true;
    for (const button of document.querySelectorAll("[data-cd-sheet][aria-expanded=true]")) {
      button.setAttribute("aria-expanded", "false");
    }
    return open[0]?.id.replace("sheet-", "");
  }

  function leaveSheet() {
    const verb = closeSheets();
    if (!verb) return false;
    const button = document.querySelector(`.cd-drawer-actions [data-cd-sheet="${verb}"]`);
    (button ?? drawer().querySelector(".cd-menu > summary"))?.focus();
    return true;
  }

  // --- Menu ---------------------------------------------------------------------------------

  function closeMenu(except) {
    const menu = drawer()?.querySelector(".cd-menu[open]");
    if (!menu || menu.contains(except)) return false;
    menu.open = false;
    return true;
  }

  async function copy(button) {
    const menu = button.closest(".cd-menu");
    const said = menu.querySelector("[data-cd-copied]");
    try {
      await navigator.clipboard.writeText(button.dataset.cdCopy);
      said.textContent = said.dataset.cdCopied;
      button.querySelector("span").textContent = said.dataset.cdCopied;
    } catch {
      // Not allowed to: then at least it is marked, ready for Ctrl+C.
      window.getSelection().selectAllChildren(drawer().querySelector("[data-cd-code]"));
    }
  }

  document.addEventListener("click", (event) => {
    closeMenu(event.target);
    const place = event.target.closest("[data-cd-sheet], [data-cd-sheet-close], [data-cd-copy], [data-drawer-close], a[data-cd-drawer-link]");
    if (!place) return;
    if (place.dataset.cdSheet) {
      closeMenu(null);
      openSheet(place.dataset.cdSheet);
    } else if (place.hasAttribute("data-cd-sheet-close")) {
      leaveSheet();
    } else if (place.dataset.cdCopy) {
      copy(place);
    } else if (place.hasAttribute("data-drawer-close")) {
      close();
    } else if (drawer() && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
      event.preventDefault();
      open(place);
    }
  });

  // --- Where there is no grid -----------------------------------------------------------------

  async function open(link) {
    cameFrom = link;
    const address = new URL("drawer/", new URL(link.href, window.location));
    await window.htmx.ajax("GET", address.pathname, { target: drawer(), swap: "innerHTML" });
    drawer().hidden = false;
    drawer().querySelector("[data-cd-focus]")?.focus({ preventScroll: true });
  }

  function close() {
    if (!shown()) return false;
    drawer().replaceChildren();
    drawer().hidden = true;
    cameFrom?.focus();
    cameFrom = null;
    document.dispatchEvent(new CustomEvent("drawer:close"));
    return true;
  }

  // Escape leaves the innermost first: menu, sheet, note, then the drawer itself.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !shown()) return;
    if (document.querySelector("dialog[open]")) return;
    const menu = drawer().querySelector(".cd-menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (!leaveSheet() && !leaveNote()) {
      return; // the diary closes it, or the listener below
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !shown()) return;
    if (!document.querySelector("dialog[open]") && close()) event.preventDefault();
  });

  function leaveNote() {
    const note = drawer().querySelector(".cd-visit-note details[open]");
    if (!note?.contains(document.activeElement)) return false;
    note.open = false;
    note.querySelector("summary").focus();
    return true;
  }

  // --- What changed elsewhere ---------------------------------------------------------------

  // A move changes what the drawer says; its own forms bring their own answer.
  document.addEventListener("diary-changed", (event) => {
    const now = shown();
    if (!now || now.contains(event.target)) return;
    const address = `/desk/appointments/${now.dataset.cdDrawer}/drawer/`;
    window.htmx.ajax("GET", address, { target: drawer(), swap: "innerHTML" });
  });
})();
