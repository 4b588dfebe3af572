// SPDX-License-Identifier: Apache-2.0
// Header, strip, banner and title of the page: edition clock, show day, health of the data, state of the run.

import { byId, h, say } from "../kit/dom.js";
import { clockTime, day, isoDate, number, weekday } from "../kit/format.js";
import { info, lang, pick, t } from "../kit/page.js";
import { shape } from "../kit/shapes.js";
import { allUnknown, feeds, now, replayed, things, time, unknown, watch } from "../kit/store.js";
import { days, showDays } from "./days.js";
import { bandAsOf, hhmm, reason, todo } from "./words.js";

const named = document.title;

export function startHeader() {
  setInterval(tick, 250);
  watch(["*"], () => {
    tick();
    health();
    banner();
    state();
    title();
    bandAsOf(time.since ?? now());
  });
}

function tick() {
  if (!time.pulse) return;
  const at = now();
  say(byId("clock"), clockTime(at, info.zone, true));
  say(byId("clock-day"), `${lang === "zh" ? "" : `${weekday(at, lang, info.zone)} `}${day(at, lang, info.zone)}${lang === "zh" ? ` ${weekday(at, lang, info.zone)}` : ""}`);
  say(byId("show-day"), showDay(isoDate(at, info.zone)));
  byId("clock").parentElement.classList.toggle("is-unknown", allUnknown());
}

function showDay(date) {
  if (!showDays.length) return "";
  const index = showDays.findIndex((one) => one.date === date);
  if (index >= 0) return t("wall.show_day", { n: index + 1 });
  const other = days.find((one) => one.date === date);
  return other ? pick(other.name) : t(date < showDays[0].date ? "wall.before_show" : "wall.after_show");
}

function health() {
  const all = feeds().length;
  const silent = feeds().filter(unknown).length;
  say(byId("feeds"), t("wall.feeds", { all, fresh: all - silent }));
  const node = byId("feeds-unknown");
  const text = [silent ? t("wall.feeds_unknown", { n: silent }) : "", devicesSilent()].filter(Boolean).join(t("wall.comma"));
  node.hidden = !text;
  if (text && node.dataset.text !== text) node.replaceChildren(shape("unknown"), text);
  node.dataset.text = text;
}

/** Devices that said something before; unknown as all else, they are not counted. */
function devicesSilent() {
  const silent = things("attention").filter((one) => one.props.kind === "device-silent" && !unknown(one));
  const n = silent.reduce((sum, { props }) => sum + (props.count ?? props.devices.length), 0);
  return n ? t("wall.devices_silent", { n }) : "";
}

function banner() {
  const node = byId("banner");
  node.hidden = !allUnknown() || (!time.pulse && !time.broken);
  if (node.hidden) return;
  const text = `${t("wall.resuming", { time: time.since ? hhmm(time.since) : "--:--" })} · ${reason()}`;
  const next = todo();
  if (node.dataset.text !== text + next) node.replaceChildren(shape("unknown"), h("span", {}, text), h("small", {}, next));
  node.dataset.text = text + next;
}

function state() {
  const node = byId("run-state");
  const { state: word = "running", speed, speed_reached: reached } = time.pulse ?? {};
  node.hidden = word === "running" || replayed();
  if (!node.hidden) say(node, stateWord(word));
  if (!speed || !byId("strip-speed")) return;
  const slow = word === "running" && reached && reached < speed * 0.95;
  say(byId("strip-speed"), [t("wall.speed", { speed: number(speed) }), slow ? t("wall.speed_reached", { speed: number(reached) }) : ""].filter(Boolean).join(t("wall.comma")));
}

const stateWord = (word) => t(`wall.state.${word === "finished" && info.kind === "live" ? "finished_live" : word}`);

/** A tab among many tells what the wall tells: unknown, or how much is open, and whether the clock runs. */
function title() {
  const open = things("attention").length;
  const { state: word = "running" } = time.pulse ?? {};
  const first = allUnknown() ? t("wall.page.unknown") : open ? t("wall.page.open", { n: open }) : "";
  const text = [replayed() ? t("wall.replay.page", { time: hhmm(now()) }) : "", first, word === "running" || replayed() ? "" : stateWord(word), named].filter(Boolean).join(" · ");
  if (document.title !== text) document.title = text;
}
