// SPDX-License-Identifier: Apache-2.0
// What fits into band 1 of a screen that cannot scroll: whole rows, then rows without why and next, then a count of the rest.

import { byId, say } from "../kit/dom.js";
import { t } from "../kit/page.js";

const ALWAYS_WHOLE = 2; // the worst two say what to do, however many follow
const LINES = 1.35;
let fitted = "";

/** Measure only when a row came, went or says something else; ages change nothing. */
export function fit() {
  const rows = [...byId("attention").children];
  const now = rows.map((row) => `${row.className} ${["what", "where", "word", "since", "why", "next"].map((name) => row.parts[name].textContent).join("|")}`).join("\n").replaceAll(" is-brief", "");
  if (now === fitted) return;
  fitted = now;
  arrange(rows);
}

export function fitAgain() {
  fitted = "";
  fit();
}

function arrange(rows) {
  const more = byId("wrong-more");
  show(rows, rows.length, rows.length);
  more.hidden = true;
  if (getComputedStyle(document.body).overflowY !== "hidden" || !rows.length) return;
  const whole = heights(rows);
  const room = byId("wrong").getBoundingClientRect().bottom - document.querySelector(".two").offsetHeight - rows[0].getBoundingClientRect().top;
  if (sum(whole) <= room) return;
  show(rows, 0, rows.length);
  const brief = heights(rows);
  const taken = (full, all) => sum(whole.slice(0, full)) + sum(brief.slice(full, all));
  let full = Math.min(ALWAYS_WHOLE, rows.length);
  let count = rows.length;
  if (taken(full, count) > room) {
    const left = room - LINES * parseFloat(getComputedStyle(more).lineHeight); // the count of the rest needs its line
    while (count > full && taken(full, count) > left) count -= 1;
    while (full < count && taken(full + 1, count) <= left) full += 1;
  } else while (full < count && taken(full + 1, count) <= room) full += 1;
  show(rows, full, count);
  more.hidden = count === rows.length;
  say(more, t("wall.wrong.more", { n: rows.slice(count).reduce((total, row) => total + Number(row.dataset.n), 0) }));
}

/** The first `full` rows whole, the next brief, those from `count` on hidden. */
function show(rows, full, count) {
  rows.forEach((row, index) => {
    row.classList.toggle("is-brief", index >= full && !row.classList.contains("is-danger"));
    row.hidden = index >= count;
  });
}

const heights = (rows) => rows.map((row) => row.offsetHeight);
const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
