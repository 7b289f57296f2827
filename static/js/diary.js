// The diary: reads the day's feed, draws it, keeps it fresh without taking anything from
// under somebody's hand, and opens the drawer. Without this the list of the day is there.
"use strict";

const EVERY_MS = 45_000;
const AT_MOST_EVERY_MS = 4_000; // on coming back to the tab
const ROOM_FOR_GRID = window.matchMedia("(width >= 768px)");
const ROOM_FOR_ALL = window.matchMedia("(width >= 992px)");
const root = document.getElementById("diary");
let etag = "";
let waiting = false; // a refresh came while it could not be shown
let askedAt = 0;
let lastMoved = ""; // what was being moved, for the focus where its old place is gone

// --- Reading the feed ---------------------------------------------------------------------

async function read() {
  askedAt = performance.now();
  // The first time as the page's preload asks, or it would be asked for twice.
  const how = Diary.feed ? { headers: { "If-None-Match": etag }, cache: "no-store" } : {};
  const answer = await fetch(root.dataset.feed, how);
  if (answer.status === 304) {
    Diary.feedAt = answer.headers.get("X-Updated");
    if (!Diary.follow(Diary.feedAt)) etag = ""; // after midnight everything is another day's
    return null;
  }
  if (!answer.ok || answer.redirected) throw new Error(`the feed answered ${answer.status}`);
  const feed = await answer.json();
  etag = answer.headers.get("ETag") ?? "";
  Diary.feedAt = feed.updated;
  return feed;
}

async function refresh() {
  lastMoved = Diary.moving() || lastMoved;
  if (cannotChange()) {
    waiting = true;
    return;
  }
  waiting = false;
  try {
    const feed = await read();
    if (feed) take(feed);
    sayFresh(true);
  } catch {
    sayFresh(false);
  }
}

const cannotChange = () =>
  Diary.isDragging() || document.querySelector("dialog[open], .modal.show") !== null;

Diary.refreshLater = () => {
  if (waiting) setTimeout(refresh);
};

function take(feed) {
  if (cannotChange()) {
    [waiting, etag] = [true, ""]; // it came while a drag began: ask again afterwards
    return;
  }
  const changed = feed.version !== Diary.feed?.version;
  Diary.feed = feed;
  Diary.setClock();
  if (changed) show();
  Diary.drawNow();
}

function show() {
  const focused = document.activeElement?.closest?.("#diary .ec-event")?.dataset.key;
  if (Diary.grid) Diary.updateGrid(root, Diary.feed);
  else start();
  requestAnimationFrame(() => {
    if (focused && document.activeElement === document.body) {
      Diary.focusStop(Diary.stopLike(focused) ?? Diary.stopLike(`a${lastMoved}`));
    }
    markOpen();
  });
  sayCounts();
  document.getElementById("diary-empty").hidden = Diary.feed.blocks.length > 0;
}

function start() {
  fillWho();
  Diary.openGrid(root, Diary.feed);
  addAllHours();
  requestAnimationFrame(() => {
    Diary.scrollToStart();
    openAsked();
    root.dataset.drawn = "";
  });
}

// The address asks for an appointment: its drawer opens, unless the server has put it there.
function openAsked() {
  markOpen();
  const stop = document.querySelector("#diary .is-open");
  if (!stop || document.querySelector("#drawer > *")) return;
  Diary.openDrawer(Diary.grid.getEventById(stop.dataset.key).extendedProps.block, stop);
}

// --- Saying how fresh it is, and how many there are ----------------------------------------

function sayFresh(fresh) {
  const line = document.getElementById("diary-fresh");
  const name = fresh ? "updated" : Diary.feed ? "stale" : "never";
  const words = Diary.say(name, { time: Diary.feedAt?.replace(/^0/, "") });
  if (!fresh && !line.classList.contains("is-stale")) Diary.tell(words);
  line.classList.toggle("is-stale", !fresh);
  line.querySelector("[data-diary-updated]").textContent = words;
}

// The bar above was drawn by the server; its numbers follow the feed.
function sayCounts() {
  for (const one of Diary.feed.counts ?? []) {
    const shown = document.querySelector(`[data-diary-count="${CSS.escape(one.status)}"]`);
    if (shown) shown.textContent = `${one.count} ${one.word}`;
  }
}

Diary.tell = (words) => {
  document.getElementById("diary-say").textContent = words;
};

Diary.toast = (words) => {
  const box = document.getElementById("messages");
  box.querySelector(".cd-toast[data-diary]")?.remove();
  const toast = document.getElementById("diary-toast").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = words;
  box.append(toast);
  window.bootstrap?.Toast.getOrCreateInstance(toast).show();
};

