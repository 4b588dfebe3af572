// SPDX-License-Identifier: Apache-2.0
// The bar of controls for looking back: a day's line with its marks, play and speed. It appears on demand.

import { byId, h, say } from "../kit/dom.js";
import { clockTime, day, fromLocal, isoDate, weekday } from "../kit/format.js";
import { info, lang, t } from "../kit/page.js";
import { live, replayed, watch } from "../kit/store.js";
import { drawMarks, marksOf, markAfter, markBefore, wordsOf } from "./marks.js";
import { SPEEDS, pause, player, setSpeed, startPlayer, toggle } from "./player.js";
import { busy, go, latest, onReplay, replay, tell, within } from "./replay.js";

const DAY = 86_400_000;
const READ_AGAIN_MS = 30_000;
const AFTER_MARK_MS = 1000; // so long after a mark its picture is sure to be there

const bar = byId("time-bar");
const slider = byId("bar-slider");
let line = { date: "", start: 0, end: 0, marks: [], readAt: 0 };
let reading = null;

export const isOpen = () => !bar.hidden;

export function startTimeBar() {
  slider.addEventListener("input", () => go(line.start + Number(slider.value) * 1000));
  byId("bar-day-back").addEventListener("click", () => go(replay.at - DAY));
  byId("bar-day-on").addEventListener("click", () => go(replay.at + DAY));
  byId("bar-mark-back").addEventListener("click", () => toMark(markBefore));
  byId("bar-mark-on").addEventListener("click", () => toMark(markAfter));
  byId("bar-marks").addEventListener("change", ({ target }) => target.value && go(Number(target.value)));
  byId("bar-play").addEventListener("click", toggle);
  byId("bar-time").addEventListener("change", ({ target }) => goToTime(target.value));
  byId("bar-close").addEventListener("click", closeTimeBar);
  byId("bar-speed").append(...SPEEDS.map((speed) => h("option", { value: speed, selected: speed === player.speed }, t("wall.replay.times", { n: speed }))));
  byId("bar-speed").addEventListener("change", ({ target }) => setSpeed(Number(target.value)));
  byId("time-open").addEventListener("click", () => {
    byId("drawer").close();
    openTimeBar();
  });
  byId("timeline").addEventListener("click", pickOnTimeline);
  startPlayer();
  onReplay(draw);
  watch(["*", "live"], draw);
  const asked = new URLSearchParams(location.search).get("at");
  if (asked) openTimeBar(asked, false);
}

/** Open at an instant; without one the slider goes with the present, and the present stays shown until it is moved. */
export async function openTimeBar(at, focus = true) {
  bar.hidden = false;
  draw();
  const was = document.activeElement;
  const gone = at && go(at);
  if (slider.disabled) await reading;
  if (focus && isOpen() && document.activeElement === was) slider.focus();
  await gone;
}

/** Closing the bar does not end a replay: its strip does. */
export function closeTimeBar() {
  pause();
  bar.hidden = true;
}

export const step = (ms) => go((replayed() ? replay.at : latest()) + ms);
export const toEnd = (last) => go(within(last ? line.end : line.start));

export function toMark(find) {
  const mark = find(line.marks, replayed() ? replay.at : latest());
  if (mark) go(mark.at + AFTER_MARK_MS);
}

/** A time of the shown day: 9:05, 0905 or 09:05:30. */
function goToTime(typed) {
  const [, hours, minutes, seconds = 0] = /^(\d{1,2})[:：]?(\d\d)(?:[:：]?(\d\d))?$/.exec(typed.trim()) ?? [];
  if (!(hours < 24 && minutes < 60 && seconds < 60)) {
    replay.wrong = t("wall.replay.no_time");
    return tell();
  }
  return go(fromLocal(line.date, `${hours.padStart(2, "0")}:${minutes}`, info.zone) + 1000 * seconds);
}

/** The marks of a day, and where the run begins. */
async function readMarks(date) {
  const start = fromLocal(date, "00:00", info.zone);
  line = { ...line, date, start: Math.max(start, replay.first), end: start + DAY, marks: line.date === date ? line.marks : [], readAt: performance.now() };
  const found = await marksOf(start, start + DAY);
  if (line.date !== date) return;
  if (found.wrong) {
    replay.wrong ||= found.wrong;
    return;
  }
  replay.first = found.first;
  const marks = found.marks.filter((mark) => mark.at + AFTER_MARK_MS <= latest()); // the others are left to the present
  Object.assign(line, { start: Math.max(start, found.first), marks });
  byId("bar-marks").replaceChildren(h("option", { value: "" }, t(marks.length ? "wall.replay.marks" : "wall.replay.no_marks", { n: marks.length + (found.more ? "+" : "") })),
    ...marks.map((mark) => h("option", { value: mark.at + AFTER_MARK_MS }, wordsOf(mark))));
  draw();
}

function draw() {
  if (!isOpen()) return;
  if (!replayed() && !busy()) replay.at = live.now();
  if (!replay.at) return; // nothing has come yet
  const date = isoDate(replay.at, info.zone);
  const old = performance.now() - line.readAt > READ_AGAIN_MS && document.activeElement !== byId("bar-marks");
  if (date !== line.date || old) reading = readMarks(date);
  drawBar();
}

function drawBar() {
  const end = Math.min(line.end, Math.max(latest(), replay.at));
  const at = replay.at;
  slider.disabled = !replay.first; // until it is known where the run begins the line has no scale
  Object.assign(slider, { max: Math.max(1, Math.round((end - line.start) / 1000)), value: Math.round((at - line.start) / 1000) });
  slider.setAttribute("aria-valuetext", `${day(at, lang, info.zone)} ${clockTime(at, info.zone, true)}`);
  say(byId("bar-day"), lang === "zh" ? `${day(at, lang, info.zone)} ${weekday(at, lang, info.zone)}` : `${weekday(at, lang, info.zone)} ${day(at, lang, info.zone)}`);
  if (document.activeElement !== byId("bar-time")) byId("bar-time").value = clockTime(at, info.zone, true);
  say(byId("bar-from"), clockTime(line.start, info.zone));
  say(byId("bar-to"), clockTime(end, info.zone));
  say(byId("bar-play"), t(player.playing ? "wall.replay.pause" : "wall.replay.play"));
  byId("bar-day-back").disabled = line.start <= replay.first;
  byId("bar-day-on").disabled = line.end >= latest();
  byId("bar-mark-back").disabled = !markBefore(line.marks, at);
  byId("bar-mark-on").disabled = !markAfter(line.marks, at);
  byId("bar-wrong").hidden = !replay.wrong;
  say(byId("bar-wrong"), replay.wrong);
  drawMarks(byId("bar-ticks"), line.marks, line.start, end);
}

function pickOnTimeline({ offsetX }) {
  const at = byId("timeline").dataset.from;
  if (!at) return;
  const { from, to, left, right } = byId("timeline").dataset;
  const share = (offsetX - left) / (byId("timeline").clientWidth - left - right);
  openTimeBar(within(Number(from) + Math.min(1, Math.max(0, share)) * (to - from)));
}
