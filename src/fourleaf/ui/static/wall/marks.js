// SPDX-License-Identifier: Apache-2.0
// Marks on the line of time: when something that matters began, changed or was over, as the engines' pictures declare it.

import { h } from "../kit/dom.js";
import { clockTime } from "../kit/format.js";
import { base, info, pick, t } from "../kit/page.js";
import { shape } from "../kit/shapes.js";
import { ask } from "./ask.js";
import { ORDER } from "./matters.js";
import { nameOf } from "./venue.js";

const PAGES = 5; // beyond so many marks of a day the rest is counted by nobody and said to be left out
const TICK_PX = 16; // marks that would stand on each other are drawn as the worst of them

/** Marks from start to end (ms): {first, marks, more}, or {wrong}. */
export async function marksOf(start, end) {
  const values = { from: new Date(start).toISOString(), to: new Date(end).toISOString() };
  const marks = [];
  for (let page = 0, after = null; ; page += 1) {
    const { body, wrong } = await ask(`${base}/marks.json`, after ? { ...values, after } : values);
    if (!body) return { wrong };
    marks.push(...body.marks.map((one) => ({ ...one, at: Date.parse(one.at) })));
    after = body.next;
    if (!after || page === PAGES) return { first: Date.parse(body.first), marks, more: Boolean(after), wrong: "" };
  }
}

const rank = (mark) => (ORDER.includes(mark.status) ? ORDER.indexOf(mark.status) : ORDER.length);

/** What a mark says, with its time. */
export function wordsOf({ at, status, says }) {
  const where = nameOf(says.thing) || pick(says.where);
  return [clockTime(at, info.zone), status === "over" ? t("wall.replay.over") : t(`status.${status}`), pick(says.what), where].filter(Boolean).join(" ");
}

/** The shapes over the slider; each place shows its worst. */
export function drawMarks(node, marks, start, end) {
  const count = Math.max(1, Math.floor(node.clientWidth / TICK_PX));
  const places = new Map();
  for (const mark of marks) {
    const place = Math.round(((mark.at - start) / (end - start)) * count);
    if (!places.has(place) || rank(mark) < rank(places.get(place))) places.set(place, mark);
  }
  const drawn = [count, ...places].map((one) => [one].flat().map((part) => part.thing ?? part)).join();
  if (node.dataset.drawn === drawn) return;
  node.dataset.drawn = drawn;
  node.replaceChildren(...[...places].map(([place, mark]) => {
    const one = h("span", { class: "tick" }, shape(mark.status === "over" ? "calm" : mark.status));
    one.style.insetInlineStart = `${(100 * place) / count}%`;
    return one;
  }));
}

/** The mark before or after an instant. */
export const markBefore = (marks, at) => marks.findLast((mark) => mark.at < at - 1000);
export const markAfter = (marks, at) => marks.find((mark) => mark.at > at);
