// SPDX-License-Identifier: Apache-2.0
// Layers: registers whose things stand somewhere, chosen in the drawer; none until somebody chooses. What one may not see is
// not offered, and not sent. The map fetches the points by itself; here is what its list says, and what is not calm.

import { byId, h } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { base, lang, pick, t } from "../kit/page.js";
import { replayed, thing } from "../kit/store.js";
import { choice, onChoice } from "./choice.js";

const AGAIN_MS = 300_000; // what is on a wall all day is read anew
const LISTED = 100;

const offered = new Map(); // key -> {key, name, icon, fromZoom, things, fields, on, failed, said}; said: {at, version, total, things} of one level
const listeners = [];
let row = null;
let asked = null;

export const onLayers = (listener) => listeners.push(listener);
/** None during a replay: registers are read as they stand now. */
export const chosenLayers = () => (replayed() ? [] : [...offered.values()].filter((one) => one.on));
export const layersAgain = () => listeners.forEach((listener) => listener());

export function startLayers() {
  row = h("div", { class: "row", hidden: true, id: "layers" }, h("span", {}, t("wall.layers.title")), h("div", { class: "layers" }));
  byId("keys").before(row);
  const drawer = byId("drawer");
  new MutationObserver(() => drawer.open && offerLayers()).observe(drawer, { attributeFilter: ["open"] });
  onChoice((changed) => changed.includes("level") && offered.forEach(other));
  setInterval(() => chosenLayers().forEach(read), AGAIN_MS);
}

/** Asked once; again where none came. Resolves when they stand in the drawer. */
export const offerLayers = () => (asked ??= offer().finally(() => {
  if (!offered.size) asked = null;
}));

async function offer() {
  const answer = await fetch(`${base}/world/registers`);
  if (!answer.ok) return;
  for (const one of (await answer.json()).filter((found) => found.layer)) {
    offered.set(one.key, { key: one.key, name: pick(one.name), icon: iconOf(one) || "·", fromZoom: Number(one.layer.from_zoom), things: one.things, fields: one.field, on: false, failed: false, said: null });
  }
  row.lastElementChild.replaceChildren(...[...offered.values()].map(check), h("p", { class: "note" }, t("wall.replay.no_layers")));
  row.hidden = !offered.size;
}

/** A Chinese sign says nothing on an English page. */
const iconOf = (one) => (lang === "zh" || /^[ -~]*$/.test(one.icon) ? one.icon : one.icon_en);

const check = (one) => h("label", { class: "check" }, h("input", { type: "checkbox", value: one.key, onchange: (event) => choose(one, event.target.checked) }), `${one.name} ${number(one.things)}`);

function choose(one, on) {
  one.on = on;
  layersAgain();
  if (on) read(one);
}

/** Another level: what was said of the one before is not true of it. */
function other(one) {
  one.said = null;
  if (one.on) read(one);
}

async function read(one) {
  const { level } = choice;
  try {
    const answer = await fetch(address(one.key, "places.json", { lang, most: LISTED }));
    if (!answer.ok) throw new Error(answer.status);
    const said = await answer.json();
    if (level === choice.level) Object.assign(one, { said, failed: false });
  } catch (error) {
    console.warn("a layer cannot be read", error);
    one.failed = true;
  }
  layersAgain();
}

const address = (key, file, more = {}) => `${base}/world/registers/${key}/${file}?${new URLSearchParams({ ...more, ...(choice.level && { level: choice.level }) })}`;
/** Where the map fetches the points of the chosen level. */
export const pointsAddress = (key) => new URL(address(key, "places.geojson"), location.href).href;
/** The map could not fetch them. */
export function missed(key) {
  Object.assign(offered.get(key) ?? {}, { failed: true });
  layersAgain();
}

export const thingAddress = (layer, id) => `${base}/desk/registers/${layer}/things/${encodeURIComponent(id)}`;
export const tableAddress = (layer) => `${base}/desk/registers/${layer}`;

/** The answer of a thing that is not calm, as the picture knows it; nothing of one that is. */
export const stateOf = (layer, id) => thing("state", `${layer}.${id}`)?.props.state;

/** In words. */
export function wordOf(one, id) {
  const state = stateOf(one.key, id);
  return state ? pick(one.fields.flatMap(({ choices }) => choices).find(({ key, status }) => key === state && status === "watch")?.name) || state : "";
}

/** What a thing is called: its label in this language, else in another, else its id. */
export function nameOf(one, id, values) {
  const labels = one.fields.filter((field) => field.label).sort((a, b) => (a.lang && a.lang !== lang) - (b.lang && b.lang !== lang));
  return labels.map(({ key }) => values[key]).find(Boolean) ?? id;
}
