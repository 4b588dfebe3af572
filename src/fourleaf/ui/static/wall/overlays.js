// SPDX-License-Identifier: Apache-2.0
// What lies over the drawn map: the labels of its things, open matters, and the layers of registers that somebody chose.

import { startLabels } from "./labels.js";
import { drawLayers } from "./layer-map.js";
import { startMatters } from "./matter-map.js";

export function startOverlays(map, homeZoom) {
  startLabels(map, homeZoom);
  drawLayers(map);
  startMatters(map);
}
