// Picking a place: by dragging a block, or by a click or Enter on a free time. The server
// decides; until it has, a dragged block stays where it was.
"use strict";

let dragging = null; // key of the block being dragged
let cancelled = false;

Diary.isDragging = () => dragging !== null;

// The appointment being moved, which survives a change of day in the address.
Diary.moving = () => new URLSearchParams(location.search).get("moving") ?? "";

// --- Places -----------------------------------------------------------------------------

function placeAt(column, minutes) {
  return {
    date: Diary.dayOf(Diary.feed, column),
    time: Diary.clock(minutes),
    practitioner: column.practitioner ?? "",
    room: column.room ?? "",
  };
}

const query = (fields) =>
  new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ""));

// Somebody picked a place. Whoever is moving something listens first and may prevent the
// rest: going on to a new booking there.
Diary.pick = (from, column, minutes) => {
  const place = placeAt(column, minutes);
  if (isPast(place.date, minutes)) return Diary.tell(Diary.words.past);
  const moving = Diary.moving();
  const asked = new CustomEvent("diary:slot", { bubbles: true, cancelable: true, detail: { ...place, moving } });
  if (!from.dispatchEvent(asked)) return;
  const { book, location: site } = document.getElementById("diary").dataset;
  if (book) location.assign(`${book}?${query({ location: site, ...place })}`);
};

function isPast(date, minutes) {
  const today = Diary.feed.now.slice(0, 10);
  return date < today || (date === today && minutes + Diary.QUARTER <= Diary.nowMinutes());
}

// --- The move dialog ----------------------------------------------------------------------

// moving.js opens the dialog of this move. A refusal is said, and changes nothing.
Diary.askToMove = (url, place) => {
  const { date, ...rest } = place;
  document.dispatchEvent(new CustomEvent("move:open", {
    detail: {
      url: `${url}move/?${query({ day: date, ...rest })}`,
      focus: document.activeElement,
      refused: (reason) => Diary.toast(reason || Diary.words.refused),
    },
  }));
};

// --- Dragging -------------------------------------------------------------------------------

function dropped(info) {
  info.revert(); // it moves when the server says so
  const { block } = info.event.extendedProps;
  const column = Diary.columnOf(info.event.resourceIds.at(-1));
  const minutes = Diary.minutesIn(info.event.start);
  if (cancelled) return Diary.tell(Diary.words.cancelled);
  const from = Diary.minutesIn(info.oldEvent.start);
  if (minutes === from && info.oldEvent.resourceIds.includes(column.id)) return;
  Diary.askToMove(block.url, placeAt(column, minutes));
}

// The library lets go only when the pointer does, so Escape lets go for it, and the drop
// that follows knows that it was not meant.
function cancelDrag() {
  cancelled = true;
  window.addEventListener("click", swallow, { capture: true });
  window.addEventListener("pointerup", () => setTimeout(unswallow), { once: true });
  window.dispatchEvent(new PointerEvent("pointerup", { isPrimary: true, bubbles: true }));
}

function swallow(event) {
  event.stopPropagation();
  event.preventDefault();
}

const unswallow = () => window.removeEventListener("click", swallow, { capture: true });

Diary.handlers = {
  eventDragStart: ({ event: shown }) => {
    [dragging, cancelled] = [shown.id, false];
  },
  // A device goes with its room, and nobody is booked under "given back".
  dragConstraint: ({ event: shown }) => !Diary.columnOf(shown.resourceIds.at(-1))?.narrow,
  eventDragStop: () => {
    dragging = null;
  },
  eventDrop: (info) => {
    dropped(info);
    Diary.refreshLater();
  },
  eventClick: ({ event: shown, el, jsEvent }) => {
    const { block, gap } = shown.extendedProps;
    if (block) return Diary.openDrawer(block, el);
    if (jsEvent.type === "click") Diary.pointAt(el, gap, minutesAt(jsEvent) ?? gap.from);
    return Diary.pick(el, Diary.columnOf(shown.resourceIds[0]), Number(el.dataset.at));
  },
  dateClick: ({ date, resource, dayEl }) =>
    Diary.pick(dayEl, Diary.columnOf(resource.id), Diary.minutesIn(date)),
};

function minutesAt(event) {
  const found = Diary.grid.dateFromPoint(event.clientX, event.clientY);
  return found ? Diary.minutesIn(found.date) : null;
}

Diary.listenToPointer = (root) => {
  root.addEventListener("pointermove", (event) => {
    const stop = !Diary.isDragging() && event.target.closest(".di-gap");
    const gap = stop && Diary.gapOf(stop);
    if (gap) Diary.pointAt(stop, gap, minutesAt(event) ?? gap.from);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !Diary.isDragging()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    cancelDrag();
  }, { capture: true });
};
