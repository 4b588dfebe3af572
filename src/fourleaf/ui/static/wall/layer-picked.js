// SPDX-License-Identifier: Apache-2.0
// The one thing of a layer that was picked on the map: what it is called, how it stands, and the way to its page.

import { byId, h } from "../kit/dom.js";
import { base, t } from "../kit/page.js";
import { watch } from "../kit/store.js";
import { status } from "./words.js";
import { nameOf, thingAddress, wordOf } from "./layers.js";

const line = h("p", { class: "layer-picked", role: "status" });
let picked = null; // {one, id, name}

export function startPicked() {
  watch(["state"], draw);
}

export async function pickThing(one, id) {
  const mine = (picked = { one, id, name: id });
  draw();
  const answer = await fetch(`${base}/world/registers/${one.key}/things/${encodeURIComponent(id)}`).catch(() => null);
  if (!answer?.ok || picked !== mine) return;
  mine.name = nameOf(one, id, (await answer.json()).values);
  draw();
}

export function unpick() {
  picked = null;
  line.replaceChildren();
}

function draw() {
  if (!picked) return;
  const { one, id, name } = picked;
  const word = wordOf(one, id);
  if (!line.parentNode) byId("map-view").append(line);
  line.replaceChildren(h("b", {}, name), ` ${one.name} · ${id} `, ...(word ? [status("watch", word), " "] : []), h("a", { href: thingAddress(one.key, id) }, t("wall.layers.open")));
}
