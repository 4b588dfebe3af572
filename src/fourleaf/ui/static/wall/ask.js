// SPDX-License-Identifier: Apache-2.0
// One question to the server: its answer, or in the language of the page what is wrong and what to do.

import { lang, t } from "../kit/page.js";

/** Gives {body, wrong}: one of them is empty. */
export async function ask(path, values) {
  try {
    const answer = await fetch(`${path}?${new URLSearchParams(values)}`, { headers: { accept: "application/json" } });
    const body = await answer.json();
    return answer.ok ? { body, wrong: "" } : { body: null, wrong: (body.errors?.[0] ?? body).detail[lang] };
  } catch (error) {
    console.warn("no answer", error);
    return { body: null, wrong: t("wall.replay.away") };
  }
}
