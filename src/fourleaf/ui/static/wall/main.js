// SPDX-License-Identifier: Apache-2.0
// The wall starts here: the venue once, then one stream. Nothing else is fetched, until somebody looks back.

import { base } from "../kit/page.js";
import { live } from "../kit/store.js";
import { follow } from "../kit/stream.js";
import { startAttention } from "./attention.js";
import { startDrawer } from "./drawer.js";
import { startFigures } from "./figures.js";
import { startGates } from "./gates.js";
import { startHalls } from "./halls.js";
import { startHeader } from "./header.js";
import { startKeys } from "./keys.js";
import { startLayerList } from "./layer-list.js";
import { startLayers } from "./layers.js";
import { startLegend } from "./legend.js";
import { startLevels } from "./levels.js";
import { startList } from "./list.js";
import { startLive } from "./live.js";
import { startMap } from "./map.js";
import { startMinute } from "./minute.js";
import { startMotion } from "./motion.js";
import { startReplay } from "./replay-strip.js";
import { startTimeBar } from "./time-bar.js";
import { startTimeKeys } from "./time-keys.js";
import { startTimeline } from "./timeline.js";
import { loadVenue } from "./venue.js";
import { startPrint } from "./print.js";
import { startWrongFoot } from "./wrong-foot.js";

const AGAIN_MS = 3000;

async function start() {
  try {
    await loadVenue();
  } catch (error) {
    console.warn("the venue is not there yet", error);
    setTimeout(start, AGAIN_MS);
    return;
  }
  for (const begin of [startHeader, startLevels, startLegend, startAttention, startWrongFoot, startFigures, startGates, startHalls, startMinute, startTimeline, startList, startDrawer, startLayers, startLayerList, startKeys, startMotion, startLive, startPrint, startMap, startReplay, startTimeBar, startTimeKeys]) begin();
  const stream = follow(`${base}/stream`, live);
  document.documentElement.dataset.ready = "true";
  addEventListener("pagehide", () => stream.close());
}

start();
