// SPDX-License-Identifier: Apache-2.0
// Layers: registers whose things stand somewhere, chosen in the drawer; none until somebody chooses. What one may not see is
// not offered, and not sent.

import { byId, h } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { base, lang, pick, t } from "../kit/page.js";
import { now, replayed } from "../kit/store.js";
import { middle, venue } from "./venue.js";

const AGAIN_MS = 300_000; // what is on a wall all day is read anew

const offered = new Map(); // key -> {key, name, icon, fromZoom, things, on, at, version, spots, failed}
const listeners = [];
const picked = h("p", { class: "layer-picked", role: "status" });

export const onLayers = (listener) => listeners.push(listener);
/** None during a replay: registers are read as they stand now. */
export const chosenLayers = () => (replayed() ? [] : [...offered.values()].filter((one) => one.on));
export const layersAgain = () => listeners.forEach((listener) => listener());

export function startLayers() {
  const row = h("div", { class: "row", hidden: true, id: "layers" }, h("span", {}, t("wall.layers.title")), h("div", { class: "layers" }));
  byId("keys").before(row);
  const drawer = byId("drawer");
  new MutationObserver(() => drawer.open && !offered.size && offer(row)).observe(drawer, { attributeFilter: ["open"] });
  setInterval(() => chosenLayers().forEach(read), AGAIN_MS);
}

async function offer(row) {
  const answer = await fetch(`${base}/world/registers`);
  if (!answer.ok) return;
  for (const one of (await answer.json()).filter((found) => found.layer)) {
    offered.set(one.key, { key: one.key, name: pick(one.name), icon: one.icon || "·", fromZoom: Number(one.layer.from_zoom), things: one.things, on: false, spots: [], version: null, at: null, failed: false });
  }
  row.lastElementChild.replaceChildren(...[...offered.values()].map(choice), h("p", { class: "note" }, t("wall.replay.no_layers")));
  row.hidden = !offered.size;
}

const choice = (one) => h("label", { class: "check" }, h("input", { type: "checkbox", value: one.key, onchange: (event) => choose(one, event.target.checked) }), `${one.name} ${number(one.things)}`);

async function choose(one, on) {
  one.on = on;
  if (on) await read(one);
  listeners.forEach((listener) => listener());
}

async function read(one) {
  try {
    const answer = await fetch(`${base}/world/registers/${one.key}/places.json?lang=${lang}`);
    if (!answer.ok) throw new Error(answer.status);
    const version = answer.headers.get("ETag");
    if (version !== one.version) Object.assign(one, { spots: (await answer.json()).things.map(spot).filter(Boolean), version });
    Object.assign(one, { at: now(), failed: false });
  } catch (error) {
    console.warn("a layer cannot be read", error);
    one.failed = true;
  }
  listeners.forEach((listener) => listener());
}

/** What stands at a thing of the venue stands in its middle. */
function spot([id, name, level, lon, lat, at]) {
  if (lon !== null) return { id, name, level, point: [lon, lat] };
  const found = venue.any(at);
  return found ? { id, name, level: found.properties.level ?? null, point: middle(found) } : null;
}

/** Everything of a layer on one level; what stands on none is outside, and shown on every level. */
export const spotsOn = (one, level) => one.spots.filter((found) => found.level === null || found.level === level);

export const thingAddress = (layer, id) => `${base}/desk/registers/${layer}/things/${encodeURIComponent(id)}`;
export const tableAddress = (layer) => `${base}/desk/registers/${layer}`;

/** The one thing that was picked on the map. */
export function sayPicked(one, id) {
  const { name } = one.spots.find((found) => found.id === id) ?? { name: id };
  if (!picked.parentNode) byId("map-view").append(picked);
  picked.replaceChildren(h("b", {}, name), ` ${one.name} · ${id} `, h("a", { href: thingAddress(one.key, id) }, t("wall.layers.open")));
}

export const unsayPicked = () => picked.replaceChildren();
