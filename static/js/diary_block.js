// What one block of the diary looks like: phases drawn by their share of the time, the
// words over them, and the whole said once for a screen reader.
"use strict";

const FLAG_ICONS = { // the list of the day shows the same
  new: "person-plus",
  note: "sticky",
  held: "pause-circle",
  alone: "shield-exclamation",
  consent: "pen",
  answers: "question-circle",
};
const LOW_PX = 30; // a block lower than this has one line

Diary.mark = (selector) => {
  const drawn = document.getElementById("diary-marks").content.querySelector(selector);
  return drawn ? drawn.cloneNode(true) : "";
};

function glyph(block) {
  return Diary.mark(`.cd-status-${CSS.escape(block.status)} svg`) || Diary.mark(".cd-status-cancelled svg");
}

function treatmentMarks(block) {
  if (block.modality === "talk") return [];
  const shapes = [block.modality];
  if (block.modality === "rf" && block.label.includes("PRP")) shapes.push("prp");
  return shapes.map((shape) => {
    const mark = Diary.mark(`.t-${CSS.escape(shape)} svg`);
    if (mark) mark.classList.add(`t-${shape}`);
    return mark;
  });
}

const pixels = (minutes) => `${(minutes / 60) * Diary.HOUR_PX}px`;

function phases(block) {
  return block.phases.map((phase) => {
    const part = Diary.element("span", `di-phase di-phase-${phase.look}`);
    const start = Diary.minutes(phase.start);
    part.style.insetBlockStart = pixels(start - Diary.minutes(block.start));
    part.style.blockSize = pixels(Diary.minutes(phase.end) - start);
    return part;
  });
}

function flags(block) {
  const icons = (block.flags ?? []).map((flag) =>
    Diary.element("i", `bi bi-${FLAG_ICONS[flag] ?? "info-circle"}`),
  );
  return icons.length ? Diary.element("span", "di-flags", ...icons) : "";
}

// Everything the block shows, as one sentence: it is the accessible name.
function sentence(block, column, start, end) {
  const span = Diary.say("span", { from: Diary.shown(start), until: Diary.shown(end) });
  const flagWords = (block.flags ?? []).map((flag) => Diary.words[`flag${flag[0].toUpperCase()}${flag.slice(1)}`]);
  const where = [column?.title, column?.lane].filter(Boolean).join(", ");
  return [span, block.name, block.label, block.line, block.word, block.late,
    block.held, ...flagWords, where].filter(Boolean).join(", ");
}

function firstRow(block, start) {
  const talk = block.modality === "talk";
  return Diary.element("span", "di-r1",
    Diary.element("b", "t", Diary.shown(start)),
    block.late ? Diary.element("b", "di-late", block.late) : "",
    talk && !block.late ? Diary.element("em", "", block.label) : "",
    glyph(block));
}

// Words that end in dots where there is no room; a reader has the whole sentence.
const cut = (words) => Diary.element("span", "di-cut", words);

function lines(block, start) {
  const rows = [firstRow(block, start), Diary.element("span", "di-r2", block.name)];
  const head = Diary.element("span", "di-first", ...rows);
  if (block.modality === "talk") {
    rows[1].append(flags(block));
    return [head];
  }
  const code = Diary.element("span", "di-r3", ...treatmentMarks(block), cut(block.label));
  const line = block.held ? Diary.element("b", "", block.held) : cut(block.line);
  return [head, Diary.element("span", "di-second", code, Diary.element("span", "di-r4 t", line, flags(block)))];
}

// The first phase keeps its height, so that the words of the second start where it does.
function reserveFirst(block, head) {
  const first = block.phases[0];
  if (!first || first.look !== "white") return;
  head.style.minBlockSize = pixels(Diary.minutes(first.end) - Diary.minutes(block.start));
}

// In a device's column: when, for what, for whom.
function narrow(block, start) {
  const first = Diary.element("span", "di-r1", Diary.element("b", "t", Diary.shown(start)),
    Diary.element("span", "di-marks", ...treatmentMarks(block)));
  return [Diary.element("span", "di-first", first, Diary.element("span", "di-r2", block.name))];
}

// The nodes of a block that stands from `start` to `end` (minutes) in `column`.
Diary.drawBlock = (block, column, start, end) => {
  const words = column?.narrow ? narrow(block, start) : lines(block, start);
  if (!column?.narrow) reserveFirst(block, words[0]);
  const low = ((end - start) / 60) * Diary.HOUR_PX < LOW_PX;
  const body = Diary.element("span", low ? "di-body is-low" : "di-body",
    ...phases(block),
    Diary.element("span", "di-text", ...words));
  body.setAttribute("aria-hidden", "true");
  const spoken = Diary.element("span", "visually-hidden", sentence(block, column, start, end));
  return [spoken, body];
};
