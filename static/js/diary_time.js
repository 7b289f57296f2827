// The clinic's wall clock, as minutes since midnight. The browser's own zone never enters:
// the feed's times already carry the clinic's offset, so their digits are its clock.
"use strict";

const Diary = { words: {}, feed: null };

Diary.QUARTER = 15;
Diary.HOUR_PX = 78;

// "2026-11-24T11:05:00-05:00" -> 665
Diary.minutes = (iso) => Number(iso.slice(11, 13)) * 60 + Number(iso.slice(14, 16));

// The end of a block or of time off; midnight is the end of its day.
Diary.endOf = ({ start, end }) => Diary.minutes(end) || (end > start ? 24 * 60 : 0);

// "18:00" -> 1080
Diary.minutesOf = (clock) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

// EventCalendar hands back dates whose browser fields are the wall clock it was given;
// toISOString() and JSON would shift them by the browser's zone.
Diary.minutesIn = (date) => date.getHours() * 60 + date.getMinutes();

// 510 -> "08:30", as addresses want it
Diary.clock = (minutes) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

// 510 -> "8:30", as the grid shows it
Diary.shown = (minutes) => Diary.clock(minutes).replace(/^0/, "");

Diary.snapped = (minutes) => Math.floor(minutes / Diary.QUARTER) * Diary.QUARTER;

// The moment of a day in a form without a zone, which EventCalendar takes literally.
Diary.stamp = (day, minutes) => `${day}T${Diary.clock(minutes)}:00`;

// A word of the page with its holes filled: say("free", {from: "9:00", until: "9:45"}).
Diary.say = (name, holes = {}) =>
  (Diary.words[name] ?? "").replace(/\{(\w+)\}/g, (whole, hole) => holes[hole] ?? whole);

Diary.element = (tag, className, ...content) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content.filter((part) => part !== null && part !== ""));
  return made;
};
