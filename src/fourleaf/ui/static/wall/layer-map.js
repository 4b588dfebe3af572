// SPDX-License-Identifier: Apache-2.0
// The things of chosen layers on the map: one by one when near, else in clusters that say how many, and how many are not calm.
// The map's own thread fetches the points of the shown level, reads and clusters them; this page never holds them.

import { allUnknown, watch } from "../kit/store.js";
import { chosenLayers, missed, onLayers, pointsAddress } from "./layers.js";
import { choice, onChoice } from "./choice.js";
import { forget, join, joinSoon } from "./layer-states.js";
import { startRoom } from "./layer-room.js";
import { layout } from "./labels.js";
import { pickThing, startPicked, unpick } from "./layer-picked.js";
import { token } from "./ramp.js";

const FONT = ["Noto Sans CJK SC"];
const REACH = 50; // pixels that one cluster gathers
const FURTHEST = 19; // the map clusters no nearer than this
const LOST = 0.4; // how faint the things are while nothing is known of them
const PARTS = ["many", "count", "one", "icon", "odd"];
const PREFIX = "layer-";

const heard = new Set(); // layers whose clicks are listened to
const drawn = new Map(); // layer -> {level, version} it was fetched for
const faded = new Map(); // source -> are its things faint

export function drawLayers(map) {
  startPicked();
  startRoom(map, () => [...drawn.keys()].map(sourceOf).flatMap((id) => [`${id}-many`, `${id}-one`]), layout);
  onLayers(() => draw(map));
  onChoice((changed) => changed.includes("level") && draw(map));
  watch(["state"], () => joinSoon(map, () => [...drawn.keys()].map(sourceOf)));
  watch(["*"], () => fade(map));
  map.on("sourcedata", ({ sourceId, sourceDataType }) => sourceDataType === "content" && drawn.has(keyOf(sourceId)) && join(map, sourceId));
  map.on("error", ({ error, sourceId }) => {
    console.warn("the map misses something", error);
    if (drawn.has(keyOf(sourceId))) missed(keyOf(sourceId));
  });
  draw(map);
}

const sourceOf = (key) => `${PREFIX}${key}`;
const keyOf = (source) => (source?.startsWith(PREFIX) ? source.slice(PREFIX.length) : null);

function draw(map) {
  const chosen = new Map(chosenLayers().map((one) => [one.key, one]));
  for (const key of drawn.keys()) if (!chosen.has(key)) remove(map, key);
  for (const one of chosen.values()) put(map, one);
  if (!chosen.size) unpick();
  map.once("idle", () => (map.getContainer().dataset.layers = [...drawn.keys()].join(" ")));
}

/** Fetched once a level, and anew when the register has changed since: what only turns calm or not is joined by id. */
function put(map, one) {
  const [seen, version] = [drawn.get(one.key), one.said?.version];
  if (!seen) add(map, one);
  else if (seen.level !== choice.level || (version && seen.version && version !== seen.version)) map.getSource(sourceOf(one.key)).setData(pointsAddress(one.key));
  drawn.set(one.key, { level: choice.level, version: version ?? (seen?.level === choice.level ? seen.version : undefined) });
  fade(map);
}

function add(map, one) {
  const id = sourceOf(one.key);
  const ink = { "text-color": token("ink") };
  const text = { "text-font": FONT, "text-size": 13, "text-allow-overlap": true, "text-ignore-placement": true };
  map.addSource(id, {
    type: "geojson", data: pointsAddress(one.key), promoteId: "id", maxzoom: FURTHEST + 1,
    cluster: true, clusterRadius: REACH, clusterMaxZoom: Math.min(FURTHEST, Math.ceil(one.fromZoom) - 1), clusterProperties: { odd: ["+", ["case", ["has", "state"], 1, 0]] },
  });
  const many = ["has", "point_count"];
  const round = (radius, width, color) => ({ "circle-color": token("canvas"), "circle-stroke-color": color, "circle-stroke-width": width, "circle-radius": radius });
  const stands = (odd, calm) => ["case", ["has", "state"], odd, calm];
  map.addLayer({ id: `${id}-many`, type: "circle", source: id, filter: many, paint: round(["step", ["get", "point_count"], 14, 100, 18, 1000, 23], 1.5, token("ink")) });
  map.addLayer({ id: `${id}-count`, type: "symbol", source: id, filter: many, layout: { ...text, "text-field": ["concat", one.icon, "\n", ["get", "point_count_abbreviated"]], "text-size": 11, "text-line-height": 1 }, paint: ink });
  map.addLayer({ id: `${id}-one`, type: "circle", source: id, filter: ["!", many], paint: round(9, stands(2.5, 1), stands(token("status-watch"), token("ink"))) });
  map.addLayer({ id: `${id}-icon`, type: "symbol", source: id, filter: ["!", many], layout: { ...text, "text-field": one.icon }, paint: ink });
  map.addLayer({
    id: `${id}-odd`, type: "symbol", source: id, filter: ["any", ["has", "state"], [">", ["coalesce", ["get", "odd"], 0], 0]],
    layout: { ...text, "text-field": ["concat", "▲", ["case", many, ["to-string", ["get", "odd"]], ""]], "text-size": 12, "text-anchor": "top", "text-offset": ["case", many, ["literal", [0, 1.1]], ["literal", [0, 0.5]]] },
    paint: { "text-color": token("status-watch"), "text-halo-color": token("canvas"), "text-halo-width": 2 },
  });
  faded.delete(id);
  if (heard.has(one.key)) return;
  heard.add(one.key);
  map.on("click", `${id}-one`, (event) => pickThing(one, event.features[0].properties.id));
  map.on("click", `${id}-many`, (event) => map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 1.5 }));
}

/** While nothing is known, nothing looks calm. */
function fade(map) {
  const lost = allUnknown();
  for (const id of [...drawn.keys()].map(sourceOf)) {
    if ((faded.get(id) ?? false) === lost || !map.getLayer(`${id}-odd`)) continue;
    faded.set(id, lost);
    for (const part of ["many", "one"]) map.setPaintProperty(`${id}-${part}`, "circle-opacity", lost ? LOST : 1);
    map.setPaintProperty(`${id}-odd`, "text-color", token(lost ? "ink-2" : "status-watch"));
  }
}

function remove(map, key) {
  for (const part of PARTS.toReversed()) map.removeLayer(`${sourceOf(key)}-${part}`);
  map.removeSource(sourceOf(key));
  forget(sourceOf(key));
  drawn.delete(key);
}
