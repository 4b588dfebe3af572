// SPDX-License-Identifier: Apache-2.0
// The list of the same things: open matters, halls, gates. The main view on a phone, one key away on the wall.

import { byId, h } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { t } from "../kit/page.js";
import { allUnknown, things, unknown, watch } from "../kit/store.js";
import { choice, choose, onChoice } from "./choice.js";
import { gatesInOrder } from "./gates.js";
import { matter, openMatters } from "./matters.js";
import { levelOf } from "./ramp.js";
import { gateName, hallName, levelName, venue } from "./venue.js";
import { hhmm, reason, status, statusOf, unknownBox } from "./words.js";

export function startList() {
  watch(["hall", "gate", "attention"], draw);
  onChoice(show);
  byId("view-switch").addEventListener("click", () => choose({ view: choice.view === "map" ? "list" : "map" }));
  for (const button of document.querySelectorAll("[data-view-to]")) button.addEventListener("click", () => choose({ view: button.dataset.viewTo }));
  show();
}

function show() {
  const listed = choice.view === "list";
  byId("list").hidden = !listed;
  byId("map-view").hidden = listed;
  byId("view-switch").textContent = t(listed ? "wall.where.map_button" : "wall.where.list");
  for (const button of document.querySelectorAll("[data-view-to]")) button.setAttribute("aria-pressed", String(button.dataset.viewTo === choice.view));
  if (listed) draw();
}

/** On paper the list stands whatever is shown on the screen. */
export function draw(always = false) {
  if (choice.view !== "list" && always !== true) return;
  put("attention", ["status", "what", "why", "next", "since"], openMatters().map(open), "wall.list.attention");
  put("halls", ["hall", "level", "occupancy", "peak", "thresholds", "status", "as_of"], things("hall").sort((a, b) => a.thing.localeCompare(b.thing, "en", { numeric: true })).map(hall), "wall.list.halls");
  put("gates", ["gate", "per_minute", "per_hour", "entries", "exits", "status", "as_of"], gatesInOrder().map(gate), "wall.list.gates");
}

const NUMBERS = ["occupancy", "peak", "thresholds", "per_minute", "per_hour", "entries", "exits"];
const WIDE = ["peak", "thresholds", "level", "exits"];
const columnClass = (name) => [NUMBERS.includes(name) ? "num" : "", WIDE.includes(name) ? "wide" : ""].join(" ").trim() || null;
const heading = (name) => t(name.startsWith("per_") ? `wall.hold.${name}` : `wall.list.${name}`);

function put(id, columns, rows, caption) {
  const place = byId(`list-${id}`);
  const focused = place.contains(document.activeElement);
  if (focused) return;
  const empty = h("p", { class: "unit" }, allUnknown() ? `${t("wall.wrong.not_known")} · ${reason()}` : t("wall.list.nil"));
  const head = h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col", class: columnClass(name) }, heading(name)))));
  const body = h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells.map((cell, index) => (index === 0 ? h("th", { scope: "row" }, cell) : h("td", { class: columnClass(columns[index]) }, cell))))));
  const table = h("table", {}, h("caption", {}, t(caption)), head, body);
  place.replaceChildren(rows.length ? table : h("h3", {}, t(caption)), ...(rows.length ? [] : [empty]));
}

function open(one) {
  const { severity, what, where, why, next } = matter(one);
  return [status(severity), h("span", {}, h("b", {}, what), " ", where), why, next, hhmm(one.props.since)];
}

function hall(one) {
  const state = statusOf(one);
  const lost = unknown(one);
  const level = venue.levels().find((found) => found.id === levelOf(one.thing));
  return [hallName(one.thing), level ? levelName(level) : "", lost ? unknownBox() : number(one.props.occupancy), lost ? "" : number(one.props.peak_today),
    (one.props.scaled ?? one.props.thresholds).map((limit) => number(limit)).join(", "), status(state), hhmm(one.props.as_of)];
}

function gate(one) {
  const state = statusOf(one);
  const values = ["per_minute", "per_hour", "entries_today", "exits_today"].map((name) => (state === "unknown" ? "" : number(one.props[name])));
  if (state === "unknown") values[1] = unknownBox();
  return [gateName(one.thing), ...values, status(state), hhmm(one.props.as_of)];
}
