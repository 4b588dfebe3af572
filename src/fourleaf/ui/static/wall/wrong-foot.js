// SPDX-License-Identifier: Apache-2.0
// The foot of band 1: what is closed, by name, and how far the data lags behind.

import { byId, say } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { t } from "../kit/page.js";
import { allUnknown, feeds, replayed, things, time, unknown, watch } from "../kit/store.js";
import { gateName, nameOf, venue } from "./venue.js";
import { reason, unknownBox } from "./words.js";

const SLOW_S = 1;
const NAMED = 2;

export function startWrongFoot() {
  watch(["gate", "attention", "*"], closures);
  watch(["gate", "hall", "*"], delay);
}

function closures() {
  const gates = things("gate").filter((one) => one.props.closed).map((one) => one.thing);
  const named = things("attention").filter((one) => one.props.kind === "closure").map((one) => one.props.thing);
  const all = [...new Set([...gates, ...named])];
  const node = byId("closures");
  put(node.querySelector("b"), allUnknown() ? null : String(all.length));
  say(node.querySelector("small"), t("wall.wrong.closures_unit", { n: all.length }));
  const names = all.filter(large).slice(0, NAMED).map(shortName);
  const text = all.length > names.length ? [...names, t(names.length ? "wall.wrong.closures_more" : "wall.wrong.closures_small", { n: all.length - names.length })] : names;
  say(node.querySelector(".why"), all.length ? text.join(t("wall.comma")) : allUnknown() ? "" : t("wall.wrong.closures_nil"));
}

/** Gates and halls are named; doors, lanes and restaurants are counted. */
const large = (id) => venue.feature("gate", id) || venue.feature("hall", id);

const shortName = (id) => ((venue.feature("gate", id) ? gateName(id) : nameOf(id)) || id).replaceAll(" ", "\u00a0");

function delay() {
  const node = byId("processing");
  const lag = time.pulse?.lag_s ?? 0;
  const kept = !replayed(); // how late it was then is not kept
  put(node.querySelector("b"), allUnknown() ? null : kept ? number(lag, 1) : "–");
  say(node.querySelector(".why"), allUnknown() ? reason() : kept ? pace(lag) : t("wall.replay.no_lag"));
}

/** What comes in is processed at once, and still little may come in. */
function pace(lag) {
  const silent = feeds().filter(unknown).length;
  if (silent) return t("wall.wrong.processing_silent", { n: silent, all: feeds().length });
  return t(lag > SLOW_S ? "wall.wrong.processing_slow" : "wall.wrong.processing_ok");
}

function put(node, text) {
  if (text === null && !node.querySelector(".unknown-box")) node.replaceChildren(unknownBox());
  if (text !== null) say(node, text);
}
