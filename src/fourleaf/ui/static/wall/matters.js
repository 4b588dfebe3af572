// SPDX-License-Identifier: Apache-2.0
// Open matters in words: sorted, many of one kind together, each with what, where, since when, why and what to do next.

import { number } from "../kit/format.js";
import { pick, t } from "../kit/page.js";
import { now, thing, things, unknown } from "../kit/store.js";
import { gateName, hallName, middle, nameOf, venue } from "./venue.js";
import { closed, hhmm } from "./words.js";

export const ORDER = ["danger", "alert", "watch", "unknown", "info"];
const GROUPED_FROM = 2;
const NEAREST = 2;

const rank = (one) => (ORDER.indexOf(one.props.severity) + ORDER.length + 1) % (ORDER.length + 1);

/** Why a protected closure is, told to those alone who may know, beside what everybody sees of it. */
const told = (one) => {
  const own = thing("reason", one.thing);
  return own ? { ...one, props: { ...one.props, ...own.props } } : one;
};

export const openMatters = () => things("attention").map(told).sort((a, b) => rank(a) - rank(b) || Date.parse(a.props.since) - Date.parse(b.props.since));

/** Many of one kind that nobody need tell apart from afar become one row with their places; the list has each. */
export function grouped(open) {
  const kinds = Map.groupBy(open, together);
  return open.flatMap((one) => {
    const group = together(one) ? kinds.get(together(one)) : [];
    if (group.length <= GROUPED_FROM) return [{ ...one, n: 1 }];
    return group[0] === one ? [{ ...one, thing: `group:${one.props.kind}`, group, n: group.length }] : [];
  });
}

const together = ({ props }) => (["unknown", "info"].includes(props.severity) ? props.kind : null);

/** What a row says. `age` is left to the clock. */
export function matter(one) {
  const { props, group } = one;
  const lost = unknown(one);
  if (lost) return stale(one);
  const since = props.since ? t("wall.wrong.since", { time: hhmm(props.since) }) : "";
  const until = props.until ? t("wall.wrong.until", { time: hhmm(props.until) }) : "";
  const count = group || props.kind !== "hall-level" ? "" : inHall(props.thing);
  const owner = props.owner && !group ? t("wall.wrong.owner", { owner: pick(props.owner) }) : "";
  return {
    severity: props.severity,
    what: pick(props.what),
    where: group ? t(props.kind.startsWith("feed-") ? "wall.wrong.feeds" : "wall.wrong.places", { n: group.length }) : placeOf(props),
    word: t(`status.${props.severity}`),
    since: [since, until, count, owner].filter(Boolean).join(t("wall.comma")),
    why: group ? group.map((member) => shortOf(member.props)).join(t("wall.semicolon")) : pick(props.why),
    next: group && widespread(group) ? t("wall.wrong.widespread") : next(props),
  };
}

/** Half of all halls silent at once: not the counters but what they all go through. */
const widespread = (group) => group[0].props.kind === "door-silent" && group.length * 2 >= things("hall").length;

export const placeOf = (props) => nameOf(props.thing) || pick(props.where);
const shortOf = ({ thing: id, where }) => (venue.feature("hall", id) ? hallName(id) : nameOf(id) || pick(where) || id);

/** A matter whose data has gone stale is not known any more; what it was stands beside. */
function stale({ props }) {
  const status = t(`status.${props.severity}`);
  const was = props.as_of ? t("wall.wrong.was_at", { status, time: hhmm(props.as_of) }) : t("wall.wrong.was", { status });
  return { severity: "unknown", what: pick(props.what), where: placeOf(props), word: t("status.unknown"), since: was, why: pick(props.why), next: "" };
}

function inHall(id) {
  const hall = thing("hall", id);
  return hall && !unknown(hall) ? t("wall.wrong.now", { n: number(hall.props.occupancy) }) : "";
}

/** A closed gate sends people somewhere: to the nearest open ones, by name. */
function next(props) {
  const over = props.until && Date.parse(props.until) < now();
  const gates = props.kind === "closure" && !over ? openGatesNear(props.thing) : [];
  return gates.length ? t("wall.wrong.nearest", { gates: gates.map(gateName).join(t("wall.or")) }) : pick(props.next);
}

function openGatesNear(id) {
  const gate = venue.feature("gate", id);
  if (!gate) return [];
  const [x, y] = middle(gate);
  const far = (other) => {
    const [ox, oy] = middle(other);
    return Math.hypot((ox - x) * Math.cos((y * Math.PI) / 180), oy - y);
  };
  return venue.of("gate").filter((one) => one.id !== id && !closed(one.id)).sort((a, b) => far(a) - far(b)).slice(0, NEAREST).map((one) => one.id);
}
