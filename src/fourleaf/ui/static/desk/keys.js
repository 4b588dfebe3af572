// SPDX-License-Identifier: Apache-2.0
// One hand on the keys: rows, pages, search, filter, new. Never while somebody types.

const typing = (node) => node.matches?.("input, select, textarea, [contenteditable]");

export function keys() {
  const rows = [...document.querySelectorAll("[data-rows] [data-row]")];
  let here = -1;

  function go(step) {
    if (!rows.length) return;
    rows[here]?.classList.remove("is-here");
    here = Math.min(rows.length - 1, Math.max(0, here + step));
    rows[here].classList.add("is-here");
    const link = rows[here].querySelector("a");
    link.focus({ preventScroll: true });
    rows[here].scrollIntoView({ block: "nearest" });
  }

  const follow = (id) => document.getElementById(id)?.click();
  const acts = {
    "/": () => document.getElementById("find")?.focus(),
    f: () => document.querySelector("#filters input, #filters select")?.focus(),
    n: () => follow("new"),
    j: () => go(1),
    k: () => go(-1),
    "[": () => follow("before"),
    "]": () => follow("after"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape" && typing(event.target)) event.target.blur();
    if (typing(event.target) || !acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
}
