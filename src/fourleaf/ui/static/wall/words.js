// SPDX-License-Identifier: Apache-2.0
// Words that many tiles share: as-of, source, unknown with the last good time.

import { h } from "../kit/dom.js";
import { clockTime } from "../kit/format.js";
import { info, t } from "../kit/page.js";
import { shape } from "../kit/shapes.js";
import { allUnknown, replayed, thing, time, unknown } from "../kit/store.js";

export const hhmm = (moment) => (moment ? clockTime(moment, info.zone) : "");
export const hhmmss = (moment) => clockTime(moment, info.zone, true);
export const asOf = (moment) => (moment ? t("wall.as_of", { time: hhmm(moment) }) : "");

/** The word for a source key: the whole key, else its first part. */
export function source(key) {
  const words = [`source.${key}`, `source.${String(key).split(".")[0]}`].map((name) => [name, t(name)]);
  return words.find(([name, text]) => name !== text)?.[1] ?? String(key ?? "");
}

/** One line under a figure: where it comes from and how old it is; of an unknown one the last good value. */
export function provenance(one, value = "") {
  if (!one) return "";
  const { as_of, source: key } = one.props;
  if (unknown(one) && as_of) return value ? t("wall.last_good", { value, time: hhmm(as_of) }) : t("wall.last_good_at", { time: hhmm(as_of) });
  return `${source(key)} ${as_of ? hhmm(as_of) : ""}`.trim();
}

/** Why nothing is known, and what a watcher does meanwhile. */
export const reason = () => t(`wall.why.${cause()}`);
export const todo = () => t(`wall.todo.${cause()}`);

function cause() {
  if (time.broken) return "stream";
  if (!time.pulse) return "waiting";
  return time.pulse.state === "dropped" ? "dropped" : time.pulse.why ?? "worker-silent";
}

export const status = (name, word = t(`status.${name}`)) => h("span", { class: `st is-${name}` }, shape(name), h("span", {}, word));
export const unknownBox = () => h("span", { class: "unknown-box" }, t("status.unknown"));

/** Is this thing closed? A gate says so itself; of anything else its open closure does. */
export const closed = (id) => Boolean(thing("gate", id)?.props.closed || thing("attention", `closure:${id}`));

/** The status to show of a hall or gate: unknown before all else, then closed, then its level. */
export const statusOf = (one) => (unknown(one) ? "unknown" : closed(one.thing) ? "closed" : one.props.level ?? "calm");

/** How long a whole band has been good: printed in the head of each band. */
export function bandAsOf(moment) {
  for (const node of document.querySelectorAll("[data-asof]")) {
    const text = replayed() ? t("wall.replay.as_of", { time: hhmm(moment) }) : !time.pulse ? t("wall.reading") : allUnknown() ? t("wall.last_good_at", { time: hhmm(moment) }) : t("wall.as_of", { time: hhmm(moment) });
    if (node.textContent !== text) node.textContent = text;
  }
}
