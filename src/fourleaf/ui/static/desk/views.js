// SPDX-License-Identifier: Apache-2.0
// Views of one's own: filters, order and columns of a register under a name, kept in this browser.

import { h } from "../kit/dom.js";

export function views(place) {
  if (!place) return;
  const store = `fourleaf.views.${place.dataset.register}`;
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(store) ?? "[]").filter((one) => typeof one.name === "string" && one.query.startsWith("?"));
    } catch {
      return [];
    }
  };
  const write = (found) => {
    localStorage.setItem(store, JSON.stringify(found));
    draw();
  };

  function save() {
    const name = prompt(place.dataset.ask)?.trim().slice(0, 40);
    if (name) write([...read().filter((one) => one.name !== name), { name, query: location.search || "?" }]);
  }

  function draw() {
    const found = read().map((one) =>
      h("span", {}, h("a", { class: "flat", href: one.query }, one.name),
        h("button", { class: "flat", type: "button", "aria-label": `${place.dataset.drop}: ${one.name}`, onclick: () => write(read().filter((other) => other.name !== one.name)) }, "×")));
    place.replaceChildren(...found, h("button", { class: "flat", type: "button", onclick: save }, place.dataset.save));
    place.hidden = false;
  }

  draw();
}
