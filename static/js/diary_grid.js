// The grid itself: EventCalendar set up for columns of one day, its heads, its hatching,
// and the roles that fit what it is.
"use strict";

const ALL_HOURS = [6 * 60, 22 * 60];
const HEAD_PX = 54;
const WIDTHS = { lane: "minmax(124px, 136fr)", single: "minmax(150px, 190fr)", narrow: "minmax(76px, 84fr)" };
const ALIEN_ROLES = "[role=table],[role=rowgroup],[role=row],[role=cell],[role=columnheader]";

Diary.shownColumns = [];
Diary.columnOf = (id) => Diary.feed.columns.find((column) => column.id === id);

// --- What is shown, and how wide ------------------------------------------------------

// Lanes of one person stand under one head; rooms share a group, but not a head.
const groupOf = (column) => `${column.group} ${column.title}`;

function width(column, columns) {
  if (column.narrow) return WIDTHS.narrow;
  const lanes = columns.filter((other) => groupOf(other) === groupOf(column)).length;
  return lanes > 1 || Diary.feed.columns.length > 8 ? WIDTHS.lane : WIDTHS.single;
}

function layColumns(root, columns) {
  root.style.setProperty("--di-columns", columns.map((one) => width(one, columns)).join(" "));
}

// Whole hours, as many as fill the page at least: what is outside the clinic's is grey.
function hoursShown(feed) {
  let [first, last] = [Diary.minutesOf(feed.hours.from), Diary.minutesOf(feed.hours.until)];
  if (Diary.allHours) [first, last] = [Math.min(first, ALL_HOURS[0]), Math.max(last, ALL_HOURS[1])];
  first = Math.floor(first / 60) * 60;
  const seen = document.getElementById("diary").clientHeight - HEAD_PX;
  const filled = first + Math.ceil(seen / Diary.HOUR_PX) * 60;
  return [first, Math.min(Math.max(Math.ceil(last / 60) * 60, filled), 24 * 60)];
}

// --- Events: blocks, free times, hatching --------------------------------------------

function blockEvents(feed, columns) {
  return columns.flatMap((column, index) =>
    feed.blocks
      .filter((block) => block.columns.includes(column.id))
      .map((block) => event(`${block.id}@${column.id}`, feed, column, index, {
        from: Diary.minutes(block.start),
        until: Diary.endOf(block),
        startEditable: block.movable,
        classNames: blockClasses(block),
        what: { block },
      })));
}

function event(id, feed, column, index, { from, until, what, ...more }) {
  return {
    id,
    resourceIds: [column.id],
    start: Diary.stamp(feed.date, from),
    end: Diary.stamp(feed.date, until),
    startEditable: false,
    extendedProps: { ...what, column: column.id, order: index * 1440 + from },
    ...more,
  };
}

function blockClasses(block) {
  const treatment = block.modality === "talk" ? "t-consult" : `t-${block.modality}`;
  const classes = ["di-block", treatment, `is-${block.status}`];
  if (Diary.moving() === String(block.appointment)) classes.push("is-moving");
  return classes;
}

function gapEvents(feed, columns) {
  return columns.flatMap((column, index) =>
    Diary.gapsIn(feed, column).map(([from, until]) =>
      event(`free@${column.id}@${from}`, feed, column, index, {
        from, until, classNames: ["di-gap"], what: { gap: { from, until } },
      })));
}

// Time off is drawn once across the lanes of one person, with its label in the first.
function offEvents(feed, columns) {
  return [...feed.off, ...outside(feed, columns)].flatMap((off, number) =>
    runs(columns.filter((column) => off.columns.includes(column.id)), columns)
      .map(([first, lanes]) => event(`off${number}@${first.id}`, feed, first, 0, {
        from: Diary.minutes(off.start),
        until: Diary.endOf(off),
        display: "background",
        classNames: ["di-off", `di-off-${off.look}`],
        styles: [`inline-size:${lanes * 100}%`],
        what: { off },
      })));
}

