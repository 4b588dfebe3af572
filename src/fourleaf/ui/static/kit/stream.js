// SPDX-License-Identifier: Apache-2.0
// The one stream of a page: resumes from its last position, notices silence, never fetches anything else.

const SILENT_MS = 5000; // longer without any event, and nothing on the page is known any more
const REOPEN_MS = 9000; // a connection that is open but dead
const RETRY_MS = [500, 1000, 2000, 4000];

/**
 * Follow a stream. `on` has snapshot(data), changes(data), pulse(data) and broken(bool).
 * Returns {position(), close()}.
 */
export function follow(url, on) {
  let source = null;
  let position = null;
  let heard = performance.now();
  let opened = heard;
  let tries = 0;
  let broken = false;
  let retry = 0;

  function open() {
    clearTimeout(retry);
    retry = 0;
    source?.close();
    opened = performance.now();
    source = new EventSource(position ? `${url}?after=${encodeURIComponent(position)}` : url);
    for (const name of ["snapshot", "changes", "pulse"]) source.addEventListener(name, (event) => take(name, event));
    // Signed out, or the roles changed: the page is asked for anew, and leads to the door if it must.
    source.addEventListener("over", () => {
      source.close();
      location.reload();
    });
    source.onerror = later;
  }

  function later() {
    source.close();
    if (retry) return;
    retry = setTimeout(open, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]);
    tries += 1;
  }

  function take(name, event) {
    heard = performance.now();
    tries = 0;
    on[name](JSON.parse(event.data));
    if (name !== "pulse" && event.lastEventId) position = event.lastEventId;
    turn(false);
  }

  function turn(now) {
    if (broken === now) return;
    broken = now;
    on.broken(now);
  }

  const watch = setInterval(() => {
    const silent = performance.now() - heard;
    if (silent > SILENT_MS) turn(true);
    if (silent > REOPEN_MS && performance.now() - opened > REOPEN_MS && !retry) open();
  }, 500);

  addEventListener("online", () => broken && open());
  open();
  return {
    position: () => position,
    close() {
      clearInterval(watch);
      clearTimeout(retry);
      source.close();
    },
  };
}
