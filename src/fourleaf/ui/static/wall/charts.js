// SPDX-License-Identifier: Apache-2.0
// ECharts in the wall's colors: no tooltip (nobody hovers over a wall), no animation, text never under one rem.

import * as echarts from "../vendor/echarts/echarts.esm.min.mjs";
import { rem, token } from "./ramp.js";

export const text = (strong = false) => ({ color: token(strong ? "ink" : "ink-2"), fontSize: rem(), fontFamily: token("face"), fontWeight: strong ? 700 : 400 });

const drawn = [];

/** Draw every chart again: the tokens have changed. */
export const redraw = () => drawn.forEach((draw) => draw());

/** Draw `options()` into a box, again on every call and whenever the box changes its size. */
export function chart(box, options) {
  const made = echarts.init(box, null, { renderer: "canvas" });
  const draw = () => made.setOption({ animation: false, ...options() }, { notMerge: true });
  drawn.push(() => {
    made.resize();
    draw();
  });
  new ResizeObserver(() => {
    made.resize();
    draw();
  }).observe(box);
  return draw;
}

export const nowLine = (at, label) => ({
  symbol: ["none", "none"], silent: true, animation: false, lineStyle: { color: token("ink"), width: 3, type: "solid" },
  label: label ? { ...text(true), formatter: label, position: "end", distance: 2, align: "left", offset: [0.25 * rem(), 0] } : { show: false }, data: [{ xAxis: at }],
});
