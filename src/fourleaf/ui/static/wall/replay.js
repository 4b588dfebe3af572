// SPDX-License-Identifier: Apache-2.0
// Which instant is shown: now, or a past one. The past comes over HTTP, is put into its own book, and never into the live one.

import { zoned } from "../kit/format.js";
import { base, info } from "../kit/page.js";
import { live, past, replayed, show } from "../kit/store.js";
import { keep } from "./address.js";
import { ask } from "./ask.js";

const SETTLES_S = 5; // what the present still adds to is left to the present
const KEEP_MS = 400;

const listeners = [];
let asking = null;
let next = null;
let keeping = 0;

/** at: the instant that was asked for; past.now() is the one that is shown. first: where the run begins. */
export const replay = { at: 0, first: 0, wrong: "" };

export const onReplay = (listener) => listeners.push(listener);
export const tell = () => listeners.forEach((listener) => listener());

/** Is an instant on its way? */
export const busy = () => asking !== null;

/** The last instant that can be shown as past. */
export function latest() {
  const { speed_reached: reached, speed, state } = live.time.pulse ?? {};
  const pace = state === "running" ? reached || speed || 1 : 0;
  return Math.max(replay.first, live.now() - SETTLES_S * 1000 * pace);
}

export const within = (at) => Math.min(Math.max(at, replay.first), latest());

/** Show an instant: a time in ms, or text as it stands in an address. While one is on its way only the last that was asked is kept. */
export function go(at) {
  next = typeof at === "number" ? new Date(within(at)).toISOString() : at;
  if (typeof at === "number") replay.at = within(at);
  tell();
  asking ??= follow().finally(() => {
    asking = null;
    tell();
  });
  return asking;
}

async function follow() {
  while (next) {
    const asked = next;
    next = null;
    const { body, wrong } = await ask(`${base}/picture.json`, { at: asked });
    replay.wrong = wrong;
    if (body && !next) take(body);
    if (wrong && replayed()) replay.at = past.now();
  }
}

function take(whole) {
  past.snapshot(whole);
  reach(Date.parse(whole.at));
  show(past);
}

/** The replay has come to an instant, whose picture is in its book. */
export function reach(at) {
  replay.at = at;
  past.pulse({ at: new Date(at).toISOString(), state: "replay", speed: 0, lag_s: 0, unknown: false });
  clearTimeout(keeping);
  keeping = setTimeout(() => keep({ at: zoned(at, info.zone) }), KEEP_MS);
}

export function back() {
  next = null;
  clearTimeout(keeping);
  replay.wrong = "";
  show(live);
  keep({ at: null });
  tell();
}