// --- Who is shown on a narrow screen, whose names are hidden --------------------------------

const who = document.getElementById("diary-who");

const peopleIn = (feed) => [...new Map(feed.columns.map((one) => [Diary.groupOf(one), one.title]))];
Diary.isWeek = () => new Set(Diary.feed.columns.map((one) => one.date)).size > 1;

function fillWho() {
  who.replaceChildren(...peopleIn(Diary.feed).map(([id, title]) => new Option(title, id)));
}

Diary.columnsToShow = (feed) => {
  if (ROOM_FOR_ALL.matches || Diary.isWeek()) return feed.columns;
  const chosen = who.value || peopleIn(feed)[0]?.[0];
  return feed.columns.filter((one) => Diary.groupOf(one) === chosen);
};

function addAllHours() {
  const button = Diary.element("button", "btn btn-quiet btn-icon di-all-hours",
    Diary.element("i", "bi bi-arrows-expand"),
    Diary.element("span", "visually-hidden", Diary.words.allHours));
  button.type = "button";
  button.title = Diary.words.allHours;
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    Diary.allHours = !Diary.allHours;
    button.setAttribute("aria-pressed", String(Diary.allHours));
    const [main, before] = [Diary.main(), Diary.main().scrollTop];
    const from = Diary.grid.getOption("slotMinTime").seconds;
    Diary.updateGrid(root, Diary.feed);
    const shift = (from - Diary.grid.getOption("slotMinTime").seconds) / 3600;
    requestAnimationFrame(() => (main.scrollTop = before + shift * Diary.HOUR_PX));
  });
  root.before(button);
}

// --- The drawer --------------------------------------------------------------------------------

let cameFrom = ""; // key of the block the drawer was opened from

Diary.openDrawer = async (block, element) => {
  const drawer = document.getElementById("drawer");
  if (!drawer || !block.appointment) return location.assign(block.url);
  cameFrom = element.dataset.key;
  setAddress("open", block.appointment);
  markOpen();
  await window.htmx.ajax("GET", `${block.url}drawer/`, { target: drawer, swap: "innerHTML" });
  drawer.hidden = false;
  drawer.querySelector("[data-cd-focus]")?.focus({ preventScroll: true });
};

// drawer.js closes it; the block it was opened from has the focus again.
function leaveDrawer() {
  const opened = Diary.stopLike(cameFrom) ?? document.querySelector("#diary .is-open");
  setAddress("open", "");
  markOpen();
  Diary.focusStop(opened);
}

// The address always says what is seen, so that a reload or a bookmark shows it again.
function setAddress(name, value) {
  const address = new URL(location.href);
  if (value) address.searchParams.set(name, value);
  else address.searchParams.delete(name);
  history.replaceState(history.state, "", address);
}

function markOpen() {
  const open = new URLSearchParams(location.search).get("open");
  for (const stop of document.querySelectorAll("#diary .di-block")) {
    const block = Diary.grid.getEventById(stop.dataset.key)?.extendedProps.block;
    const isOpen = Boolean(open) && String(block?.appointment) === open;
    stop.classList.toggle("is-open", isOpen);
    if (isOpen) stop.setAttribute("aria-current", "true");
    else stop.removeAttribute("aria-current");
  }
}

// --- Beginning ------------------------------------------------------------------------------------

function listen() {
  Diary.listenToKeys(root);
  Diary.listenToPointer(root);
  document.body.addEventListener("diary-changed", refresh);
  document.addEventListener("visibilitychange", comeBack);
  window.addEventListener("focus", comeBack);
  document.addEventListener("close", () => Diary.refreshLater(), { capture: true }); // a dialog
  document.addEventListener("drawer:close", leaveDrawer);
  who.addEventListener("change", redraw);
  ROOM_FOR_ALL.addEventListener("change", redraw);
  setInterval(() => Diary.grid && Diary.drawNow(), 15_000);
  setInterval(() => document.visibilityState === "visible" && refresh(), EVERY_MS);
}

const redraw = () => Diary.grid && Diary.updateGrid(root, Diary.feed);

function comeBack() {
  const soon = performance.now() - askedAt < AT_MOST_EVERY_MS;
  if (document.visibilityState === "visible" && !soon) refresh();
}

async function begin() {
  document.getElementById("diary-frame").hidden = false;
  document.body.classList.add("has-diary");
  Diary.words = document.getElementById("diary-words").dataset;
  listen();
  await refresh();
}

function beginWhenThereIsRoom() {
  if (!root || Diary.begun || !ROOM_FOR_GRID.matches) return;
  Diary.begun = true;
  begin();
}

ROOM_FOR_GRID.addEventListener("change", beginWhenThereIsRoom);
beginWhenThereIsRoom();
