// SPDX-License-Identifier: Apache-2.0
// The form that waited goes on by itself. Who comes back to this page with the browser's own button sends it by hand.

if (performance.getEntriesByType("navigation")[0]?.type !== "back_forward") document.getElementById("again").requestSubmit();
