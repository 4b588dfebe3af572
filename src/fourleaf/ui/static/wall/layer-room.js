// SPDX-License-Identifier: Apache-2.0
// Where the things of chosen layers stand on the screen, one by one or in clusters: what is said of a hall keeps clear of them.

const MOST = 300; // of more there is no keeping clear
const RING = 2;
const TOLD = 16; // pixels that the count of what is not calm takes below

let circles = []; // {at, radius, odd}

/** Look again whenever the map has come to rest. `layers` names those of the map, and how wide one of its circles is. */
export function startRoom(map, layers, changed) {
  map.on("idle", () => {
    const ids = layers().filter((id) => map.getLayer(id));
    const found = ids.length ? map.queryRenderedFeatures({ layers: ids }) : [];
    if (!found.length && !circles.length) return;
    circles = found.length > MOST ? [] : found.map(circle);
    changed();
  });
}

const circle = ({ geometry: { coordinates }, properties: { point_count: many, odd, state }, layer: { paint } }) => ({ at: coordinates, radius: paint["circle-radius"] + RING, odd: many ? odd > 0 : Boolean(state) });

/** As boxes of the screen. */
export const taken = (map) => circles.map(({ at, radius, odd }) => {
  const { x, y } = map.project(at);
  return { left: x - radius, top: y - radius, width: 2 * radius, height: 2 * radius + (odd ? TOLD : 0) };
});
