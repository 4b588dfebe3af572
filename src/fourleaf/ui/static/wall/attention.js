// SPDX-License-Identifier: Apache-2.0
// Band 1: what is open, worst first and oldest first among equals, with age and owner; what is closed; the worker.

import { byId, h, keyed, say } from "../kit/dom.js";
import { age, number } from "../kit/format.js";
import { pick, t } from "../kit/page.js";
import { shape } from "../kit/shapes.js";
import { allUnknown, now, things, time, unknown, watch } from "../kit/store.js";
import { hhmm, reason, unknownBox } from "./words.js";

const ORDER = ["danger", "alert", "watch", "unknown", "info"];
const SLOW_S = 1;
const GROUPED_FROM = 2;

export const openMatters = () => things("attention").sort((a, b) => rank(a) - rank(b) || Date.parse(a.props.since) - Date.parse(b.props.since));

const rank = (one) => (ORDER.indexOf(one.props.severity) + ORDER.length + 1) % (ORDER.length + 1);

export function startAttention() {
  watch(["attention", "hall", "gate", "*"], draw);
  watch(["hall", "gate", "attention", "*"], closures);
  watch(["*"], worker);
  addEventListener("resize", draw);
}

function draw() {
  const open = openMatters();
  say(byId("open-count"), allUnknown() ? "?" : String(open.length));
  keyed(byId("attention"), grouped(open), (one) => one.thing, make, update);
  const nil = byId("wrong-nil");
  nil.hidden = open.length > 0;
  if (!open.length) sayNil(nil);
  fit();
}

/** Many of one kind that nobody need tell apart from afar become one row with their number; the list has each. */
function grouped(open) {
  const kinds = Map.groupBy(open, ({ props }) => (["unknown", "info"].includes(props.severity) ? `${props.kind} ${pick(props.what)}` : ""));
  return open.flatMap((one) => {
    const group = [...kinds].find(([key, members]) => key && members.length > GROUPED_FROM && members.includes(one))?.[1];
    if (!group) return [{ ...one, n: 1 }];
    if (group[0] !== one) return [];
    const places = [...new Set(group.map(({ props }) => props.thing))].join(", ");
    return [{ thing: `group:${one.props.kind}`, n: group.length, props: { ...one.props, what: t("wall.wrong.group", { what: pick(one.props.what), n: group.length }), where: places } }];
  });
}

function make() {
  return h("li", {}, h("span", { class: "mark" }), h("span", { class: "place" }, h("span", { class: "what" }), h("span", { class: "where" })),
    h("span", { class: "age" }), h("span", { class: "l2" }, h("span", {}, h("span", { class: "word" }), " ", h("span", { class: "owner" })), h("span", { class: "since" })));
}

function update(node, { props, n }) {
  node.dataset.n = n;
  const part = (name) => node.querySelector(`.${name}`);
  if (node.dataset.severity !== props.severity) {
    part("mark").replaceChildren(shape(props.severity));
    node.className = `case is-${props.severity}`;
    node.dataset.severity = props.severity;
  }
  say(part("what"), pick(props.what));
  say(part("where"), pick(props.where));
  say(part("age"), age(now() - Date.parse(props.since)));
  say(part("word"), t(`status.${props.severity}`));
  say(part("owner"), props.owner ? pick(props.owner) : t("wall.wrong.owner_none"));
  say(part("since"), t("wall.wrong.since", { time: hhmm(props.since) }));
}

/** Calm only when every feed is fresh: what is not known is never called calm. */
function sayNil(node) {
  const silent = [...things("gate"), ...things("hall")].filter(unknown).length;
  const [word, first, second] = allUnknown()
    ? ["unknown", t("wall.wrong.not_known"), reason()]
    : silent
      ? ["unknown", t("wall.wrong.nil_partly"), t("wall.wrong.nil_silent", { n: silent })]
      : ["calm", t("wall.wrong.nil"), t("wall.wrong.nil_why")];
  if (node.dataset.text === first + second) return;
  node.dataset.text = first + second;
  node.replaceChildren(shape(word), h("span", {}, first), h("small", {}, second));
}

/** Rows that do not fit on a screen that cannot scroll are counted, not cut. */
function fit() {
  const list = byId("attention");
  const more = byId("wrong-more");
  const rows = [...list.children];
  rows.forEach((row) => (row.hidden = false));
  more.hidden = true;
  if (getComputedStyle(document.body).overflowY !== "hidden") return;
  const floor = byId("wrong").getBoundingClientRect().bottom - document.querySelector(".two").offsetHeight;
  if (!rows.length || rows.at(-1).getBoundingClientRect().bottom <= floor) return;
  more.hidden = false;
  const room = floor - more.getBoundingClientRect().height;
  let shown = rows.length;
  while (shown > 1 && rows[shown - 1].getBoundingClientRect().bottom > room) rows[--shown].hidden = true;
  say(more, t("wall.wrong.more", { n: rows.slice(shown).reduce((sum, row) => sum + Number(row.dataset.n), 0) }));
}

function closures() {
  const closed = [...things("hall"), ...things("gate")].filter((one) => one.props.closed).map((one) => one.thing);
  const named = things("attention").filter((one) => one.props.kind === "closure").map((one) => one.props.thing);
  const all = [...new Set([...closed, ...named])];
  const node = byId("closures");
  put(node.querySelector("b"), allUnknown() ? null : String(all.length));
  say(node.querySelector(".why"), all.length ? all.join(", ") : allUnknown() ? "" : t("wall.wrong.closures_nil"));
}

function worker() {
  const node = byId("processing");
  const lag = time.pulse?.lag_s ?? 0;
  put(node.querySelector("b"), allUnknown() ? null : number(lag, 1));
  say(node.querySelector(".why"), allUnknown() ? reason() : t(lag > SLOW_S ? "wall.wrong.processing_slow" : "wall.wrong.processing_ok"));
}

function put(node, text) {
  if (text === null && !node.querySelector(".unknown-box")) node.replaceChildren(unknownBox());
  if (text !== null) say(node, text);
}
