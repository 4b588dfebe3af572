// SPDX-License-Identifier: Apache-2.0
// How the venue is drawn: muted ground, halls as volumes whose roof says how many, cells and booths on demand.

import { lang } from "../kit/page.js";
import { rem, token } from "./ramp.js";
import { gateLines } from "./gate-lines.js";
import { middle, venue } from "./venue.js";

export const PITCH = 28;
const STORY_M = 40; // taller than life: on a wall a hall must read as a building
const ROOF_M = 1.5;
const EARTH_M = 40075016.686;

const ordinal = (feature) => venue.levels().find((level) => level.id === feature.properties.level)?.ordinal ?? 0;
export const topOf = (feature) => (Math.max(0, ordinal(feature)) * 0.75 + 1) * STORY_M;

/** Pixels on the screen between ground and roof of a height, at a zoom. */
export const lift = (height, zoom, latitude) => (height * Math.sin((PITCH * Math.PI) / 180) * 512 * 2 ** zoom) / (EARTH_M * Math.cos((latitude * Math.PI) / 180));

const source = (kind, keep) => ({ type: "geojson", data: venue.collection(kind, keep), promoteId: "id" });

/** The style with everything of one level shown, so that nothing else is ever drawn first. */
export function style(level, hall) {
  const shift = shiftOf(level, middle(venue.of("hall")[0])[1]);
  const halls = venue.of("hall").map((one) => ({ ...one, properties: { ...one.properties, top: topOf(one), base: topOf(one) - STORY_M } }));
  const sources = Object.fromEntries(["venue", "lobby", "plaza", "ring", "grid", "booth", "lane", "door", "meal_point", "medical"].map((kind) => [kind, source(kind)]));
  sources.hall = { ...source("hall"), data: { type: "FeatureCollection", features: halls } };
  sources.gate = { type: "geojson", data: gateLines(), promoteId: "id" };
  const layers = [...ground(), ...volumes(), ...details(), ...gates()];
  const filters = new Map(filtersOf(level, hall));
  for (const layer of layers) if (filters.has(layer.id)) layer.filter = filters.get(layer.id);
  for (const layer of layers) if (LIFTED.includes(layer.id)) layer.paint[TRANSLATE[layer.type]] = shift;
  return { version: 8, sources, light: { anchor: "viewport", color: "white", intensity: 0 }, layers };
}

const ground = () => [
  { id: "canvas", type: "background", paint: { "background-color": token("canvas") } },
  { id: "venue", type: "fill", source: "venue", paint: { "fill-color": token("map-ground") } },
  { id: "fence", type: "line", source: "venue", layout: { "line-cap": "round" }, paint: { "line-color": token("map-line"), "line-width": 2, "line-dasharray": [0.5, 4] } },
  ...["lobby", "plaza"].flatMap((kind) => [
    { id: kind, type: "fill", source: kind, paint: { "fill-color": token("sunken") } },
    { id: `${kind}-edge`, type: "line", source: kind, paint: { "line-color": token("map-line"), "line-width": 1.5 } },
  ]),
  { id: "ring", type: "fill", source: "ring", paint: { "fill-color": token("line-strong") } },
];

const volumes = () => [
  { id: "hall-low", type: "fill-extrusion", source: "hall", paint: { "fill-extrusion-color": token("sunken"), "fill-extrusion-base": 0, "fill-extrusion-height": STORY_M } },
  { id: "hall-wall", type: "fill-extrusion", source: "hall", paint: { "fill-extrusion-color": ["to-color", ["coalesce", ["feature-state", "wall"], token("map-wall")]], "fill-extrusion-base": ["get", "base"], "fill-extrusion-height": ["-", ["get", "top"], ROOF_M] } },
  { id: "hall-roof", type: "fill-extrusion", source: "hall", paint: {
    "fill-extrusion-color": ["to-color", ["coalesce", ["feature-state", "color"], token("map-unknown")]],
    "fill-extrusion-base": ["-", ["get", "top"], ROOF_M], "fill-extrusion-height": ["get", "top"], "fill-extrusion-vertical-gradient": false } },
  { id: "hall-edge", type: "line", source: "hall", paint: { "line-color": token("ink"), "line-opacity": 0.22, "line-width": 1.5 } },
  { id: "hall-unknown", type: "line", source: "hall", paint: { "line-opacity": ["case", ["boolean", ["feature-state", "lost"], false], 1, 0], "line-color": token("ink-2"), "line-width": 2, "line-dasharray": [2, 2] } },
];

