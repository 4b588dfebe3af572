// SPDX-License-Identifier: Apache-2.0
// The strip of a replay and its tint: there as long as a past instant is shown, with what is open now, and the way back.

import { byId, say } from "../kit/dom.js";
import { clockTime, dated, weekday } from "../kit/format.js";
import { base, info, lang, t } from "../kit/page.js";
import { live, now, replayed, watch } from "../kit/store.js";
import { redraw } from "./charts.js";
import { layersAgain } from "./layers.js";
import { ORDER } from "./matters.js";
import { tint } from "./map.js";
import { back, onReplay } from "./replay.js";

const page = document.documentElement;

export function startReplay() {
  byId("replay-back").addEventListener("click", back);
  onReplay(draw);
  watch(["*", "live"], draw);
}

function draw() {
  const on = replayed();
  if (on !== "replay" in page.dataset) turn(on);
  if (!on) return;
  say(byId("replay-at"), `${dated(now(), lang, info.zone)} ${weekday(now(), lang, info.zone)} ${clockTime(now(), info.zone, true)}`);
  say(byId("replay-live"), present());
  byId("json-link").href = `${base}/picture.json?at=${encodeURIComponent(new Date(now()).toISOString())}`;
}

function turn(on) {
  byId("replay").hidden = !on;
  if (on) page.dataset.replay = "true";
  else delete page.dataset.replay;
  if (!on) byId("json-link").href = `${base}/picture.json`;
  tint();
  layersAgain();
  redraw();
}

/** Who looks back must not miss what happens meanwhile. */
function present() {
  if (live.allUnknown()) return t("wall.replay.live_unknown");
  const open = live.things("attention").map(({ props }) => props.severity);
  const time = clockTime(live.now(), info.zone);
  const worst = ORDER.find((severity) => open.includes(severity));
  return worst ? t("wall.replay.live", { time, n: open.length, worst: t(`status.${worst}`) }) : t("wall.replay.live_nil", { time });
}
