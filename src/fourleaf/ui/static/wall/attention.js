// SPDX-License-Identifier: Apache-2.0
// Band 1: what is open, worst first and oldest first among equals: what, where, since when, why, and what to do next.

import { byId, h, keyed, say } from "../kit/dom.js";
import { age } from "../kit/format.js";
import { lang, pick, t } from "../kit/page.js";
import { shape } from "../kit/shapes.js";
import { allUnknown, feeds, now, unknown, watch } from "../kit/store.js";
import { fit, fitAgain } from "./attention-fit.js";
import { ORDER, grouped, matter, openMatters } from "./matters.js";
import { reason } from "./words.js";

export function startAttention() {
  watch(["attention", "reason", "hall", "gate", "*"], draw);
  addEventListener("resize", () => fitAgain());
  document.fonts?.ready.then(() => fitAgain());
}

function draw() {
  const open = openMatters();
  say(byId("open-count"), allUnknown() ? "?" : String(open.length));
  mix(open);
  keyed(byId("attention"), grouped(open), (one) => one.thing, make, update);
  const nil = byId("wrong-nil");
  nil.hidden = open.length > 0;
  if (!open.length) sayNil(nil);
  fit();
}

/** How many of each severity, by shape, word and number. */
function mix(open) {
  const counts = ORDER.map((severity) => [severity, open.filter((one) => matter(one).severity === severity).length]).filter(([, n]) => n);
  const text = allUnknown() || open.length < 2 ? "" : counts.join(" ");
  const node = byId("open-mix");
  if (node.dataset.text === text) return;
  node.dataset.text = text;
  node.replaceChildren(...(text ? counts : []).map(([severity, n]) => h("span", { class: "st" }, shape(severity), h("span", { class: "vh" }, t(`status.${severity}`)), String(n))));
}

const PARTS = ["what", "where", "age", "word", "since", "why", "next"];

function make() {
  const part = Object.fromEntries(PARTS.map((name) => [name, h("span", { class: name })]));
  const node = h("li", {}, h("span", { class: "mark" }), h("span", { class: "place" }, part.what, part.where), part.age,
    h("span", { class: "l2" }, part.word, part.since), part.why, part.next);
  node.parts = part;
  return node;
}

function update(node, one) {
  const shown = matter(one);
  node.dataset.n = one.n;
  if (node.dataset.severity !== shown.severity) {
    node.querySelector(".mark").replaceChildren(shape(shown.severity));
    node.className = `case is-${shown.severity}`;
    node.dataset.severity = shown.severity;
  }
  for (const name of PARTS) say(node.parts[name], shown[name] ?? age(now() - Date.parse(one.props.since), lang));
  node.parts.why.hidden = !shown.why;
  node.parts.next.hidden = !shown.next;
}

/** Calm only when every feed is fresh: what is not known is never called calm. */
function sayNil(node) {
  const silent = feeds().filter(unknown).length;
  const [word, first, second] = allUnknown()
    ? ["unknown", t("wall.wrong.not_known"), reason()]
    : silent
      ? ["unknown", t("wall.wrong.nil_partly"), t("wall.wrong.nil_silent", { n: silent, all: feeds().length })]
      : ["calm", t("wall.wrong.nil"), t("wall.wrong.nil_why")];
  if (node.dataset.text === first + second) return;
  node.dataset.text = first + second;
  node.replaceChildren(shape(word), h("span", {}, first), h("small", {}, second));
}
