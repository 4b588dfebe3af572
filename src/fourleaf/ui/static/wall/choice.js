// SPDX-License-Identifier: Apache-2.0
// What the watcher chose: level, hall, map or list. Kept in the address, so that a change of language keeps the place.

import { keep } from "./address.js";

const query = new URLSearchParams(location.search);
const narrow = matchMedia("(max-width: 700px)");
const listeners = [];

export const choice = {
  level: query.get("level"),
  hall: query.get("hall"),
  view: query.get("view") ?? (narrow.matches ? "list" : "map"),
};

export const onChoice = (listener) => listeners.push(listener);

export function choose(changes) {
  const changed = Object.keys(changes).filter((name) => choice[name] !== changes[name]);
  if (!changed.length) return;
  Object.assign(choice, changes);
  keep(Object.fromEntries(changed.map((name) => [name, choice[name]])));
  listeners.forEach((listener) => listener(changed));
}
