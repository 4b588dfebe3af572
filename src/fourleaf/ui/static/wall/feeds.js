// SPDX-License-Identifier: Apache-2.0
// What other bodies tell of things around the halls: a station, a lot. Late values are unknown, never shown as if they were fresh.

import { number } from "../kit/format.js";
import { info, pick, t } from "../kit/page.js";
import { things, unknown } from "../kit/store.js";
import { hhmm, source } from "./words.js";

/** Everything told of these things of the venue. */
export const toldOf = (...ids) => things("feed").filter(({ place }) => place && ids.includes(place));

/** The values in words: name, number, unit; whether they are known. */
export function valuesOf({ props: { values } }) {
  return values.map(({ name, value, unit }) => `${pick(name)} ${number(Number(value))} ${unitOf(unit)}`).join(t("wall.comma"));
}

/** In both languages where its feed says it so; in words where the pages know it; else as its feed calls it. */
function unitOf(unit) {
  if (typeof unit !== "string") return pick(unit);
  const word = t(`unit.${unit}`);
  return word.startsWith("unit.") ? unit : word;
}

/** Under the name of a thing: the values with their units, whose they are and how old. */
export function note(...ids) {
  return toldOf(...ids).map((one) => (unknown(one) ? t("wall.where.unknown_after", { time: hhmm(one.props.as_of) }) : `${short(one)}${t("wall.comma")}${whole(from(one))}`)).join(t("wall.semicolon"));
}

/** In a rehearsal feeds are recordings, of the whole fair whatever the sample is. */
export const recorded = info.kind === "rehearsal";

/** Where a value comes from and how old it is; of many, the oldest. */
export function from(...told) {
  const time = hhmm(told.map(({ props }) => props.as_of).reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a)));
  return recorded ? t("wall.where.recorded", { time }) : `${source(told[0].props.source)} ${time}`;
}

/** How many stand in a lot; null when nobody tells, or too late. */
export function occupied(id) {
  const told = toldOf(id).filter((one) => !unknown(one)).flatMap(({ props }) => props.values.filter(({ key }) => key === "occupied"));
  return told.length ? Number(told[0].value) : null;
}

/** What all values are of, once. */
function short({ props: { values } }) {
  const units = new Set(values.map(({ unit }) => unitOf(unit)));
  const said = values.map(({ name, value, unit }, index) => `${pick(name)} ${number(Number(value))}${units.size > 1 || index === values.length - 1 ? ` ${unitOf(unit)}` : ""}`);
  return said.map(whole).join(t("wall.comma"));
}

/** A label breaks between the things it says, not inside of one. */
const whole = (said) => said.replaceAll(" ", "\u00a0");

export const isLost = (...ids) => toldOf(...ids).some(unknown);
