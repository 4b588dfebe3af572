// SPDX-License-Identifier: Apache-2.0
// A page that is away for a while comes back as soon as the server has it; until then nothing moves under the reader.

const EVERY_MS = 5000;

setInterval(async () => {
  try {
    const { status } = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (status !== 503) location.reload();
  } catch {
    // The server is not there yet: the next time.
  }
}, EVERY_MS);
