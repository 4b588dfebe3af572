// SPDX-License-Identifier: Apache-2.0
// The keys of tables on a page that is not of the desk.

import { keys } from "./keys.js";

keys();