const details = () => [
  { id: "booth", type: "fill", source: "booth", minzoom: 16.4, paint: { "fill-color": token("canvas"), "fill-opacity": 0.28 } },
  { id: "booth-edge", type: "line", source: "booth", minzoom: 16.4, paint: { "line-color": token("ink"), "line-opacity": 0.45, "line-width": 0.8 } },
  { id: "grid", type: "line", source: "grid", paint: { "line-color": token("ink"), "line-opacity": 0.45, "line-width": 1.5, "line-dasharray": [3, 3] } },
  { id: "hall-selected-case", type: "line", source: "hall", filter: ["literal", false], paint: { "line-color": token("canvas"), "line-width": 8 } },
  { id: "hall-selected", type: "line", source: "hall", filter: ["literal", false], paint: { "line-color": token("ink"), "line-width": 3 } },
  { id: "door", type: "circle", source: "door", minzoom: 16.2, paint: { "circle-radius": 4, "circle-color": token("ink-2") } },
  { id: "meal", type: "circle", source: "meal_point", minzoom: 16.8, paint: { "circle-radius": 4, "circle-color": token("ramp-5") } },
  { id: "medical", type: "circle", source: "medical", minzoom: 16.2, paint: { "circle-radius": 6, "circle-color": token("canvas"), "circle-stroke-color": token("ink"), "circle-stroke-width": 2 } },
  { id: "booth-name", type: "symbol", source: "booth", minzoom: 19.2, layout: { "text-field": ["get", "id"], "text-font": ["Noto Sans CJK SC"], "text-size": rem() }, paint: { "text-color": token("ink"), "text-halo-color": token("canvas"), "text-halo-width": 1 } },
  { id: "meal-name", type: "symbol", source: "meal_point", minzoom: 18.4, layout: { "text-field": ["coalesce", ["get", lang, ["get", "name"]], ["get", "id"]], "text-font": ["Noto Sans CJK SC"], "text-size": rem(), "text-offset": [0, 1] }, paint: { "text-color": token("ink-2") } },
];

const gates = () => [
  { id: "lane", type: "line", source: "lane", minzoom: 16, paint: { "line-color": token("ink-2"), "line-width": 3 } },
  { id: "lane-dot", type: "circle", source: "lane", minzoom: 16, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 3, "circle-color": token("ink-2") } },
  { id: "gate-case", type: "line", source: "gate", layout: { "line-cap": "round" }, paint: { "line-color": token("canvas"), "line-width": ["interpolate", ["linear"], ["zoom"], 14, 8, 16, 13, 18, 18] } },
  { id: "gate", type: "line", source: "gate", layout: { "line-cap": "round" }, paint: { "line-color": ["to-color", ["coalesce", ["feature-state", "color"], token("ink")]], "line-width": ["interpolate", ["linear"], ["zoom"], 14, 4, 16, 7, 18, 12] } },
];

/** Which features each layer shows of one level and one chosen hall. */
function filtersOf(level, hall) {
  const on = ["==", ["get", "level"], level];
  const here = venue.of("hall").filter((one) => one.properties.level === level).map((one) => one.id);
  const elsewhere = ["all", ["!", ["in", ["get", "id"], ["literal", here]]], ["==", ["get", "base"], 0]];
  const chosen = ["==", ["get", "hall"], hall ?? ""];
  return [
    ["hall-low", elsewhere],
    ...["hall-wall", "hall-roof", "hall-edge", "hall-unknown", "booth", "booth-edge", "booth-name", "door", "meal", "meal-name"].map((id) => [id, on]),
    ...["hall-selected", "hall-selected-case"].map((id) => [id, ["all", on, ["==", ["get", "id"], hall ?? ""]]]),
    ["grid", chosen],
  ];
}

const LIFTED = ["hall-edge", "hall-selected", "hall-selected-case", "hall-unknown", "grid", "booth", "booth-edge", "booth-name"];
const TRANSLATE = { line: "line-translate", fill: "fill-translate", symbol: "text-translate" };

/** What is drawn flat stands at the height of the roofs. */
function shiftOf(level, latitude) {
  const high = topOf({ properties: { level } });
  return ["interpolate", ["exponential", 2], ["zoom"], 12, ["literal", [0, -lift(high, 12, latitude)]], 21, ["literal", [0, -lift(high, 21, latitude)]]];
}

/** Show one level: its halls as volumes, their details at roof height, the rest as low ground. */
export function showLevel(map, level, hall) {
  const shift = shiftOf(level, map.getCenter().lat);
  for (const [id, filter] of filtersOf(level, hall)) map.setFilter(id, filter);
  for (const id of LIFTED) map.setPaintProperty(id, TRANSLATE[map.getLayer(id).type], shift);
}
