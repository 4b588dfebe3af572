// SPDX-License-Identifier: Apache-2.0
// The figures of band 3: inside, entries today, and the newest total of entries that an edition published.

import { byId, say } from "../kit/dom.js";
import { bounded, dated, number, short } from "../kit/format.js";
import { info, lang, pick, t } from "../kit/page.js";
import { thing, unknown, watch } from "../kit/store.js";
import { provenance, unknownBox } from "./words.js";

export function startFigures() {
  watch(["figure"], draw);
}

function draw() {
  show("inside", thing("figure", "admission.inside"));
  show("entries", thing("figure", "admission.entries_today"));
  previous();
}

function show(id, figure) {
  const node = byId(id);
  const value = figure ? bounded(number(figure.props.value), figure.props.bound, lang) : "";
  const place = node.querySelector(".fig");
  if (unknown(figure)) place.replaceChildren(unknownBox());
  else say(place, value);
  say(node.querySelector(".note"), provenance(figure, value));
}

/** Published figures never turn unknown; they carry their own edition, bound word, unit and as-of. */
function previous() {
  const found = thing("figure", "admission.entries_today")?.props.previous;
  const node = byId("previous");
  node.hidden = !found;
  if (!found) return;
  const unit = t(`unit.${found.unit}`);
  say(node, t("wall.hold.previous", {
    edition: pick(found.edition), value: bounded(short(found.value, lang), found.bound, lang), unit: unit.startsWith("unit.") ? found.unit : unit, until: until(found.as_of),
  }));
  if (lang === "zh" || typeof found.quote === "object") node.title = pick(found.quote); // the words of the source, in its language
}

function until(moment) {
  const date = new Date(moment ?? NaN);
  return Number.isNaN(date.getTime()) ? "" : t("wall.hold.previous_until", { time: dated(date, lang, info.zone) });
}
