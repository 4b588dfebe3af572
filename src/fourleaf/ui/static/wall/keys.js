// SPDX-License-Identifier: Apache-2.0
// The keyboard of the wall. Keys typed into a field or with a modifier are left alone; a picked level keeps its own arrows.

import { byId } from "../kit/dom.js";
import { choice, choose } from "./choice.js";
import { nextHall, toggleDrawer } from "./drawer.js";
import { offerLayers } from "./layers.js";
import { shownLevels, stepLevel } from "./levels.js";
import { home, zoomBy, zoomToHall } from "./map.js";

const KEYS = {
  c: toggleDrawer,
  l: () => choose({ view: choice.view === "map" ? "list" : "map" }),
  h: nextHall,
  z: zoomToHall,
  0: () => home(),
  "+": () => zoomBy(0.5),
  "=": () => zoomBy(0.5),
  "-": () => zoomBy(-0.5),
  ArrowUp: () => stepLevel(1),
  ArrowDown: () => stepLevel(-1),
  "?": () => {
    if (!byId("drawer").open) toggleDrawer();
    showKeys();
    offerLayers().then(showKeys); // what comes late above them does not push them away
  },
};

const showKeys = () => byId("keys").scrollIntoView();

export function startKeys() {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, textarea, input[type=text]")) return;
    if (event.key.startsWith("Arrow") && event.target.closest("input, .maplibregl-canvas, .list, dialog")) return;
    const level = shownLevels()[Number(event.key) - 1];
    const act = level ? () => choose({ level: level.id }) : KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