// What is shown before the clinic opens and after it closes.
function outside(feed, columns) {
  const [first, last] = hoursShown(feed);
  const [from, until] = [Diary.minutesOf(feed.hours.from), Diary.minutesOf(feed.hours.until)];
  const all = columns.map((column) => column.id);
  return [[first, from], [until, last]]
    .filter(([start, end]) => end > start)
    .map(([start, end]) => ({
      columns: all, look: "off", label: "",
      start: Diary.stamp(feed.date, start), end: Diary.stamp(feed.date, end),
    }));
}

// Neighbouring columns of one group, as [first column, how many].
function runs(found, columns) {
  const together = [];
  for (const column of found) {
    const before = together.at(-1);
    const follows = before && columns.indexOf(before.last) + 1 === columns.indexOf(column);
    if (follows && groupOf(before.last) === groupOf(column)) {
      before.last = column;
      before.lanes += 1;
    } else together.push({ first: column, last: column, lanes: 1 });
  }
  return together.map((run) => [run.first, run.lanes]);
}

Diary.groupOf = groupOf;

Diary.events = (feed, columns) => [
  ...blockEvents(feed, columns), ...gapEvents(feed, columns), ...offEvents(feed, columns),
];

// --- What is in an event ----------------------------------------------------------------

function content({ event: shown }) {
  const { block, gap, off } = shown.extendedProps;
  const column = Diary.columnOf(shown.resourceIds[0]);
  if (gap) return { domNodes: Diary.drawGap(gap, column) };
  if (off) return { domNodes: off.label ? [Diary.element("span", "di-off-label", off.label)] : [] };
  const [start, end] = [Diary.minutesIn(shown.start), Diary.minutesIn(shown.end)];
  const nodes = Diary.drawBlock(block, column, start, end);
  if (shown.display === "preview") nodes.push(target(column, start));
  return { domNodes: nodes };
}

// Where a block would land, while it is dragged.
function target(column, start) {
  return Diary.element("span", "di-target t", Diary.shown(start), column?.lane ? ` · ${column.lane}` : "");
}

function head({ resource }) {
  const column = Diary.columnOf(resource.id);
  if (!column) return { domNodes: [] }; // it goes with the next redraw
  const group = Diary.shownColumns.filter((other) => groupOf(other) === groupOf(column));
  const nodes = group[0] === column ? [groupHead(column, group.length)] : [];
  if (!column.narrow) nodes.push(Diary.element("span", "di-lane-name t", column.lane || hoursBelow(column)));
  return { domNodes: nodes };
}

// Where the head has no rooms to name, the hours stand in their line.
const hoursBelow = (column) => (column.practitioner && !Diary.isWeek() ? "" : column.hours);

function groupHead(column, lanes) {
  const hours = column.narrow || hoursBelow(column) ? "" : column.hours;
  const name = Diary.element("span", column.narrow ? "di-name is-narrow" : "di-name",
    Diary.element("b", "", column.title),
    column.supervising && !Diary.isWeek() ? supervising() : "",
    hours ? Diary.element("span", "di-hours t", hours) : "");
  name.style.inlineSize = `calc(${lanes * 100}% - 16px)`;
  return name;
}

const supervising = () =>
  Diary.element("span", "badge badge-accent",
    Diary.element("i", "bi bi-shield-check"),
    Diary.element("span", "", Diary.words.supervising));

// --- Setting it up ------------------------------------------------------------------------

Diary.options = (feed, columns) => {
  const [first, last] = hoursShown(feed);
  return {
    view: "resourceTimeGridDay",
    date: feed.date,
    timeZone: "UTC", // what comes in is wall clock already, and stays it
    headerToolbar: { start: "", center: "", end: "" },
    height: "100%",
    allDaySlot: false,
    nowIndicator: false,
    slotDuration: "01:00",
    snapDuration: "00:15",
    slotHeight: Diary.HOUR_PX,
    slotLabelInterval: "01:00",
    slotLabelFormat: (date) => Diary.shown(Diary.minutesIn(date)),
    slotMinTime: `${Diary.clock(first)}:00`,
    slotMaxTime: `${Diary.clock(last)}:00`,
    slotEventOverlap: false,
    resources: columns.map((column) => ({ id: column.id, title: column.title })),
    resourceLabelContent: head,
    events: Diary.events(feed, columns),
    eventOrder: (one, other) => one.extendedProps.order - other.extendedProps.order,
    eventContent: content,
    eventDidMount: ({ event: shown, el }) => {
      el.dataset.key = shown.id;
      el.dataset.column = shown.extendedProps.column;
    },
    eventDurationEditable: false,
    eventDragMinDistance: 6,
    longPressDelay: 500,
    ...Diary.handlers,
  };
};

