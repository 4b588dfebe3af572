// SPDX-License-Identifier: Apache-2.0
// Small hands for the document: find, make, and change only what differs.

export const byId = (id) => document.getElementById(id);

/** Make an element: h("li", {class: "case", onclick}, "text", child). */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Set text only when it changed, so that nothing repaints or is announced for nothing. */
export function say(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

/** Keep one child per key, in order: made once, then updated in place. */
export function keyed(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  let at = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let node = old.get(key);
    if (!node) {
      node = make(item);
      node.dataset.key = key;
    }
    old.delete(key);
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
    update(node, item);
  }
  old.forEach((node) => node.remove());
}
