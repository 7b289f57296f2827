// The clinic's clock: the line across the day, and the part of the day one opens on.
"use strict";

let readAt = 0; // performance.now() when the feed was read

Diary.setClock = () => {
  readAt = performance.now();
};

// Nothing changed, but the server's clock went on: "10:47". False once its day is over.
Diary.follow = (clock) => {
  if (!clock || !Diary.feed) return true;
  const before = Diary.feed.now;
  Diary.feed.now = `${before.slice(0, 11)}${clock}:00${before.slice(19)}`;
  Diary.setClock();
  return Diary.feed.now >= before.slice(0, 16);
};

// Minutes since midnight at the clinic. The server's clock counts; this machine's only runs.
Diary.nowMinutes = () =>
  Diary.minutes(Diary.feed.now) + Math.floor((performance.now() - readAt) / 60000);

Diary.todayColumns = () => {
  const today = Diary.feed.now.slice(0, 10);
  return Diary.shownColumns.filter((column) => Diary.dayOf(Diary.feed, column) === today);
};

const topOf = (minutes) =>
  ((minutes - Diary.minutes(`${Diary.feed.date}T${slotMin()}`)) / 60) * Diary.HOUR_PX;

const slotMin = () => {
  const seconds = Diary.grid.getOption("slotMinTime").seconds;
  return Diary.clock(seconds / 60);
};

function place(parent, className, tag) {
  const found = parent.querySelector(`:scope > .${className}`);
  if (found) return found;
  const made = Diary.element(tag, className);
  made.setAttribute("aria-hidden", "true");
  parent.append(made);
  return made;
}

function put(element, top, shown) {
  element.hidden = !shown;
  element.style.insetBlockStart = `${top}px`;
}

Diary.drawNow = () => {
  const body = Diary.grid && document.querySelector("#diary .ec-body");
  if (!body) return;
  const columns = Diary.todayColumns();
  const now = Diary.nowMinutes();
  const line = place(body.querySelector(".ec-events"), "di-now", "div");
  const pill = place(body.querySelector(".ec-sidebar"), "di-now-pill", "span");
  if (pill.textContent !== Diary.shown(now)) pill.textContent = Diary.shown(now);
  put(line, topOf(now), columns.length > 0);
  put(pill, topOf(now), columns.length > 0);
  if (!columns.length) return;
  const first = Diary.shownColumns.indexOf(columns[0]) + 1;
  line.style.gridColumn = `${first} / span ${columns.length}`;
};

// Today opens with now a quarter down the grid, on a half hour; another day at opening.
Diary.scrollToStart = () => {
  const main = Diary.main();
  const half = Diary.HOUR_PX / 2;
  const isToday = Diary.todayColumns().length > 0;
  const visible = main.clientHeight - main.querySelector(".ec-header").offsetHeight;
  const at = isToday ? topOf(Diary.nowMinutes()) - visible / 4 : topOf(firstOpening()) - 4;
  main.scrollTop = Math.max(0, isToday ? Math.round(at / half) * half : at);
};

function firstOpening() {
  return Diary.minutesOf(Diary.feed.hours.from);
}
