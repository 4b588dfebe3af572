// SPDX-License-Identifier: Apache-2.0
// The keys of looking back: T opens and closes the bar, N is now; in it arrows, page, home and end move, space plays.

import { replayed } from "../kit/store.js";
import { markAfter, markBefore } from "./marks.js";
import { toggle } from "./player.js";
import { back } from "./replay.js";
import { closeTimeBar, isOpen, openTimeBar, step, toEnd, toMark } from "./time-bar.js";

const MINUTE = 60_000;
const MOVES = {
  ArrowLeft: () => step(-MINUTE),
  ArrowRight: () => step(MINUTE),
  PageDown: () => step(-60 * MINUTE),
  PageUp: () => step(60 * MINUTE),
  Home: () => toEnd(false),
  End: () => toEnd(true),
  ",": () => toMark(markBefore),
  ".": () => toMark(markAfter),
  " ": toggle,
};

const ANYWHERE = {
  t: () => (isOpen() ? closeTimeBar() : openTimeBar()),
  n: () => replayed() && back(),
};

export function startTimeKeys() {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, textarea, input[type=text]")) return;
    const act = ANYWHERE[event.key.toLowerCase()] ?? (isOpen() ? move(event) : null);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** The slider takes the keys that any slider takes; a button, a list or the map keep their own. */
function move({ key, target }) {
  if (target.closest("#bar-slider")) return { ...MOVES, ArrowUp: MOVES.ArrowRight, ArrowDown: MOVES.ArrowLeft }[key];
  return [",", "."].includes(key) || !target.closest("input, button, a, .maplibregl-canvas, .list, dialog") ? MOVES[key] : null;
}
