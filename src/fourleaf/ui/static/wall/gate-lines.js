// SPDX-License-Identifier: Apache-2.0
// A gate is a point with the bearing of its side; on the map it is a short thick line across that bearing.

import { middle, venue } from "./venue.js";

const HALF_M = 17;
const DEGREE_M = 111320;
const SIDES = { N: 0, E: 90, S: 180, W: 270, north: 0, east: 90, south: 180, west: 270 };

export function bearingOf(gate) {
  const { bearing, side } = gate.properties;
  if (typeof bearing === "number") return bearing;
  return typeof side === "number" ? side : SIDES[side] ?? 0;
}

export function gateLines() {
  return { type: "FeatureCollection", features: venue.of("gate").map((gate) => ({ ...gate, geometry: line(middle(gate), bearingOf(gate)) })) };
}

function line([longitude, latitude], bearing) {
  const across = ((bearing + 90) * Math.PI) / 180;
  const east = (Math.sin(across) * HALF_M) / (DEGREE_M * Math.cos((latitude * Math.PI) / 180));
  const north = (Math.cos(across) * HALF_M) / DEGREE_M;
  return { type: "LineString", coordinates: [[longitude - east, latitude - north], [longitude + east, latitude + north]] };
}
