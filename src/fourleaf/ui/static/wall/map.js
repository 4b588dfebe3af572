// SPDX-License-Identifier: Apache-2.0
// The map itself: made when first looked at, colored by the picture, moved by keys, buttons and hand.

import { LngLatBounds, Map as MapLibre, setWorkerUrl } from "../vendor/maplibre-gl/maplibre-gl.mjs";
import { byId } from "../kit/dom.js";
import { t } from "../kit/page.js";
import { thing, unknown, watch } from "../kit/store.js";
import { choice, choose, onChoice } from "./choice.js";
import { PITCH, showLevel, style } from "./map-style.js";
import { calm } from "./motion.js";
import { startOverlays } from "./overlays.js";
import { HIGH, classOf, rem, token } from "./ramp.js";
import { venue } from "./venue.js";

const NARROW_VIEW = 8; // degrees: nearly without perspective, so that text and sizes stay comparable
const SHADE = 0.55;
const HOME_AFTER_MS = 180_000; // nobody touches an unattended wall: it returns to the whole map

const GROUND = [["canvas", "background-color", "canvas"], ["venue", "fill-color", "map-ground"], ["lobby", "fill-color", "sunken"], ["plaza", "fill-color", "sunken"], ["hall-low", "fill-extrusion-color", "sunken"]];

const drawn = new Map(); // what stands on the map now, so that it is drawn anew only when something looks different
let map = null;
let idle = 0;
let homeZoom = 0;

export function startMap() {
  onChoice((changed) => changed.includes("view") && ensure());
  ensure();
}

function ensure() {
  if (choice.view !== "map") return;
  if (map) {
    map.resize();
    return;
  }
  try {
    create();
  } catch (error) {
    console.error("the map cannot be drawn here", error);
    document.body.classList.add("no-map");
    choose({ view: "list" });
  }
}

function create() {
  setWorkerUrl(new URL("../vendor/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url).href);
  map = new MapLibre({
    container: "map", style: style(choice.level, choice.hall), bounds: whole(), fitBoundsOptions: { padding: padding() }, pitch: PITCH, attributionControl: false,
    dragRotate: false, pitchWithRotate: false, touchPitch: false, renderWorldCopies: false, fadeDuration: 0, maxZoom: 20.5, minZoom: 12,
    canvasContextAttributes: { antialias: true }, locale: { "Map.Title": t("wall.where.map") },
  });
  map.setVerticalFieldOfView(NARROW_VIEW);
  map.on("load", () => {
    home(false);
    level();
    colors();
    watch(["hall", "gate"], colors);
    onChoice((changed) => (changed.includes("level") || changed.includes("hall")) && level());
    startOverlays(map, () => homeZoom);
    map.getContainer().dataset.ready = "true";
    tint();
    map.once("idle", () => byId("map-view").classList.add("is-drawn"));
  });
  map.on("resize", () => home(false));
  for (const name of ["dragstart", "zoomstart"]) map.on(name, (event) => event.originalEvent && touched());
}

function whole() {
  const bounds = new LngLatBounds();
  const walk = (part) => (typeof part[0] === "number" ? bounds.extend(part) : part.forEach(walk));
  for (const kind of ["hall", "gate"]) venue.of(kind).forEach((one) => walk(one.geometry.coordinates));
  return bounds;
}

function padding() {
  const em = rem();
  const box = byId("map").getBoundingClientRect();
  const narrow = box.width < 28 * em;
  return { top: (narrow ? 2 : 4.6) * em, bottom: (narrow ? 2 : 5) * em, left: (narrow ? 1 : 4.9) * em, right: (narrow ? 1 : 4.9) * em };
}

export function home(animate = true) {
  if (!map) return;
  homeZoom = map.cameraForBounds(whole(), { padding: padding() })?.zoom ?? map.getZoom();
  map.fitBounds(whole(), { padding: padding(), pitch: PITCH, bearing: 0, animate: animate && !calm() });
}

export function zoomBy(steps) {
  touched();
  map?.zoomTo(map.getZoom() + steps, { animate: !calm() });
}

/** Nearer to the chosen hall, where booths and lanes can be read. */
export function zoomToHall() {
  const hall = venue.feature("hall", choice.hall);
  if (!map || !hall) return;
  touched();
  const bounds = new LngLatBounds();
  hall.geometry.coordinates.flat(hall.geometry.type === "Polygon" ? 1 : 2).forEach((point) => bounds.extend(point));
  map.fitBounds(bounds, { padding: 60, pitch: PITCH, animate: !calm() });
}

function touched() {
  clearTimeout(idle);
  idle = setTimeout(() => home(), HOME_AFTER_MS);
}

function level() {
  showLevel(map, choice.level, choice.hall);
  cells();
}

/** The cells of the chosen hall are drawn in the ink of its roof. */
function cells() {
  const hall = thing("hall", choice.hall);
  const ink = !hall || unknown(hall) || classOf(hall.props.occupancy) < HIGH ? "ink" : "canvas";
  if (drawn.get("cells") === ink) return;
  drawn.set("cells", ink);
  map.setPaintProperty("grid", "line-color", token(ink));
}

function colors() {
  for (const { id } of venue.of("hall")) {
    const one = thing("hall", id);
    const role = unknown(one) ? "map-unknown" : `ramp-${classOf(one.props.occupancy)}`;
    paint("hall", id, role, () => ({ lost: unknown(one), color: token(role), wall: shaded(token(role)) }));
  }
  for (const { id } of venue.of("gate")) {
    const one = thing("gate", id);
    const role = unknown(one) || one.props.closed ? "status-unknown" : "ink";
    paint("gate", id, role, () => ({ color: token(role) }));
  }
  cells();
}

/** The map is drawn anew only when something on it looks different. */
function paint(source, id, role, state) {
  if (drawn.get(`${source}/${id}`) === role) return;
  drawn.set(`${source}/${id}`, role);
  map.setFeatureState({ source, id }, state());
}

/** A replay has another ground. */
export function tint() {
  if (map && "ready" in map.getContainer().dataset) for (const [layer, name, role] of GROUND) map.setPaintProperty(layer, name, token(role));
}

/** The wall of a hall: its roof in the shade. */
const shaded = (hex) => `#${[1, 3, 5].map((at) => Math.round(parseInt(hex.slice(at, at + 2), 16) * SHADE).toString(16).padStart(2, "0")).join("")}`;
