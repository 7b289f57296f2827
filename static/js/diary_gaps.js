// The free times between blocks: what can be clicked, and what the arrows stop at.
"use strict";

const SHORTEST_GAP = 20; // minutes; a lower target is too low for a finger

// What is left of [from, until) without `taken`, a list of [start, end).
Diary.freeTimes = (from, until, taken) => {
  const free = [];
  let at = from;
  for (const [start, end] of [...taken].sort((one, other) => one[0] - other[0])) {
    if (start > at) free.push([at, Math.min(start, until)]);
    at = Math.max(at, end);
    if (at >= until) break;
  }
  if (at < until) free.push([at, until]);
  return free.filter(([start, end]) => end - start >= SHORTEST_GAP).flatMap(byTheHour);
};

// A long free time in pieces of about an hour, so that a stop is never higher than what
// is seen of the day, and the arrows get on.
function byTheHour([start, end]) {
  const pieces = [];
  let from = start;
  while (from < end) {
    const hour = Math.ceil((from + SHORTEST_GAP) / 60) * 60;
    const until = end - hour < SHORTEST_GAP ? end : hour;
    pieces.push([from, until]);
    from = until;
  }
  return pieces;
}

function takenIn(feed, column) {
  return [...feed.blocks, ...feed.off]
    .filter((one) => one.columns.includes(column.id))
    .map((one) => [Diary.minutes(one.start), Diary.endOf(one)]);
}

// Free times of a column that can still be booked: never of the past, nor of a device,
// which nobody books by itself.
Diary.gapsIn = (feed, column) => {
  if (column.narrow) return [];
  const [today, clock] = [feed.now.slice(0, 10), Diary.minutes(feed.now)];
  const day = Diary.dayOf(feed, column);
  if (day < today) return [];
  const opens = Diary.minutesOf(feed.hours.from);
  const soonest = day === today ? Math.ceil(clock / Diary.QUARTER) * Diary.QUARTER : 0;
  const closes = Diary.minutesOf(feed.hours.until);
  return Diary.freeTimes(Math.max(opens, soonest), closes, takenIn(feed, column));
};

// The local day a column stands for: its own in a week, else the page's.
Diary.dayOf = (feed, column) => column.date ?? feed.date;

// A free time shows nothing until it is pointed at or has the focus: then the quarter of
// an hour that a click or Enter would take.
Diary.drawGap = (gap, column) => {
  const where = [column?.title, column?.lane].filter(Boolean).join(", ");
  const free = Diary.say("free", { from: Diary.shown(gap.from), until: Diary.shown(gap.until) });
  const spoken = Diary.element("span", "visually-hidden", `${free}, ${where}. `);
  const time = Diary.element("span", "di-slot t");
  return [spoken, time];
};

// Point the gap `element` at `minutes`; kept inside the gap, on the quarter.
Diary.pointAt = (element, gap, minutes) => {
  const first = Math.ceil(gap.from / Diary.QUARTER) * Diary.QUARTER;
  const last = Math.max(first, Diary.snapped(gap.until - Diary.QUARTER));
  const at = Math.min(Math.max(Diary.snapped(minutes), first), last);
  const slot = element.querySelector(".di-slot");
  if (!slot) return first;
  slot.style.insetBlockStart = `${((at - gap.from) / 60) * Diary.HOUR_PX}px`;
  const words = Diary.say(Diary.moving() ? "moveTo" : "bookAt", { time: Diary.shown(at) });
  if (slot.textContent !== words) slot.textContent = words;
  element.dataset.at = at;
  return at;
};
