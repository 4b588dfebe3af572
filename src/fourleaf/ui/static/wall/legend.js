// SPDX-License-Identifier: Apache-2.0
// The legend: five steps with numbers and unit, scaled by the share of the sample; what the bars at gates and the numbers of lots mean.

import { byId, h, say } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { t } from "../kit/page.js";
import { bars } from "../kit/shapes.js";
import { watch } from "../kit/store.js";
import { from, occupied, toldOf } from "./feeds.js";
import { STEPS, step } from "./ramp.js";
import { venue } from "./venue.js";

export function startLegend() {
  const thousands = step() >= 1000; // 2,000 4,000 6,000 8,000 would run into each other
  const steps = Array.from({ length: STEPS }, (_, index) => h("span", { class: "step" }, h("i", { class: `ramp-${index + 1}` }), h("span", {}, number((index * step()) / (thousands ? 1000 : 1)))));
  const lots = h("span", { class: "lots", hidden: true });
  watch(["feed"], () => {
    const told = venue.of("lot").filter(({ id }) => occupied(id) !== null).flatMap(({ id }) => toldOf(id));
    lots.hidden = !told.length;
    if (told.length) say(lots, t("wall.where.legend_lots", { told: from(...told) }));
  });
  byId("legend").replaceChildren(
    h("span", {}, t(thousands ? "wall.where.legend_thousands" : "wall.where.legend")), h("span", { class: "steps" }, ...steps), thousands ? "" : h("span", {}, t("wall.where.legend_unit")),
    bars([2, 3, 4, 5, 6, 7]), h("span", {}, t("wall.where.legend_gate")), h("span", { class: "end" }, t("wall.where.schematic")), lots);
}
