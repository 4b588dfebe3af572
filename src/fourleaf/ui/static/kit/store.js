// SPDX-License-Identifier: Apache-2.0
// The picture as the page knows it, in two books: what is live, and what is replayed. One of them is shown: its things by layer, its edition time, and what it no longer knows.

const DRAW_MS = 200;

const watchers = [];
const dirty = new Set();
let drawn = 0;
let timer = 0;

class Book {
  layers = new Map();
  time = { pulse: null, heardAt: 0, broken: false, snapshotAt: null, since: null };

  things = (layer) => [...(this.layers.get(layer)?.values() ?? [])];
  allUnknown = () => this.time.broken || !this.time.pulse || Boolean(this.time.pulse.unknown);
  isStale = (one) => Boolean(one.stale_at) && Boolean(this.time.pulse) && Date.parse(one.stale_at) <= Date.parse(this.time.pulse.at);

  /** Edition time: the last pulse, carried on by at most 1.5 s of wall time. */
  now() {
    const { pulse: last, broken, heardAt, snapshotAt } = this.time;
    if (!last) return snapshotAt ?? 0;
    const at = Date.parse(last.at);
    if (broken || last.state !== "running") return at;
    return at + Math.min(1500, performance.now() - heardAt) * (last.speed_reached || last.speed || 1);
  }

  snapshot = (whole) => {
    for (const layer of this.layers.values()) layer.clear();
    this.time.snapshotAt = Date.parse(whole.at);
    for (const one of whole.things) this.keep(one);
    this.touch([...this.layers.keys()]);
  };

  changes = ({ changes }) => {
    for (const one of changes) {
      if (one.gone) this.layer(one.layer).delete(one.thing);
      else this.keep(one);
    }
    this.touch(changes.map((one) => one.layer));
  };

  pulse = (data) => {
    const before = this.allUnknown();
    const at = this.now() || Date.parse(data.at ?? 0);
    this.time.pulse = { ...data, at: data.at ?? new Date(at || 0).toISOString() }; // a dropped run has no time any more
    this.time.heardAt = performance.now();
    this.settle(before, at);
  };

  broken = (is) => {
    const before = this.allUnknown();
    const at = this.now();
    this.time.broken = is;
    this.settle(before, at);
  };

  layer = (name) => this.layers.get(name) ?? this.layers.set(name, new Map()).get(name);
  keep = (one) => this.layer(one.layer).set(one.thing, { ...one, wasStale: this.isStale(one) });

  settle(before, at) {
    if (!this.allUnknown()) this.time.since = null;
    else this.time.since ??= at;
    if (before !== this.allUnknown()) this.touch([...this.layers.keys()]);
    for (const [name, layer] of this.layers) {
      for (const one of layer.values()) {
        if (one.wasStale === this.isStale(one)) continue;
        one.wasStale = !one.wasStale;
        this.touch([name]);
      }
    }
    this.touch(["*"]);
  }

  touch = (names) => touch(this === shown ? names : this === live ? ["live"] : []);
}

/** What the stream says, and what a replay says. Each takes snapshot, changes, pulse and broken. */
export const live = new Book();
export const past = new Book();

let shown = live;
export let time = live.time;

/** Show the other book: everything is drawn anew. */
export function show(book) {
  if (shown === book) return;
  shown = book;
  time = book.time;
  touch(["*", "live", ...live.layers.keys(), ...past.layers.keys()]);
}

export const replayed = () => shown === past;
export const things = (layer) => shown.things(layer);
export const thing = (layer, id) => shown.layers.get(layer)?.get(id);
export const now = () => shown.now();

/** Is nothing known at all: silent stream, lagging tail, rebuilding, silent worker? */
export const allUnknown = () => shown.allUnknown();

/** What the outside sends to: gates and halls. */
export const feeds = () => [...things("gate"), ...things("hall")];

/** Is this thing unknown? A thing that is not there is unknown too. */
export const unknown = (one) => !one || allUnknown() || shown.isStale(one);

/** Call `draw` after things of these layers changed or turned known or unknown. "*" is every pulse; "live" is whatever is live while a replay is shown. */
export function watch(names, draw) {
  watchers.push({ names, draw });
}

function touch(names) {
  names.forEach((name) => dirty.add(name));
  if (!timer && dirty.size) timer = setTimeout(draw, Math.max(0, DRAW_MS - (performance.now() - drawn)));
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
