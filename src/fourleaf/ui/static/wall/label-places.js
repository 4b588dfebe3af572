// SPDX-License-Identifier: Apache-2.0
// Where a label goes: on its hall, beside its gate on the outer side, at the edge for what lies outside; none overlap.

const GAP = 8;

/** Sets left and top of every label. Labels on halls stay; the others give way downwards or upwards. */
export function place(labels, box) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const frame = { left: 0.45 * rem, right: box.width - 0.45 * rem, top: 2.6 * rem, bottom: box.height - 2.7 * rem };
  for (const one of labels) Object.assign(one, first(one));
  const fixed = labels.filter((one) => one.anchor === "middle");
  const moving = labels.filter((one) => one.anchor !== "middle");
  for (const one of moving) clamp(one, frame);
  moving.sort((a, b) => order(a) - order(b) || a.top - b.top);
  const settled = [...fixed];
  for (const one of moving) {
    settle(one, settled, frame);
    settled.push(one);
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

/** Try the wanted place, then steps away from it, nearest first. */
function settle(one, settled, frame) {
  const wanted = one.top;
  for (let step = 0; step <= 40; step += 1) {
    for (const way of step ? [1, -1] : [1]) {
      one.top = wanted + way * step * GAP * 2;
      const inside = one.top >= frame.top && one.top + one.height <= frame.bottom;
      if (inside && !settled.some((other) => overlap(one, other))) return;
    }
  }
  one.top = wanted;
}
