// SPDX-License-Identifier: Apache-2.0
// On paper: light tokens, so that charts are drawn in dark ink, and the list in place of the map.

import { redraw } from "./charts.js";
import { fitAgain } from "./attention-fit.js";
import { draw as drawList } from "./list.js";
import { resized } from "./ramp.js";

const page = document.documentElement;

function turn(paper) {
  if (paper === "paper" in page.dataset) return;
  if (paper) page.dataset.paper = "true";
  else delete page.dataset.paper;
  resized();
  drawList(paper);
  fitAgain();
  redraw();
}

export function startPrint() {
  addEventListener("beforeprint", () => turn(true));
  addEventListener("afterprint", () => turn(false));
  matchMedia("print").addEventListener("change", ({ matches }) => turn(matches));
}
