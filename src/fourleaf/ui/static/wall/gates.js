// SPDX-License-Identifier: Apache-2.0
// Gates as rows: lanes, entries in the last minute and hour, six bars of five minutes.

import { byId, h, keyed, say } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { pick, t } from "../kit/page.js";
import { drawBars, shape } from "../kit/shapes.js";
import { things, unknown, watch } from "../kit/store.js";
import { gateName, venue } from "./venue.js";
import { hhmm, statusOf, unknownBox } from "./words.js";

export function startGates() {
  const rows = byId("gates").querySelector(".rows");
  const title = h("h3", {}, t("wall.hold.gates"), " ", h("span", { class: "note" }));
  rows.before(h("div", { class: "gate-row is-head" }, title, ...["lanes", "per_minute", "per_hour", "six"].map((key) => h("span", {}, t(`wall.hold.${key}`)))));
  watch(["gate"], draw);
}

/** Gates in the order of the venue, so that each keeps its place on the wall. */
export function gatesInOrder() {
  const order = new Map(venue.of("gate").map((feature, index) => [feature.id, index]));
  return things("gate").sort((a, b) => (order.get(a.thing) ?? 99) - (order.get(b.thing) ?? 99) || a.thing.localeCompare(b.thing));
}

function draw() {
  const gates = gatesInOrder();
  keyed(byId("gates").querySelector(".rows"), gates, (one) => one.thing, make, update);
  say(byId("gates").querySelector(".note"), hhmm(newest(gates)?.props.as_of)); // the rows are the gates' own: a time says enough
}

const make = () => h("div", { class: "gate-row" }, ...["name", "lanes", "minute", "hour", "six"].map((name) => h("span", { class: name })));

function update(node, one) {
  const part = (name) => node.querySelector(`.${name}`);
  say(part("name"), gateName(one.thing));
  const status = statusOf(one);
  say(part("lanes"), status === "closed" ? "" : String(one.props.lanes || venue.lanes(one.thing) || ""));
  if (status === "unknown") {
    say(part("minute"), "");
    if (!part("hour").querySelector(".unknown-box")) part("hour").replaceChildren(unknownBox());
    drawBars(part("six"));
    return;
  }
  if (status !== "closed") say(part("minute"), number(one.props.per_minute));
  else if (!part("minute").querySelector(".st")) part("minute").replaceChildren(h("span", { class: "st" }, shape("closed"), t("status.closed")));
  say(part("hour"), number(one.props.per_hour));
  drawBars(part("six"), status === "closed" ? [] : one.props.last30);
}

export function newest(list) {
  const known = list.filter((one) => !unknown(one));
  return (known.length ? known : list).reduce((best, one) => (!best || Date.parse(one.props.as_of) > Date.parse(best.props.as_of) ? one : best), null);
}
