// SPDX-License-Identifier: Apache-2.0
// The fullest halls as bars against the two thresholds, scaled by the share of the sample.

import { byId, h, keyed, say } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { info, t } from "../kit/page.js";
import { shape, svg } from "../kit/shapes.js";
import { things, unknown, watch } from "../kit/store.js";
import { newest } from "./gates.js";
import { hallName } from "./venue.js";
import { provenance, statusOf, unknownBox } from "./words.js";

const SHOWN = 4;

export function startHalls() {
  watch(["hall"], draw);
}

const limits = (one) => one.props.scaled ?? one.props.thresholds.map((limit) => limit * info.sample);

function draw() {
  const halls = things("hall");
  if (!halls.length) return byId("halls").querySelector(".rows").replaceChildren(); // at an instant before the first of them
  const fullest = [...halls].sort((a, b) => (b.props.occupancy ?? -1) - (a.props.occupancy ?? -1) || a.thing.localeCompare(b.thing)).slice(0, SHOWN);
  const full = Math.max(...fullest.map((one) => Math.max(limits(one)[1] * 1.12, one.props.occupancy ?? 0)));
  keyed(byId("halls").querySelector(".rows"), fullest, (one) => one.thing, make, (node, one) => update(node, one, full));
  say(byId("halls").querySelector("h3 b"), t("wall.hold.fullest", { n: fullest.length, all: halls.length }));
  const [watchAt, alertAt] = limits(fullest[0]).map((limit) => number(limit)); // in full, as the counts below them
  say(byId("halls").querySelector(".limits"), t("wall.hold.limits", { watch: watchAt, alert: alertAt }));
  say(byId("halls").querySelector(".note"), provenance(newest(halls)));
}

const make = () => h("div", { class: "hall-row" }, h("b"), h("span", { class: "mark" }), h("span", { class: "count" }), h("span", { class: "track" }));

function update(node, one, full) {
  const status = statusOf(one);
  const [name, mark, count, track] = node.children;
  say(name, hallName(one.thing));
  if (mark.dataset.status !== status) mark.replaceChildren(...(status === "calm" ? [] : [shape(status), h("span", { class: "vh" }, t(`status.${status}`))]));
  mark.dataset.status = status;
  say(count, unknown(one) ? "" : number(one.props.occupancy));
  node.title = unknown(one) ? "" : `${hallName(one.thing)} ${t(`status.${status}`)}`;
  const drawn = [status, one.props.occupancy, full].join();
  if (track.dataset.drawn !== drawn) track.replaceChildren(status === "unknown" ? unknownBox() : bar(one, full));
  track.dataset.drawn = drawn;
}

function bar(one, full) {
  const x = (value) => (100 * value) / full;
  const node = svg("svg", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" });
  node.append(svg("rect", { x: 0, y: 6, width: x(one.props.occupancy), height: 18, class: "bar" }));
  for (const limit of limits(one)) node.append(svg("path", { d: `M${x(limit)} 0V30`, class: "limit" }));
  return node;
}
