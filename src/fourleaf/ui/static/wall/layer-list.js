// SPDX-License-Identifier: Apache-2.0
// The things of chosen layers as a list. A wall shows the first of each level; the desk has them all, page by page.

import { byId, h } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { t } from "../kit/page.js";
import { choice, onChoice } from "./choice.js";
import { watch } from "../kit/store.js";
import { chosenLayers, onLayers, tableAddress, thingAddress, wordOf } from "./layers.js";
import { levelName, venue } from "./venue.js";
import { hhmm, status } from "./words.js";

export function startLayerList() {
  const place = h("div", { id: "list-layers" });
  byId("list").append(place);
  const draw = () => place.replaceChildren(...chosenLayers().flatMap(part));
  onLayers(draw);
  watch(["state"], draw);
  onChoice((changed) => changed.includes("level") && draw());
}

function part(one) {
  const { at, total, things } = one.said ?? { things: [] };
  const level = venue.levels().find((each) => each.id === choice.level);
  const said = one.failed ? t("wall.layers.failed") : one.said ? t("wall.layers.shown", { count: number(total), level: level ? levelName(level) : "", at: hhmm(at) }) : t("wall.reading");
  return [
    h("h3", {}, one.name), h("p", { class: "note" }, `${said} `, h("a", { href: tableAddress(one.key) }, t("wall.layers.table"))),
    h("ul", { class: "layer-things" }, ...things.map((found) => line(one, found))),
    total > things.length ? h("p", { class: "note" }, t("wall.layers.more", { count: number(total - things.length) })) : "",
  ];
}

function line(one, { id, name }) {
  const word = wordOf(one, id);
  return h("li", {}, h("a", { href: thingAddress(one.key, id) }, name), ` ${id} `, word ? status("watch", word) : "");
}
