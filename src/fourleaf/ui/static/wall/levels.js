// SPDX-License-Identifier: Apache-2.0
// Level pickers, in the head of the map and in the drawer; the first prints each level's total.

import { byId, h, say } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { lang, pick, t } from "../kit/page.js";
import { shape } from "../kit/shapes.js";
import { things, watch } from "../kit/store.js";
import { choice, choose, onChoice } from "./choice.js";
import { hallsOn, levelName, venue } from "./venue.js";
import { levelOf, totalOf } from "./ramp.js";
import { statusOf } from "./words.js";

/** Levels with halls; others (roofs, tunnels) have nothing to show here. */
export const shownLevels = () => venue.levels().filter((level) => hallsOn(level.id).length);

export function startLevels() {
  const levels = shownLevels();
  if (!levels.some((level) => level.id === choice.level)) choice.level = levels[0]?.id ?? null;
  byId("levels").replaceChildren(...[...levels].reverse().map((level) => h("label", { "data-level": level.id },
    h("input", { type: "radio", name: "level", value: level.id, checked: level.id === choice.level, onchange: () => choose({ level: level.id }) }), h("i", { class: "worst", hidden: true }), h("span", {}, shortOf(level)))));
  byId("drawer-levels").replaceChildren(...levels.map((level) => h("button", { "data-level": level.id, "aria-pressed": String(level.id === choice.level), onclick: () => choose({ level: level.id }) }, levelName(level))));
  watch(["hall", "attention"], totals);
  onChoice(mark);
}

const shortOf = (level) => (lang === "zh" ? pick(level.short) : level.id);

export function stepLevel(by) {
  const ids = shownLevels().map((level) => level.id);
  const next = ids[ids.indexOf(choice.level) + by];
  if (next) choose({ level: next });
}

function totals() {
  for (const level of shownLevels()) {
    const found = totalOf(level.id);
    const name = shortOf(level);
    const text = found ? t(found.least ? "wall.where.level_least" : "wall.where.level_total", { level: name, total: number(found.total) }) : t("wall.where.level_unknown", { level: name });
    const label = byId("levels").querySelector(`[data-level="${level.id}"]`);
    say(label.querySelector("span"), text);
    worst(label.querySelector(".worst"), level.id);
  }
}

/** What is wrong on the level that is not shown must not hide: its worst state stands in the picker. */
function worst(node, level) {
  const states = things("hall").filter((one) => levelOf(one.thing) === level).map(statusOf);
  const found = ["alert", "watch", "unknown", "closed"].find((name) => states.includes(name)) ?? "";
  node.hidden = !found;
  if (node.dataset.status !== found) node.replaceChildren(...(found ? [shape(found), h("b", { class: "vh" }, t(`status.${found}`))] : []));
  node.dataset.status = found;
}

function mark() {
  for (const input of byId("levels").querySelectorAll("input")) input.checked = input.value === choice.level;
  for (const button of byId("drawer-levels").children) button.setAttribute("aria-pressed", String(button.dataset.level === choice.level));
}
