// SPDX-License-Identifier: Apache-2.0
// A long import tells how far it is; a file that is too large is not even sent. Without scripts the page waits instead.

import { byId, say } from "../kit/dom.js";

/** Call `each` with every line of JSON that an answer brings. */
async function lines(answer, each) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const whole = (rest + part.value).split("\n");
    rest = whole.pop();
    whole.filter(Boolean).forEach((line) => each(JSON.parse(line)));
  }
}

export function imports() {
  const place = byId("outlook");
  const reading = byId("reading");
  const send = byId("send");

  const tell = (key, count) => say(reading.querySelector("span"), reading.dataset[key].replace("{count}", count.toLocaleString("en")));

  function show(html) {
    place.innerHTML = html; // our own template's, with everything escaped
    reading.hidden = true;
    byId("errors")?.focus();
    byId("confirm")?.addEventListener("submit", confirm);
  }

  async function follow(address, how, form) {
    let ended = false;
    reading.hidden = false;
    try {
      const answer = await fetch(address, how);
      // Asked for the password first: the page that asks is shown to the form, not to a script.
      if (answer.status === 403 && form) return form.submit();
      if (!answer.ok) throw new Error(answer.status);
      await lines(answer, (step) => {
        if (step.lines) tell("lines", step.lines);
        if (step.written) tell("written", step.written);
        ended ||= Boolean(step.html || step.see);
        if (step.html) show(step.html);
        if (step.see) location.assign(step.see);
      });
    } catch {
      ended = false;
    }
    if (!ended) {
      say(reading.querySelector("span"), reading.dataset.broken);
      reading.querySelector("progress").hidden = true;
    }
  }

  function confirm(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const body = new URLSearchParams(new FormData(form));
    form.querySelector("button").disabled = true;
    follow(place.dataset.stream, { method: "POST", body }, form);
  }

  byId("confirm")?.addEventListener("submit", confirm);
  if (place && !reading.hidden) follow(place.dataset.stream);

  send?.addEventListener("submit", (event) => {
    const file = byId("f-file").files[0];
    if (!file || file.size <= Number(send.dataset.most)) return;
    event.preventDefault();
    const box = byId("errors");
    say(box.querySelector("h2"), box.querySelector("h2").dataset.tooLarge);
    box.hidden = false;
    box.focus();
  });
}
