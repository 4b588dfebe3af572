// SPDX-License-Identifier: Apache-2.0
// The picture as the page knows it: things by layer, edition time, and what is no longer known.

const DRAW_MS = 200;

const layers = new Map();
const watchers = [];
const dirty = new Set();
let drawn = 0;
let timer = 0;

export const time = { pulse: null, heardAt: 0, broken: false, snapshotAt: null, since: null };

const layerOf = (name) => layers.get(name) ?? layers.set(name, new Map()).get(name);

export const things = (layer) => [...(layers.get(layer)?.values() ?? [])];
export const thing = (layer, id) => layers.get(layer)?.get(id);

/** Call `draw` after things of these layers changed or turned known or unknown. "*" is every pulse. */
export function watch(names, draw) {
  watchers.push({ names, draw });
}

/** Edition time now: the last pulse, carried on by at most 1.5 s of wall time. */
export function now() {
  if (!time.pulse) return time.snapshotAt ?? 0;
  const at = Date.parse(time.pulse.at);
  if (time.broken || time.pulse.state !== "running") return at;
  return at + Math.min(1500, performance.now() - time.heardAt) * (time.pulse.speed_reached || time.pulse.speed || 1);
}

/** Is nothing known at all: silent stream, lagging tail, rebuilding, silent worker? */
export const allUnknown = () => time.broken || !time.pulse || Boolean(time.pulse.unknown);

const isStale = (one) => Boolean(one.stale_at) && Boolean(time.pulse) && Date.parse(one.stale_at) < Date.parse(time.pulse.at);

/** What the outside sends to: gates and halls. */
export const feeds = () => [...things("gate"), ...things("hall")];

/** Is this thing unknown? A thing that is not there is unknown too. */
export const unknown = (one) => !one || allUnknown() || isStale(one);

export function replace(snapshot) {
  for (const layer of layers.values()) layer.clear();
  time.snapshotAt = Date.parse(snapshot.at);
  for (const one of snapshot.things) keep(one);
  touch([...layers.keys()]);
}

export function apply({ changes }) {
  for (const one of changes) {
    if (one.gone) layerOf(one.layer).delete(one.thing);
    else keep(one);
  }
  touch(changes.map((one) => one.layer));
}

export function pulse(data) {
  const before = allUnknown();
  const at = now() || Date.parse(data.at ?? 0);
  time.pulse = { ...data, at: data.at ?? new Date(at || 0).toISOString() }; // a dropped run has no time any more
  time.heardAt = performance.now();
  settle(before, at);
}

export function broken(is) {
  const before = allUnknown();
  const at = now();
  time.broken = is;
  settle(before, at);
}

function keep(one) {
  layerOf(one.layer).set(one.thing, { ...one, wasStale: isStale(one) });
}

function settle(before, at) {
  if (!allUnknown()) time.since = null;
  else time.since ??= at;
  if (before !== allUnknown()) touch([...layers.keys()]);
  for (const [name, layer] of layers) {
    for (const one of layer.values()) {
      if (one.wasStale === isStale(one)) continue;
      one.wasStale = !one.wasStale;
      touch([name]);
    }
  }
  touch(["*"]);
}

function touch(names) {
  names.forEach((name) => dirty.add(name));
  if (!timer) timer = setTimeout(draw, Math.max(0, DRAW_MS - (performance.now() - drawn)));
}

function draw() {
  timer = 0;
  drawn = performance.now();
  const names = new Set(dirty);
  dirty.clear();
  for (const one of watchers) {
    if (!one.names.some((name) => names.has(name))) continue;
    try {
      one.draw();
    } catch (error) {
      console.error("a part of the page cannot be drawn", error); // the others go on
    }
  }
}
