// Moving on the diary: the dialog that says what follows, and the strip that lets a free
// place be chosen. Whoever wants to move dispatches
//   document.dispatchEvent(new CustomEvent("move:open", { detail: { url, refused, left } }))
// `refused(reason)` is called where the server says no (422), instead of showing it in the
// dialog; `left()` where the dialog closes and nothing moved. Without JavaScript the same
// addresses are whole pages.
"use strict";

(() => {
  let asked = {}; // who opened the dialog, and where the focus was
  let moved = false;

  function dialog() {
    const known = document.getElementById("move-dialog");
    if (known) return known;
    const made = document.createElement("dialog");
    made.id = "move-dialog";
    made.className = "cd-move-dialog";
    document.body.append(made);
    return made;
  }

  const reasonIn = (root) => root.querySelector("[data-cd-reason]")?.textContent.trim() ?? "";

  function show(html) {
    const box = dialog();
    box.classList.add("cd-move-dialog");
    box.setAttribute("aria-labelledby", "move-title");
    box.innerHTML = html;
    window.htmx?.process(box);
    if (!box.open) box.showModal();
    (box.querySelector(".cd-refusal[tabindex]") ?? box.querySelector("[data-cd-focus]"))?.focus();
  }

  function closed() {
    const box = dialog();
    box.replaceChildren();
    if (!moved) asked.left?.();
    // The browser has given the focus back, unless what had it is no longer there.
    const back = asked.focus?.isConnected ? asked.focus : document.querySelector("#drawer [data-cd-focus], main");
    if (document.activeElement === document.body) back?.focus({ preventScroll: true });
    asked = {};
    moved = false;
  }

  async function open(detail) {
    asked = { ...detail, focus: detail.focus ?? document.activeElement };
    let answer;
    try {
      answer = await fetch(detail.url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    } catch {
      return fail();
    }
    if (answer.status !== 422 && !answer.ok) return fail();
    const html = await answer.text();
    if (answer.status === 422 && detail.refused) {
      const parsed = new DOMParser().parseFromString(html, "text/html");
      return detail.refused(reasonIn(parsed) || parsed.querySelector(".cd-errors li")?.textContent.trim());
    }
    show(html);
  }

  // The words for a failed request are those of htmx requests: cadence.js says them.
  function fail() {
    document.dispatchEvent(new CustomEvent("htmx:responseError", { bubbles: true }));
    asked.left?.();
    asked = {};
  }

  // Whoever opened it, this dialog is emptied when it closes; "close" does not bubble.
  document.addEventListener("close", (event) => event.target.id === "move-dialog" && closed(), { capture: true });
  document.addEventListener("move:open", (event) => open(event.detail));
  document.addEventListener("move-done", () => {
    moved = true;
    // After htmx has put the answer in place: its toast is not part of the dialog.
    setTimeout(() => dialog().open && dialog().close());
    stop();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-cd-dialog-close]")) return dialog().close();
    const link = event.target.closest("a[data-cd-move]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open({ url: link.href, focus: link });
  });

  // --- The strip: a free place in the diary is chosen by click, Enter or form -------------

  const strip = () => document.querySelector("[data-cd-moving]");

  function sayOnStrip(words) {
    const place = strip()?.querySelector("[data-cd-moving-said]");
    if (!place) return;
    place.textContent = "";
    place.textContent = words ?? "";
    place.hidden = !words;
  }

  function placeAt(query) {
    const url = new URL(strip().dataset.cdMoving, window.location);
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
    }
    sayOnStrip("");
    open({ url: url.href, refused: sayOnStrip });
  }

  document.addEventListener("diary:slot", (event) => {
    if (!strip()) return;
    event.preventDefault();
    const { day, date, time, practitioner, room } = event.detail;
    placeAt({ day: day ?? date, time, practitioner, room });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-cd-moving] form");
    if (!form) return;
    event.preventDefault();
    placeAt(Object.fromEntries(new FormData(form)));
  });

  function stop() {
    const way = strip()?.querySelector("[data-cd-moving-stop]");
    if (!way) return;
    window.history.replaceState(null, "", way.href);
    for (const link of document.querySelectorAll('a[href*="moving="]')) {
      const url = new URL(link.href);
      url.searchParams.delete("moving");
      if (link.origin === window.location.origin) link.href = url.href;
    }
    strip().remove();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !strip()) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    stop();
    document.querySelector("#diary, main")?.focus({ preventScroll: true });
  });
})();
