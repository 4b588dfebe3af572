// SPDX-License-Identifier: Apache-2.0
// Text over the map stands in HTML: crisp at any size, readable by machines, placed again whenever the map moves.

import { byId, keyed } from "../kit/dom.js";
import { watch } from "../kit/store.js";
import { choice, onChoice } from "./choice.js";
import { bearingOf } from "./gate-lines.js";
import { makeGate, makeHall, makePlate, makeSpot, updateGate, updateHall, updatePlate } from "./label-nodes.js";
import { lift, topOf } from "./map-style.js";
import { GAP, place } from "./label-places.js";
import { taken } from "./layer-room.js";
import { rem } from "./ramp.js";
import { plates, spots } from "./plates.js";
import { hallName, hallsOn, middle, venue } from "./venue.js";

const NEAR = 0.6; // steps of zoom above the whole map
const TIGHT_REM = 3.4;
const ROOF = 0.7; // of a hall's extent on the screen: halls are round
const SAME_PLACE = 0.0004; // degrees, about 40 m

const sizes = new Map(); // key -> what it says, width, height: the browser is asked only about what changed
const narrow = matchMedia("(max-width: 700px)"); // a phone has room for halls only; the rest is in its list

let map = null;
let labels = [];
let box = { width: 0, height: 0 };
let homeZoom = null;

/** `zoomOfHome` says at which zoom the whole map fits. */
export function startLabels(made, zoomOfHome) {
  map = made;
  homeZoom = zoomOfHome;
  map.on("move", layout);
  watch(["hall", "gate", "attention", "moved", "feed"], fill);
  onChoice((changed) => (changed.includes("level") || changed.includes("hall")) && fill());
  document.fonts?.ready.then(again);
  new ResizeObserver(again).observe(byId("labels"));
}

/** What stands on the map now: halls of the level, every gate, plates at the edge, names of lobbies. */
function wanted() {
  const halls = venue.levels().filter((level) => level.id === choice.level).flatMap((level) => hallsOn(level.id));
  const elsewhere = venue.of("hall").filter((one) => !halls.includes(one) && !halls.some((other) => over(one, other)));
  return [
    ...elsewhere.map((feature) => ({ key: `other/${feature.id}`, at: middle(feature), up: topOf(feature), name: hallName(feature.id), make: makeSpot, update: () => {}, anchor: "middle" })),
    ...halls.map((feature) => ({ key: `hall/${feature.id}`, feature, at: middle(feature), up: topOf(feature), make: makeHall, update: updateHall, anchor: "middle" })),
    ...(narrow.matches ? [] : venue.of("gate")).map((feature) => ({ key: `gate/${feature.id}`, feature, at: middle(feature), up: 0, make: makeGate, update: updateGate, anchor: side(feature) })),
    ...(narrow.matches ? [] : plates()).map((plate) => ({ ...plate, up: 0, make: makePlate, update: updatePlate, anchor: "edge" })),
    ...(narrow.matches ? [] : spots()).map((spot) => ({ ...spot, up: 0, make: makeSpot, update: () => {}, anchor: "spot" })),
  ];
}

/** A hall may stand before a gate: then the label goes beside that hall. */
function besideHall(one) {
  for (const { geometry } of venue.of("hall")) {
    const ring = (geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates[0][0]).map((point) => map.project(point));
    const [xs, ys] = [ring.map(({ x }) => x), ring.map(({ y }) => y)];
    const [left, right, bottom] = [Math.min(...xs), Math.max(...xs), Math.max(...ys)];
    if (left > one.x || right < one.x || bottom > one.y) continue;
    one.x = right - 3 * GAP;
    one.y = Math.min(...ys) + one.height;
  }
}

/** How large a hall stands on the screen: a flat one has room for two short lines only. */
function size({ geometry }) {
  const ring = (geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates[0][0]).map((point) => map.project(point));
  const [xs, ys] = [ring.map(({ x }) => x), ring.map(({ y }) => y)];
  return { wide: Math.max(...xs) - Math.min(...xs), tall: Math.max(...ys) - Math.min(...ys) };
}

/** All is written before anything is read, so that the browser lays out once. */
function measure(all) {
  const says = ({ node }) => `${node.className} ${node.textContent}`.replace(/\d/g, "0"); // all digits are equally wide
  const fresh = all.filter((one) => sizes.get(one.key)?.said !== says(one));
  for (const { node } of fresh) node.hidden = false;
  for (const one of fresh) sizes.set(one.key, { said: says(one), width: one.node.offsetWidth, height: one.node.offsetHeight });
  for (const one of all) [one.width, one.height] = [sizes.get(one.key).width, sizes.get(one.key).height];
}

/** Near by, what lies outside the view is not pulled to its edge. */
const inside = ({ x, y, width, height }, box) => x > width / 2 && x < box.width - width / 2 && y > 0.08 * box.height + height / 2 && y < 0.92 * box.height;

/** Does one hall stand on the same ground as another? */
const over = (one, other) => middle(one).every((degrees, axis) => Math.abs(degrees - middle(other)[axis]) < SAME_PLACE);

function side(gate) {
  const bearing = ((bearingOf(gate) % 360) + 360) % 360;
  return ["north", "east", "south", "west"][Math.round(bearing / 90) % 4];
}

function again() {
  sizes.clear();
  box = { width: byId("labels").clientWidth, height: byId("labels").clientHeight };
  fill();
}

function fill() {
  labels = wanted();
  keyed(byId("labels"), labels, (one) => one.key, (one) => one.make(one), (node, one) => {
    one.update(node, one);
    one.node = node;
  });
  layout();
}

export function layout() {
  const zoom = map.getZoom();
  if (!box.width) return;
  const flat = TIGHT_REM * rem();
  for (const one of labels) {
    const { x, y } = map.project(one.at);
    one.x = x;
    one.y = y - (one.up ? lift(one.up, zoom, one.at[1]) : 0);
    one.room = one.make === makeHall ? size(one.feature) : null;
    if (one.room) one.node.classList.toggle("is-tight", one.room.tall < flat);
  }
  measure(labels);
  for (const one of labels) one.reach = one.room && { x: Math.max(0, ROOF * one.room.wide - one.width) / 2, y: Math.max(0, ROOF * one.room.tall - one.height) / 2 };
  for (const one of labels) if (one.anchor === "north") besideHall(one);
  const near = zoom > homeZoom() + NEAR;
  byId("map-view").classList.toggle("is-near", near);
  const shown = place(labels.filter((one) => !near || inside(one, box)), box, near, taken(map));
  for (const one of labels) one.node.hidden = !shown.includes(one);
  for (const one of shown) one.node.style.transform = `translate(${Math.round(one.left)}px, ${Math.round(one.top)}px)`;
}
