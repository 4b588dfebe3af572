// SPDX-License-Identifier: Apache-2.0
// Open matters that stand somewhere of their own, as a box or a button does: a shape on the map; the list says the rest.

import { h } from "../kit/dom.js";
import { shape } from "../kit/shapes.js";
import { things, unknown, watch } from "../kit/store.js";
import { Marker } from "../vendor/maplibre-gl/maplibre-gl.mjs";
import { choice, onChoice } from "./choice.js";

const MOST = 200; // of more nobody can tell one from another
const shown = new Map(); // matter -> {marker, drawn}

export function startMatters(map) {
  const draw = () => place(map);
  watch(["attention"], draw);
  onChoice((changed) => changed.includes("level") && draw());
  draw();
}

const standing = ({ props }) => props.lon && props.lat && (!props.level || props.level === choice.level);

function place(map) {
  const wanted = new Map(things("attention").filter(standing).slice(0, MOST).map((one) => [one.thing, one]));
  for (const [key, { marker }] of shown) {
    if (wanted.has(key)) continue;
    marker.remove();
    shown.delete(key);
  }
  for (const [key, one] of wanted) {
    const status = unknown(one) ? "unknown" : one.props.severity;
    if (shown.get(key)?.status === status) continue;
    shown.get(key)?.marker.remove();
    const node = h("span", { class: "matter-spot", "aria-hidden": "true", "data-status": status }, shape(status));
    shown.set(key, { status, marker: new Marker({ element: node }).setLngLat([Number(one.props.lon), Number(one.props.lat)]).addTo(map) });
  }
}
