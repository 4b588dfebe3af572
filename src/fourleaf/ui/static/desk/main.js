// SPDX-License-Identifier: Apache-2.0
// The desk works without scripts; these make it quicker: keys, views of one's own, imports that tell how far they are.

import { imports } from "./imports.js";
import { keys } from "./keys.js";
import { views } from "./views.js";

keys();
imports();
views(document.getElementById("views"));
document.getElementById("errors")?.focus();
