// SPDX-License-Identifier: Apache-2.0
// An import on a page that is not of the desk.

import { imports } from "./imports.js";

imports();
document.getElementById("errors")?.focus();
