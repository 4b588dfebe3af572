// SPDX-License-Identifier: Apache-2.0
// Playing the past: frames are fetched ahead and put over the picture one by one, at 1 to 600 times.

import { base } from "../kit/page.js";
import { past, replayed } from "../kit/store.js";
import { ask } from "./ask.js";
import { go, latest, onReplay, reach, replay, tell } from "./replay.js";

export const SPEEDS = [1, 10, 60, 120, 300, 600];
const FRAME_MS = 250; // of wall time, or one second of edition time if that is longer
const AHEAD = 24;
const HOUR = 3_600_000;

export const player = { playing: false, speed: 60 };

let round = 0; // a play that was stopped must not go on
let frames = [];
let known = null; // up to where all changes are there, as the server wrote it
let fetching = false;
let ended = false;

const everyS = () => Math.max(1, Math.round((player.speed * FRAME_MS) / 1000));

export async function play() {
  if (player.playing) return;
  if (!replayed() || replay.at >= latest() - everyS() * 1000) await go(latest() - HOUR);
  if (!replayed()) return;
  player.playing = true;
  begin();
}

export function pause() {
  round += 1;
  player.playing = false;
  tell();
}

export const toggle = () => (player.playing ? pause() : play());

export function setSpeed(speed) {
  player.speed = speed;
  if (player.playing) begin();
}

/** Whoever chooses another instant stops the play. */
export function startPlayer() {
  onReplay(() => {
    if (player.playing && (!replayed() || replay.at !== past.now())) pause();
  });
}

function begin() {
  round += 1;
  frames = [];
  known = new Date(replay.at).toISOString();
  fetching = ended = false;
  fetchMore(round);
  setTimeout(step, 0, round, performance.now());
  tell();
}

function step(mine, due) {
  if (mine !== round) return;
  const every = everyS() * 1000;
  const to = replay.at + every;
  if (Date.parse(known) >= to) {
    const now = frames.filter((one) => Date.parse(one.at) <= to);
    frames = frames.slice(now.length);
    past.changes({ changes: now });
    reach(to);
    tell();
  } else if (ended) return pause();
  if ((Date.parse(known) - replay.at) / every < AHEAD / 2) fetchMore(mine);
  const then = Math.max(due + every / player.speed, performance.now() - FRAME_MS); // a page that slept does not catch up
  setTimeout(step, Math.max(0, then - performance.now()), mine, then);
}

/** The next frames. The present is the end: what it still adds to is not fetched. */
async function fetchMore(mine) {
  if (fetching || ended) return;
  fetching = true;
  const every = everyS();
  const values = { from: known, to: new Date(Date.parse(known) + AHEAD * every * 1000).toISOString(), every_s: every };
  const found = [];
  for (let after = ""; after !== null; ) {
    const { body, wrong } = await ask(`${base}/changes.json`, after ? { ...values, after } : values);
    if (mine !== round) return;
    if (!body) return fail(wrong);
    found.push(...body.changes);
    after = body.next;
    values.to = body.to;
  }
  frames.push(...found);
  ended = Date.parse(values.to) - Date.parse(known) < every * 1000;
  known = values.to;
  fetching = false;
}

function fail(wrong) {
  fetching = false;
  replay.wrong = wrong;
  pause();
}
