// SPDX-License-Identifier: Apache-2.0
// The drawer of controls: closed on an unattended wall.

import { byId, h } from "../kit/dom.js";
import { choice, choose, onChoice } from "./choice.js";
import { home, zoomBy, zoomToHall } from "./map.js";
import { levelOf } from "./ramp.js";
import { hallName, venue } from "./venue.js";

const drawer = byId("drawer");

export function startDrawer() {
  byId("drawer-open").addEventListener("click", toggleDrawer);
  byId("drawer-close").addEventListener("click", () => drawer.close());
  drawer.addEventListener("close", mark);
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());
  byId("zoom-hall").addEventListener("click", zoomToHall);
  byId("zoom-home").addEventListener("click", () => home());
  byId("zoom-in").addEventListener("click", () => zoomBy(1));
  byId("zoom-out").addEventListener("click", () => zoomBy(-1));
  const select = byId("hall-select");
  select.append(...venue.of("hall").map((one) => h("option", { value: one.id }, hallName(one.id))));
  select.addEventListener("change", () => chooseHall(select.value || null));
  onChoice(() => (select.value = choice.hall ?? ""));
  select.value = choice.hall ?? "";
}

export function toggleDrawer() {
  if (drawer.open) drawer.close();
  else drawer.showModal();
  mark();
}

const mark = () => byId("drawer-open").setAttribute("aria-expanded", String(drawer.open));

/** Choose a hall and its level. */
export function chooseHall(hall) {
  choose(hall ? { hall, level: levelOf(hall) ?? choice.level } : { hall: null });
}

export function nextHall() {
  const ids = venue.of("hall").map((one) => one.id);
  chooseHall(ids[ids.indexOf(choice.hall) + 1] ?? null);
}
