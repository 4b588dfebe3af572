// SPDX-License-Identifier: Apache-2.0
// The venue as the pack drew it: fetched once, looked up by kind, id and level.

import { base, pick } from "../kit/page.js";

let levels = [];
let kinds = new Map();
let byKey = new Map();
let laneCount = new Map();
let byId = new Map();

export const venue = {
  levels: () => levels,
  of: (kind) => kinds.get(kind) ?? [],
  any: (id) => byId.get(id),
  feature: (kind, id) => byKey.get(`${kind}/${id}`),
  collection: (kind, keep = () => true) => ({ type: "FeatureCollection", features: (kinds.get(kind) ?? []).filter(keep) }),
  lanes: (gate) => laneCount.get(gate) ?? 0,
};

export async function loadVenue() {
  const answer = await fetch(`${base}/venue.json`);
  if (!answer.ok) throw new Error(`venue.json: ${answer.status}`);
  const body = await answer.json();
  levels = [...body.levels].sort((a, b) => a.ordinal - b.ordinal);
  kinds = new Map(Object.entries(body.features).map(([kind, { features }]) => [kind, features.map(withId)]));
  byKey = new Map([...kinds].flatMap(([kind, features]) => features.map((one) => [`${kind}/${one.id}`, one])));
  byId = new Map([...kinds.values()].flat().map((one) => [one.id, one]));
  laneCount = new Map();
  for (const lane of venue.of("lane")) laneCount.set(lane.properties.gate, (laneCount.get(lane.properties.gate) ?? 0) + 1);
}

/** MapLibre keeps text ids only as a property. */
const withId = (feature) => ({ ...feature, properties: { ...feature.properties, id: feature.id } });

/** A gate's short name where the venue has one. */
export function gateName(id) {
  const found = venue.feature("gate", id)?.properties;
  return pick(found?.short ?? found?.name) || id;
}

/** Anything of the venue by its whole name; "" for what the venue does not have. */
export const nameOf = (id) => pick(byId.get(id)?.properties.name);

/** A hall as people call it: its short name where the venue has one. */
export const hallName = (id) => pick(venue.feature("hall", id)?.properties.short) || id;

export const levelName = (level) => pick(level.name);
export const hallsOn = (level) => venue.of("hall").filter((one) => one.properties.level === level);

/** Middle of a feature: its display point, else the centroid of its outer ring, else the point itself. */
export function middle(feature) {
  const { display_point: shown } = feature.properties;
  if (shown) return shown.coordinates ?? shown;
  const { type, coordinates } = feature.geometry;
  if (type === "Point") return coordinates;
  if (type === "LineString") return coordinates[Math.floor(coordinates.length / 2)];
  return centroid(type === "Polygon" ? coordinates[0] : coordinates[0][0]);
}

function centroid(ring) {
  let [area, x, y] = [0, 0, 0];
  const [x0, y0] = ring[0];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [ax, ay, bx, by] = [ring[i][0] - x0, ring[i][1] - y0, ring[i + 1][0] - x0, ring[i + 1][1] - y0];
    const cross = ax * by - bx * ay;
    area += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  return area ? [x0 + x / (3 * area), y0 + y / (3 * area)] : ring[0];
}
