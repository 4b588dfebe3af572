// SPDX-License-Identifier: Apache-2.0
// The things of chosen layers as a list. A wall shows the first of each level; the desk has them all, page by page.

import { byId, h } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { t } from "../kit/page.js";
import { choice, onChoice } from "./choice.js";
import { chosenLayers, onLayers, spotsOn, tableAddress, thingAddress } from "./layers.js";
import { levelName, venue } from "./venue.js";
import { hhmm } from "./words.js";

const SHOWN = 100;

export function startLayerList() {
  const place = h("div", { id: "list-layers" });
  byId("list").append(place);
  const draw = () => place.replaceChildren(...chosenLayers().flatMap(part));
  onLayers(draw);
  onChoice((changed) => changed.includes("level") && draw());
}

function part(one) {
  const found = spotsOn(one, choice.level);
  const level = venue.levels().find((each) => each.id === choice.level);
  const said = one.failed ? t("wall.layers.failed") : t("wall.layers.shown", { count: number(found.length), level: level ? levelName(level) : "", at: hhmm(one.at) });
  return [
    h("h3", {}, one.name), h("p", { class: "note" }, `${said} `, h("a", { href: tableAddress(one.key) }, t("wall.layers.table"))),
    h("ul", { class: "layer-things" }, ...found.slice(0, SHOWN).map(({ id, name }) => h("li", {}, h("a", { href: thingAddress(one.key, id) }, name), ` ${id}`))),
    found.length > SHOWN ? h("p", { class: "note" }, t("wall.layers.more", { count: number(found.length - SHOWN) })) : "",
  ];
}
