// SPDX-License-Identifier: Apache-2.0
// The labels of halls, gates and plates: made once, then kept up to date.

import { h, say } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { t } from "../kit/page.js";
import { drawBars, shape } from "../kit/shapes.js";
import { thing } from "../kit/store.js";
import { choice, choose } from "./choice.js";
import { HIGH, classOf } from "./ramp.js";
import { gateName, hallName } from "./venue.js";
import { closed, statusOf, unknownBox } from "./words.js";

const narrow = matchMedia("(max-width: 700px)");

export function makeHall({ feature: { id } }) {
  return h("button", { class: "hall-label", type: "button", onclick: () => choose({ hall: choice.hall === id ? null : id }) }, h("b", {}, hallName(id)), h("span", { class: "count" }), h("span", { class: "mark st", hidden: true }));
}

export function updateHall(node, { feature: { id } }) {
  const one = thing("hall", id);
  const status = statusOf(one);
  const [, count, mark] = node.children;
  const text = status === "unknown" ? t("status.unknown") : number(one.props.occupancy);
  say(count, status === "unknown" && narrow.matches ? "?" : text);
  count.classList.toggle("unknown-box", status === "unknown");
  node.classList.toggle("is-unknown", status === "unknown");
  node.classList.toggle("is-high", status !== "unknown" && classOf(one.props.occupancy) >= HIGH);
  node.setAttribute("aria-pressed", String(choice.hall === id));
  node.setAttribute("aria-label", status === "unknown" ? [hallName(id), text].join(t("wall.comma")) : t("wall.where.hall_label", { hall: hallName(id), count: text, status: t(`status.${status}`) }));
  // The dashed box with its word is the shape of unknown; a hall that is closed stays closed when its count is unknown.
  const marked = closed(id) ? "closed" : ["calm", "unknown"].includes(status) ? "" : status;
  mark.hidden = !marked;
  if (mark.dataset.status !== marked) mark.replaceChildren(...(marked ? [shape(marked), t(`status.${marked}`)] : []));
  mark.dataset.status = marked;
}

export function makeGate({ anchor, feature: { id } }) {
  return h("div", { class: `gate-label halo at-${anchor}` }, h("span", { class: "name" }, gateName(id)), h("b"), h("span", { class: "six" }));
}

export function updateGate(node, { feature: { id } }) {
  const one = thing("gate", id);
  const status = statusOf(one);
  const [, count, six] = node.children;
  if (status === "unknown") {
    if (!count.querySelector(".unknown-box")) count.replaceChildren(unknownBox());
    drawBars(six);
    return;
  }
  if (status !== "closed") say(count, number(one.props.per_hour));
  else if (!count.querySelector(".st")) count.replaceChildren(h("span", { class: "st" }, shape("closed"), t("status.closed")));
  drawBars(six, status === "closed" ? [] : one.props.last30);
}

export const makePlate = ({ pill, name }) => h("div", { class: "plate halo" }, h("span", { class: "pill" }, pill), h("span", {}, h("span", {}, name), h("span", { class: "note" })));

export function updatePlate(node, { name, note, lost }) {
  say(node.lastElementChild.firstElementChild, name);
  const told = node.querySelector(".note");
  say(told, note ? ` ${note}` : "");
  told.classList.toggle("unknown-box", Boolean(lost));
}

export const makeSpot = ({ name, wide }) => h("span", { class: wide ? "spot halo is-wide" : "spot halo" }, name);
