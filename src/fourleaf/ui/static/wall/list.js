// SPDX-License-Identifier: Apache-2.0
// The list of the same things: open matters, halls, gates, and what feeds tell. The main view on a phone, one key away on the wall.

import { byId, h, keyed, say } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { info, pick, t } from "../kit/page.js";
import { allUnknown, things, unknown, watch } from "../kit/store.js";
import { choice, choose, onChoice } from "./choice.js";
import { recorded, valuesOf } from "./feeds.js";
import { gatesInOrder } from "./gates.js";
import { matter, openMatters } from "./matters.js";
import { levelOf } from "./ramp.js";
import { gateName, hallName, levelName, venue } from "./venue.js";
import { hhmm, reason, status, statusOf, unknownBox } from "./words.js";

export function startList() {
  watch(["hall", "gate", "attention", "reason", "feed"], draw);
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
  put("attention", ["status", "what", "why", "next", "since"], openMatters().map(open));
  put("halls", ["hall", "level", "occupancy", "peak", "thresholds", "status", "as_of"], things("hall").sort((a, b) => a.thing.localeCompare(b.thing, "en", { numeric: true })).map(hall));
  put("feeds", ["thing", "feed", "values", "status", "as_of"], things("feed").sort((a, b) => a.thing.localeCompare(b.thing, "en", { numeric: true })).map(told));
  put("gates", ["gate", "per_minute", "per_hour", "entries", "exits", "status", "as_of"], gatesInOrder().map(gate));
}

const NUMBERS = ["occupancy", "peak", "thresholds", "per_minute", "per_hour", "entries", "exits"];
const WIDE = ["peak", "thresholds", "level", "exits", "per_minute", "feed"]; // a phone does without
const columnClass = (name) => [NUMBERS.includes(name) ? "num" : "", WIDE.includes(name) ? "wide" : ""].join(" ").trim() || null;
const heading = (name) => t(name.startsWith("per_") ? `wall.hold.${name}` : `wall.list.${name}`);

/** Rows and cells are made once and then changed where they differ, so that a reader keeps the place. */
function put(id, columns, rows) {
  const place = byId(`list-${id}`);
  if (!place.firstChild) place.append(...frame(id, columns));
  const [table, heading, empty] = place.children;
  table.hidden = !rows.length;
  heading.hidden = empty.hidden = rows.length > 0;
  say(empty, allUnknown() ? `${t("wall.wrong.not_known")} · ${reason()}` : t("wall.list.nil"));
  keyed(table.tBodies[0], rows, (row) => row.key, () => h("tr", {}, ...columns.map((name, index) => (index ? h("td", { class: columnClass(name) }) : h("th", { scope: "row" })))),
    (node, { cells }) => cells.forEach((cell, index) => fillCell(node.cells[index], cell)));
}

function frame(id, columns) {
  const head = h("thead", {}, h("tr", {}, ...columns.map((name) => h("th", { scope: "col", class: columnClass(name) }, heading(name)))));
  return [h("table", {}, h("caption", {}, t(`wall.list.${id === "feeds" && recorded && info.sample < 1 ? "feeds_recorded" : id}`)), head, h("tbody")), h("h3", {}, t(`wall.list.${id}`)), h("p", { class: "unit" })];
}

/** A cell is text, {status}, {lost: true} or {strong, text}. */
function fillCell(node, cell) {
  const said = JSON.stringify(cell);
  if (node.dataset.said === said) return;
  node.dataset.said = said;
  if (typeof cell === "string") node.replaceChildren(cell);
  else if (cell.status) node.replaceChildren(status(cell.status));
  else if (cell.lost) node.replaceChildren(unknownBox());
  else node.replaceChildren(h("b", {}, cell.strong), ` ${cell.text}`);
}

function open(one) {
  const { severity, what, where, why, next } = matter(one);
  return { key: one.thing, cells: [{ status: severity }, { strong: what, text: where }, why, next, hhmm(one.props.since)] };
}

function hall(one) {
  const lost = unknown(one);
  const level = venue.levels().find((found) => found.id === levelOf(one.thing));
  return { key: one.thing, cells: [hallName(one.thing), level ? levelName(level) : "", lost ? { lost } : number(one.props.occupancy), lost ? "" : number(one.props.peak_today),
    (one.props.scaled ?? one.props.thresholds).map((limit) => number(limit)).join(", "), { status: statusOf(one) }, hhmm(one.props.as_of)] };
}

/** What another body tells of a thing: who, of what, and how old. */
function told(one) {
  const lost = unknown(one);
  return { key: one.thing, cells: [pick(one.props.name), pick(one.props.feed), lost ? { lost } : valuesOf(one), { status: lost ? "unknown" : "calm" }, hhmm(one.props.as_of)] };
}

function gate(one) {
  const lost = unknown(one);
  const values = ["per_minute", "per_hour", "entries_today", "exits_today"].map((name) => (lost ? "" : number(one.props[name])));
  if (lost) values[1] = { lost };
  return { key: one.thing, cells: [gateName(one.thing), ...values, { status: statusOf(one) }, hhmm(one.props.as_of)] };
}
