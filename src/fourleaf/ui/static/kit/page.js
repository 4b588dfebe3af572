// SPDX-License-Identifier: Apache-2.0
// What the server wrote into the page: language, run, and the sentences of this language.

const data = JSON.parse(document.getElementById("page-data").textContent);

export const lang = data.lang;
export const info = data.info;
export const base = `/r/${encodeURIComponent(info.run)}`;

/** The sentence of a key with its {places} filled, {n|one|many} by whether n is 1; a missing key shows itself. */
export function t(key, values = {}) {
  const text = (data.words[key] ?? key).replace(/\{(\w+)\|([^|}]*)\|([^}]*)\}/g, (whole, name, one, many) => (Number(values[name]) === 1 ? one : many));
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The name in the language of the page: accepts a plain string or {zh, en}. */
export const pick = (names) => (names && typeof names === "object" ? names[lang] ?? names.zh : names ?? "");
