// SPDX-License-Identifier: Apache-2.0
// ECharts in the wall's colors: no tooltip (nobody hovers over a wall), no animation, text never under one rem.

import * as echarts from "../vendor/echarts/echarts.esm.min.mjs";
import { rem, token } from "./ramp.js";

export const text = (strong = false) => ({ color: token(strong ? "ink" : "ink-2"), fontSize: rem(), fontFamily: token("face"), fontWeight: strong ? 700 : 400 });

const drawn = [];

/** Draw every chart again: the tokens have changed. */
export const redraw = () => drawn.forEach((draw) => draw());

/**
 * Draw `options()` into a box, and again whenever the box changes its size.
 * `says` names what is shown: a call draws nothing while that is the same.
 */
export function chart(box, options, says) {
  const made = echarts.init(box, null, { renderer: "canvas" });
  let shown = null;
  const draw = () => {
    shown = says();
    made.setOption({ animation: false, ...options() }, { notMerge: true });
  };
  const again = () => {
    if (!box.clientHeight) return; // hidden: drawn once it is shown
    made.resize();
    draw();
  };
  drawn.push(again);
  new ResizeObserver(again).observe(box);
  return () => shown === says() || draw();
}

export const nowLine = (at, label) => ({
  symbol: ["none", "none"], silent: true, animation: false, lineStyle: { color: token("ink"), width: 3, type: "solid" },
  label: label ? { ...text(true), formatter: label, position: "end", distance: 2, align: "left", offset: [0.25 * rem(), 0] } : { show: false }, data: [{ xAxis: at }],
});
