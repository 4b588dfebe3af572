// SPDX-License-Identifier: Apache-2.0
// The desk works without scripts; these make it quicker: keys, and views of one's own.

import { keys } from "./keys.js";
import { views } from "./views.js";

keys();
views(document.getElementById("views"));
document.getElementById("errors")?.focus();
