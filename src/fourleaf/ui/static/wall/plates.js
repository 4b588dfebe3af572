// SPDX-License-Identifier: Apache-2.0
// What lies around the halls: stations, taxi points, lots, with what feeds tell of them; lobbies, the plaza.

import { number } from "../kit/format.js";
import { pick, t } from "../kit/page.js";
import { things } from "../kit/store.js";
import { choice } from "./choice.js";
import { isLost, note, occupied } from "./feeds.js";
import { middle, nameOf, venue } from "./venue.js";

/** One plate per metro line, lot and taxi point; a taxi point on a lot is said by the plate of that lot. */
export function plates() {
  const lines = Map.groupBy(venue.of("metro"), (exit) => exit.properties.line);
  return [
    ...[...lines].map(([line, [exit, ...more]]) => ({ key: `metro/${line}`, ...told(exit, ...more), at: middle(exit), pill: String(line).replace(/\D/g, "") || line, name: pick(exit.properties.station) || t("wall.where.metro", { line }) })),
    ...venue.of("taxi").filter((one) => !lotOf(one)).map((one) => ({ key: `taxi/${one.id}`, at: middle(one), pill: short(one.id), name: t("wall.where.taxi") })),
    ...venue.of("lot").map((one) => ({ key: `lot/${one.id}`, at: middle(one), pill: short(one.id), ...lot(one) })),
  ];
}

/** One line for a lot, for there are many: how many stand there of how many; the legend says of what, whose and how old. A second one says that taxis wait there. */
function lot(one) {
  const said = standing(one);
  if (!venue.of("taxi").some((taxi) => lotOf(taxi) === one)) return said;
  const taxis = t("wall.where.taxi");
  return said.name ? { ...said, note: [taxis, said.note].filter(Boolean).join(t("wall.comma")) } : { ...said, name: taxis };
}

/** The lot of the venue that a taxi point lies on. */
const lotOf = ({ properties: { lot: id } }) => id && venue.feature("lot", id);

function standing(one) {
  const { capacity, name } = one.properties;
  const stand = occupied(one.id);
  if (capacity && stand !== null) return { name: `${number(stand)} / ${number(capacity)}` };
  if (isLost(one.id)) return { name: "", note: t("status.unknown"), lost: true }; // since when says the list
  return { name: capacity ? t("wall.where.capacity", { n: number(capacity) }) : pick(name), note: note(one.id) };
}

const told = (...features) => ({ note: note(...features.map(({ id }) => id)), lost: isLost(...features.map(({ id }) => id)) });

const short = (id) => String(id).replace(/^.*?(P\d+)$/i, "$1");

/** Does it lie east and west, so that its name fits on one line? */
function wide({ geometry: { type, coordinates } }) {
  if (type !== "Polygon") return true;
  const extent = (axis) => Math.max(...coordinates[0].map((point) => point[axis])) - Math.min(...coordinates[0].map((point) => point[axis]));
  return extent(0) > 1.5 * extent(1);
}

/** Lobbies and the plaza by name; things the office moved, where they stand now. */
export function spots() {
  const named = ["lobby", "plaza"].flatMap((kind) => venue.of(kind).map((one) => ({ key: `${kind}/${one.id}`, at: middle(one), name: pick(one.properties.short ?? one.properties.name), wide: wide(one) })));
  const moved = things("moved").filter(({ props }) => !props.level || props.level === choice.level);
  return [...named, ...moved.map(({ thing, props }) => ({ key: `moved/${thing}`, at: [props.lon, props.lat], name: t("wall.where.moved", { thing: nameOf(thing) || pick(props.name) || thing }) }))];
}
