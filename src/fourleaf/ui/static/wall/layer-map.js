// SPDX-License-Identifier: Apache-2.0
// The things of chosen layers on the map: one by one when near, else in clusters that say how many. The map clusters them in
// its own thread; only those of the shown level are handed over.

import { chosenLayers, onLayers, sayPicked, spotsOn, unsayPicked } from "./layers.js";
import { choice, onChoice } from "./choice.js";
import { token } from "./ramp.js";

const FONT = ["Noto Sans CJK SC"];
const REACH = 50; // pixels that one cluster gathers
const FURTHEST = 19; // the map clusters no nearer than this

const heard = new Set(); // layers whose clicks are listened to
const drawn = new Map(); // layer -> the level and version it was drawn of

export function drawLayers(map) {
  onLayers(() => draw(map));
  onChoice((changed) => changed.includes("level") && draw(map));
  draw(map);
}

function draw(map) {
  const chosen = new Map(chosenLayers().map((one) => [one.key, one]));
  for (const key of drawn.keys()) if (!chosen.has(key)) remove(map, key);
  for (const one of chosen.values()) put(map, one);
  if (!chosen.size) unsayPicked();
  map.once("idle", () => (map.getContainer().dataset.layers = [...drawn.keys()].join(" ")));
}

function put(map, one) {
  const seen = `${choice.level} ${one.version}`;
  if (drawn.get(one.key) === seen) return;
  const data = { type: "FeatureCollection", features: spotsOn(one, choice.level).map(feature) };
  if (drawn.has(one.key)) map.getSource(`layer-${one.key}`).setData(data);
  else add(map, one, data);
  drawn.set(one.key, seen);
}

/** Names stay here: what the map's thread need not know is not copied to it. */
const feature = ({ id, point }) => ({ type: "Feature", geometry: { type: "Point", coordinates: point }, properties: { id } });

function add(map, one, data) {
  const id = `layer-${one.key}`;
  const ink = { "text-color": token("ink") };
  const text = { "text-font": FONT, "text-size": 13, "text-allow-overlap": true, "text-ignore-placement": true };
  map.addSource(id, { type: "geojson", data, promoteId: "id", cluster: true, clusterRadius: REACH, clusterMaxZoom: Math.min(FURTHEST, Math.ceil(one.fromZoom) - 1), maxzoom: FURTHEST + 1 });
  const round = (radius, width) => ({ "circle-color": token("canvas"), "circle-stroke-color": token("ink"), "circle-stroke-width": width, "circle-radius": radius });
  map.addLayer({ id: `${id}-many`, type: "circle", source: id, filter: ["has", "point_count"], paint: round(["step", ["get", "point_count"], 14, 100, 18, 1000, 23], 1.5) });
  map.addLayer({ id: `${id}-count`, type: "symbol", source: id, filter: ["has", "point_count"], layout: { ...text, "text-field": ["concat", one.icon, "\n", ["get", "point_count_abbreviated"]], "text-size": 11, "text-line-height": 1 }, paint: ink });
  map.addLayer({ id: `${id}-one`, type: "circle", source: id, filter: ["!", ["has", "point_count"]], paint: round(9, 1) });
  map.addLayer({ id: `${id}-icon`, type: "symbol", source: id, filter: ["!", ["has", "point_count"]], layout: { ...text, "text-field": one.icon }, paint: ink });
  if (heard.has(one.key)) return;
  heard.add(one.key);
  map.on("click", `${id}-one`, (event) => sayPicked(one, event.features[0].properties.id));
  map.on("click", `${id}-many`, (event) => map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 1.5 }));
}

function remove(map, key) {
  for (const part of ["icon", "one", "count", "many"]) map.removeLayer(`layer-${key}-${part}`);
  map.removeSource(`layer-${key}`);
  drawn.delete(key);
}
