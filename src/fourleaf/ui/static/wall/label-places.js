// SPDX-License-Identifier: Apache-2.0
// Where a label goes: on its hall, beside its gate on the outer side, at the edge for what lies outside; none overlap.

import { rem } from "./ramp.js";

export const GAP = 8;

/** Steps from the middle of a hall towards its walls, the shortest first. */
const STEPS = [-1, -0.5, 0, 0.5, 1].flatMap((x) => [-1, -0.5, 0, 0.5, 1].map((y) => [x, y])).sort((a, b) => Math.hypot(...a) - Math.hypot(...b));

/** Sets left and top of every label and gives those that have room. taken: boxes of the screen to keep clear of. Labels on halls stay; the others give way downwards or upwards. */
export function place(labels, box, near, taken) {
  const em = rem();
  const frame = { left: 0.45 * em, right: box.width - 0.45 * em, top: 2.6 * em, bottom: box.height - 2.7 * em };
  for (const one of labels) Object.assign(one, first(one));
  if (taken.length) for (const one of labels) if (one.reach) clear(one, taken, frame);
  if (!near && box.width > 30 * em) columns(labels, frame);
  const fixed = labels.filter((one) => one.anchor === "middle");
  const names = labels.filter((one) => one.anchor === "spot" && ![...fixed, ...taken].some((other) => covers(one, other)));
  const moving = labels.filter((one) => !["middle", "spot"].includes(one.anchor));
  for (const one of moving) clamp(one, frame);
  moving.sort((a, b) => order(a) - order(b) || a.top - b.top);
  const settled = [...fixed, ...names, ...taken];
  for (const one of moving) {
    settle(one, settled, frame);
    settled.push(one);
  }
  return labels.filter((one) => one.anchor !== "spot" || names.includes(one));
}

const within = (one, frame) => one.left >= frame.left && one.left + one.width <= frame.right && one.top >= frame.top && one.top + one.height <= frame.bottom;

/** How much of one lies over another. */
const shared = (a, b) => Math.max(0, Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top));

/** A name of a lobby gives way to what is said of a hall, and to the things of chosen layers. */
const covers = (a, b) => a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

/** What is said of a hall stays on its roof, where it covers least of the things of chosen layers. */
function clear(one, taken, frame) {
  const steps = STEPS.map(([x, y]) => ({ ...one, left: one.left + x * one.reach.x, top: one.top + y * one.reach.y }));
  const spots = [steps[0], ...steps.slice(1).filter((spot) => within(spot, frame))];
  const costs = spots.map((spot) => taken.reduce((sum, other) => sum + shared(spot, other), 0));
  const { left, top } = spots[costs.indexOf(Math.min(...costs))];
  Object.assign(one, { left, top });
}

/** On the whole map, what stands west and east of the halls forms two columns at the edges. */
function columns(labels, frame) {
  const edges = labels.filter((one) => one.anchor === "edge");
  const middle = (frame.left + frame.right) / 2;
  const widest = Math.max(0, ...edges.filter((one) => one.x > middle).map((one) => one.width));
  for (const one of edges) one.left = one.x > middle ? frame.right - widest : frame.left;
  for (const side of [edges.filter((one) => one.x > middle), edges.filter((one) => one.x <= middle)]) corners(side, frame);
  for (const one of labels.filter(({ anchor }) => anchor === "west")) one.left = frame.left;
  for (const one of labels.filter(({ anchor }) => anchor === "east")) one.left = frame.right - one.width;
}

/** Plates stack into the corners: from the top those of the north, from the bottom those of the south. */
function corners(side, frame) {
  const north = frame.top + 0.45 * (frame.bottom - frame.top);
  let [top, bottom] = [frame.top + GAP, frame.bottom - GAP];
  side.sort((a, b) => a.y - b.y);
  for (const one of side.filter(({ y }) => y < north)) {
    one.top = top;
    top += one.height + GAP;
  }
  for (const one of side.filter(({ y }) => y >= north).reverse()) {
    bottom -= one.height;
    one.top = bottom;
    bottom -= GAP;
  }
}

const order = (one) => (one.anchor === "edge" ? 1 : 0);

function first({ anchor, x, y, width, height }) {
  if (anchor === "west") return { left: x - width - 3 * GAP, top: y - height / 2 };
  if (anchor === "east") return { left: x + 3 * GAP, top: y - height / 2 };
  if (anchor === "north") return { left: x + 5 * GAP, top: y - height - GAP };
  if (anchor === "south") return { left: x + 5 * GAP, top: y + GAP };
  return { left: x - width / 2, top: y - height / 2 };
}

function clamp(one, frame) {
  one.left = Math.max(frame.left, Math.min(frame.right - one.width, one.left));
  one.top = Math.max(frame.top, Math.min(frame.bottom - one.height, one.top));
}

const overlap = (a, b) => a.left < b.left + b.width + GAP && b.left < a.left + a.width + GAP && a.top < b.top + b.height && b.top < a.top + a.height;

/** Try the wanted place, then the other side of its point, then steps away from it, nearest first. */
function settle(one, settled, frame) {
  const [left, top] = [one.left, one.top];
  const free = (x, y) => {
    [one.left, one.top] = [x, y];
    return within(one, frame) && !settled.some((other) => overlap(one, other));
  };
  if (free(left, top) || (["north", "south"].includes(one.anchor) && free(2 * one.x - left - one.width, top))) return;
  for (let step = 1; step <= 40; step += 1) {
    const far = step * GAP * 2;
    for (const [x, y] of [[0, far], [0, -far], [far, 0], [-far, 0]]) if (free(left + x, top + y)) return;
  }
  [one.left, one.top] = [left, top];
}
