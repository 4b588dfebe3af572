// SPDX-License-Identifier: Apache-2.0
// What a screen reader hears: one polite line at most every five seconds, danger at once.

import { byId, say } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { lang, pick, t } from "../kit/page.js";
import { allUnknown, live, now, replayed, thing, things, watch } from "../kit/store.js";
import { hhmm, reason } from "./words.js";

const EVERY_MS = 5000;
let last = -EVERY_MS;

export function startLive() {
  watch(["*"], polite);
  watch(["attention", "live"], danger);
}

function polite() {
  if (performance.now() - last < EVERY_MS) return;
  last = performance.now();
  if (allUnknown()) {
    say(byId("live"), t("wall.live.unknown", { why: reason() }));
    return;
  }
  const parts = [...(replayed() ? [t("wall.replay.page", { time: hhmm(now()) })] : []), t("wall.live.open", { n: things("attention").length })];
  for (const [key, name] of [["inside", "admission.inside"], ["entries", "admission.entries_today"]]) {
    const figure = thing("figure", name);
    if (figure) parts.push(t(`wall.live.${key}`, { n: number(figure.props.value) }));
  }
  say(byId("live"), parts.join(lang === "zh" ? "，" : ", "));
}

/** Danger is told when it is there: that of a replay is not, that of now is also during one. */
function danger() {
  const found = live.things("attention").filter((one) => one.props.severity === "danger");
  say(byId("live-danger"), found.map(({ props }) => `${t("status.danger")} ${pick(props.what)} ${pick(props.where)}`).join("; "));
}
