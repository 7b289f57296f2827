// The time a hold has left, ticking. The page says until when without this; at the end
// the buttons give way to the way on, and a reader hears of it at 5, 2 and 1 minutes.
"use strict";

const SAID_AT = [300, 120, 60, 0];

function minutesAndSeconds(seconds) {
  const rest = String(seconds % 60).padStart(2, "0");
  return `${Math.floor(seconds / 60)}:${rest}`;
}

function end() {
  const parts = [...document.querySelectorAll("[data-cd-while]")];
  const hadFocus = parts.some((part) => part.contains(document.activeElement));
  for (const part of parts) part.hidden = true;
  for (const part of document.querySelectorAll("[data-cd-over]")) part.hidden = false;
  if (hadFocus) document.querySelector("[data-cd-over] [tabindex]")?.focus();
}

function countDown(clock) {
  // The server's clock counts: this machine's may be wrong, but it runs as fast.
  const ahead = Date.parse(clock.dataset.cdNow) - Date.now();
  const until = Date.parse(clock.dataset.cdUntil);
  const shown = clock.querySelector("[data-cd-left]");
  const bar = document.querySelector("[data-cd-bar]");
  const say = document.querySelector("[data-cd-say]");
  const ask = document.querySelector("[data-cd-ask]");
  const left = () => Math.max(0, Math.ceil((until - Date.now() - ahead) / 1000));
  let before = left() + 1;

  function tick() {
    const seconds = left();
    shown.textContent = minutesAndSeconds(seconds);
    if (bar) bar.value = seconds;
    if (ask) ask.hidden = seconds > 120;
    const passed = SAID_AT.filter((at) => seconds <= at && at < before).at(-1);
    const words = passed === undefined ? "" : clock.getAttribute(`data-say-${passed}`);
    if (words && say) say.textContent = words;
    before = seconds;
    if (seconds > 0) return;
    clearInterval(timer);
    end();
  }

  const timer = setInterval(tick, 1000);
  tick();
}

for (const clock of document.querySelectorAll("[data-cd-until]")) countDown(clock);
