// Where the focus may rest: one tab stop a column, the arrows inside it, J and K through
// the day. A stop is a block or a free time.
"use strict";

const restAt = new Map(); // column id -> key of the stop that Tab comes to

const stopsOf = (column) =>
  [...document.querySelectorAll(`#diary .ec-event[data-column="${CSS.escape(column)}"]`)]
    .filter((one) => one.getAttribute("role") === "button")
    .sort((one, other) => one.offsetTop - other.offsetTop);

Diary.stopWith = (key) =>
  key ? document.querySelector(`#diary .ec-event[data-key="${CSS.escape(key)}"]`) : null;

// The same block where it is now: a change may have brought it to another column.
Diary.stopLike = (key) =>
  Diary.stopWith(key) ??
  (key ? document.querySelector(`#diary .di-block[data-key^="${CSS.escape(key.split("@")[0])}@"]`) : null);

// The stop of a column that Tab comes to: the last one visited, the one whose drawer is
// open, the first from now on, the first.
function restOf(column, stops) {
  const kept = stops.find((one) => one.dataset.key === restAt.get(column.id));
  const open = stops.find((one) => one.classList.contains("is-open"));
  if (kept || open) return kept ?? open;
  const today = Diary.dayOf(Diary.feed, column) === Diary.feed.now.slice(0, 10);
  const line = document.querySelector("#diary .di-now");
  const later = stops.find((one) => one.offsetTop + one.offsetHeight > (line?.offsetTop ?? 0));
  return (today && later) || stops[0];
}

Diary.setStops = () => {
  for (const column of Diary.shownColumns) {
    const stops = stopsOf(column.id);
    const rest = stops.length ? restOf(column, stops) : null;
    for (const stop of stops) {
      const index = stop === rest ? 0 : -1;
      if (stop.tabIndex !== index) stop.tabIndex = index;
    }
  }
};

Diary.rest = (stop) => {
  restAt.set(stop.dataset.column, stop.dataset.key);
  Diary.setStops();
};

Diary.focusStop = (stop) => {
  if (!stop) return;
  Diary.rest(stop);
  stop.focus({ preventScroll: true });
  reveal(stop);
};

// The head and the gutter stick over the grid, so what scrolls into view must clear them.
function reveal(stop) {
  const main = Diary.main();
  const [box, view] = [stop.getBoundingClientRect(), main.getBoundingClientRect()];
  const top = view.top + main.querySelector(".ec-header").offsetHeight + 12;
  const left = view.left + main.querySelector(".ec-sidebar").offsetWidth + 8;
  if (box.top < top) main.scrollTop -= top - box.top;
  else if (box.bottom > view.bottom - 12) main.scrollTop += Math.min(box.bottom - view.bottom + 12, box.top - top);
  if (box.left < left) main.scrollLeft -= left - box.left;
  else if (box.right > view.right - 8) main.scrollLeft += box.right - view.right + 8;
}

// --- Arrows inside a column ------------------------------------------------------------

function arrow(stop, event) {
  const stops = stopsOf(stop.dataset.column);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const gap = Diary.gapOf(stop);
  if (step && event.shiftKey && gap) {
    Diary.pointAt(stop, gap, Number(stop.dataset.at) + step * Diary.QUARTER);
    Diary.tell(stop.querySelector(".di-slot").textContent);
    return true;
  }
  if (event.shiftKey) return false;
  const ends = { Home: stops[0], End: stops.at(-1) };
  const next = ends[event.key] ?? (step && stops[stops.indexOf(stop) + step]);
  if (!step && !(event.key in ends)) return false;
  Diary.focusStop(next);
  return true;
}

Diary.gapOf = (stop) => {
  const shown = Diary.grid.getEventById(stop.dataset.key);
  return shown?.extendedProps.gap ?? null;
};

// --- J and K: the day's blocks as the clock brings them -----------------------------------

function blocksByTime() {
  return [...document.querySelectorAll("#diary .di-block[role=button]")]
    .map((stop) => [stop.offsetTop, Diary.shownColumns.findIndex((one) => one.id === stop.dataset.column), stop])
    .sort((one, other) => one[0] - other[0] || one[1] - other[1])
    .map(([, , stop]) => stop);
}

Diary.nextBlock = (step) => {
  const blocks = blocksByTime();
  const here = document.activeElement.closest("#diary .ec-event") ?? document.querySelector("#diary .is-open");
  const at = blocks.indexOf(here);
  if (at >= 0) return Diary.focusStop(blocks[at + step]);
  const from = here?.offsetTop ?? document.querySelector("#diary .di-now:not([hidden])")?.offsetTop ?? 0;
  const later = blocks.findIndex((stop) => stop.offsetTop + stop.offsetHeight > from);
  // Past the day's last visit J rests on it, and before the first K does on that.
  if (later < 0) return Diary.focusStop(blocks.at(-1));
  return Diary.focusStop(step > 0 ? blocks[later] : blocks[Math.max(later - 1, 0)]);
};

const SINGLE = {
  j: () => Diary.nextBlock(1),
  k: () => Diary.nextBlock(-1),
  ArrowLeft: () => document.querySelector("a[rel=prev]")?.click(),
  ArrowRight: () => document.querySelector("a[rel=next]")?.click(),
};

Diary.listenToKeys = (root) => {
  root.addEventListener("keydown", (event) => {
    const stop = event.target.closest(".ec-event");
    if (stop && !event.ctrlKey && !event.metaKey && !event.altKey && arrow(stop, event)) event.preventDefault();
  });
  root.addEventListener("focusin", (event) => {
    const stop = event.target.closest(".ec-event");
    if (!stop) return;
    Diary.rest(stop);
    const gap = Diary.gapOf(stop);
    if (gap) Diary.pointAt(stop, gap, stop.dataset.at ? Number(stop.dataset.at) : gap.from);
  });
  document.addEventListener("keydown", (event) => {
    const act = SINGLE[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || event.defaultPrevented || Diary.keysAreBusy(event) || isOwnArrow(event)) return;
    event.preventDefault();
    act();
  });
};

// Some things have arrows of their own: choices, and whatever the drawer holds.
const isOwnArrow = (event) =>
  event.key.startsWith("Arrow") && event.target.closest("input, select, #drawer, [role=radio]") !== null;

// isTyping and singleKeys are cadence.js's: one rule for every single key.
Diary.keysAreBusy = (event) =>
  event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || isTyping(event.target) ||
  !singleKeys() || document.querySelector("dialog[open], .modal.show") !== null;
