// SPDX-License-Identifier: Apache-2.0
// One hand on the keys: rows, pages, search, filter, new. Never while somebody types. The line of keys names what works here.

// Which element of the page a key is for.
const POINTS = { "/": "#find", f: "#filters input, #filters select" };
const FOLLOWS = { n: "#new", "[": "#before", "]": "#after" };
const STEPS = { j: 1, k: -1 };

const typing = (node) => node.matches?.("input, select, textarea, [contenteditable]");

export function keys() {
  const rows = [...document.querySelectorAll("[data-rows] [data-row]:has(a)")];
  let here = -1;

  function go(step) {
    rows[here]?.classList.remove("is-here");
    here = Math.min(rows.length - 1, Math.max(0, here + step));
    rows[here].classList.add("is-here");
    const link = rows[here].querySelector("a");
    link.focus({ preventScroll: true });
    rows[here].scrollIntoView({ block: "nearest" });
  }

  /** What a key does on this page; nothing for one that has nothing to do here. */
  function act(key) {
    const node = document.querySelector(POINTS[key] ?? FOLLOWS[key] ?? "never");
    if (node) return () => (POINTS[key] ? node.focus() : node.click());
    return STEPS[key] && rows.length ? () => go(STEPS[key]) : null;
  }

  for (const told of document.querySelectorAll(".keys [data-keys]")) told.hidden = !told.dataset.keys.split(" ").some(act);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    const does = typing(event.target) ? null : act(event.key);
    if (!does) return;
    event.preventDefault();
    does();
  });
}