Diary.openGrid = (root, feed) => {
  Diary.shownColumns = Diary.columnsToShow(feed);
  layColumns(root, Diary.shownColumns);
  const options = Diary.options(feed, Diary.shownColumns);
  drawn = prints(options.events);
  Diary.grid = window.EventCalendar.create(root, options);
  Diary.main = () => root.querySelector(".ec-main");
  new MutationObserver(() => Diary.tidy(root)).observe(root, {
    attributeFilter: ["role"], childList: true, subtree: true,
  });
  Diary.tidy(root);
};

// --- What the library gets wrong, put right after every redraw ---------------------------

// It calls itself a table and puts buttons into it: a reader would look for cells that are
// not there. It is a region with buttons, each of which says where and when it is.
Diary.tidy = (root) => {
  for (const one of root.querySelectorAll(ALIEN_ROLES)) {
    one.removeAttribute("role");
    one.removeAttribute("aria-colindex");
    one.removeAttribute("aria-colspan");
  }
  for (const part of root.querySelectorAll(".ec-main > header, .ec-sidebar")) {
    // Only if it is not so yet: the observer that calls this hears of every change.
    if (!part.hasAttribute("role")) part.setAttribute("role", "presentation");
  }
  Diary.nameMain(root.querySelector(".ec-main"));
  drawLanes(root.querySelector(".ec-events"));
  Diary.drawNow();
  Diary.setStops();
};

// Between the rooms of one person the line is dashed, and runs through their time off.
function drawLanes(events) {
  const columns = Diary.shownColumns;
  const lanes = columns.flatMap((column, index) =>
    index && groupOf(column) === groupOf(columns[index - 1]) ? [index + 1] : []);
  const lines = [...events.querySelectorAll(":scope > .di-lane")];
  if (lines.map((line) => line.dataset.at).join() === lanes.join()) return;
  for (const line of lines) line.remove();
  for (const at of lanes) {
    const line = Diary.element("i", "di-lane");
    line.dataset.at = at;
    line.style.gridColumn = at;
    events.append(line);
  }
}

Diary.nameMain = (main) => {
  if (!main || main.getAttribute("role") === "region") return;
  main.setAttribute("role", "region");
  main.setAttribute("aria-label", Diary.words.region);
  main.tabIndex = main.querySelector(".ec-event") ? -1 : 0; // a box that scrolls is reachable
};

// --- Bringing the grid up to a new feed: only what changed is touched --------------------

Diary.updateGrid = (root, feed) => {
  const before = JSON.stringify(Diary.shownColumns);
  Diary.shownColumns = Diary.columnsToShow(feed);
  if (JSON.stringify(Diary.shownColumns) !== before) {
    layColumns(root, Diary.shownColumns);
    const resources = Diary.shownColumns.map((column) => ({ id: column.id, title: column.title }));
    Diary.grid.setOption("resources", resources);
  }
  updateHours(feed);
  updateEvents(Diary.events(feed, Diary.shownColumns));
};

function updateHours(feed) {
  const [first, last] = hoursShown(feed);
  for (const [name, minutes] of [["slotMinTime", first], ["slotMaxTime", last]]) {
    const value = `${Diary.clock(minutes)}:00`;
    if (Diary.grid.getOption(name).seconds !== minutes * 60) Diary.grid.setOption(name, value);
  }
}

let drawn = new Map();
const prints = (events) => new Map(events.map((one) => [one.id, JSON.stringify(one)]));

function updateEvents(events) {
  const wanted = prints(events);
  for (const id of drawn.keys()) if (!wanted.has(id)) Diary.grid.removeEventById(id);
  for (const one of events) {
    if (!drawn.has(one.id)) Diary.grid.addEvent(one);
    else if (drawn.get(one.id) !== wanted.get(one.id)) Diary.grid.updateEvent(one);
  }
  drawn = wanted;
}
