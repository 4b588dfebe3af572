// SPDX-License-Identifier: Apache-2.0
// Less motion: asked by the system or in the drawer.

import { byId } from "../kit/dom.js";

const system = matchMedia("(prefers-reduced-motion: reduce)");
const KEY = "fourleaf.less-motion";

export const calm = () => system.matches || localStorage.getItem(KEY) === "1";

export function startMotion() {
  const box = byId("less-motion");
  box.checked = calm();
  box.addEventListener("change", () => localStorage.setItem(KEY, box.checked ? "1" : "0"));
}
