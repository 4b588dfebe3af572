// SPDX-License-Identifier: Apache-2.0
// What other bodies tell of things around the halls: a station, a lot. Late values are unknown, never shown as if they were fresh.

import { number } from "../kit/format.js";
import { pick, t } from "../kit/page.js";
import { things, unknown } from "../kit/store.js";
import { hhmm } from "./words.js";

/** Everything told of these things of the venue. */
export const toldOf = (...ids) => things("feed").filter(({ place }) => place && ids.includes(place));

/** The values in words: name, number, unit; whether they are known. */
export function valuesOf({ props: { values } }) {
  return values.map(({ name, value, unit }) => `${pick(name)} ${number(Number(value))}${unit ? ` ${unit}` : ""}`).join(t("wall.comma"));
}

/** One short line under the name of a thing; how old it is only when it is late. */
export function note(...ids) {
  return toldOf(...ids).map((one) => (unknown(one) ? t("wall.where.unknown_after", { time: hhmm(one.props.as_of) }) : short(one))).join(t("wall.semicolon"));
}

/** How many stand in a lot; null when nobody tells, or too late. */
export function occupied(id) {
  const told = toldOf(id).filter((one) => !unknown(one)).flatMap(({ props }) => props.values.filter(({ key }) => key === "occupied"));
  return told.length ? Number(told[0].value) : null;
}

/** Without units: the list has them. */
const short = ({ props: { values } }) => values.map(({ name, value }) => `${pick(name)} ${number(Number(value))}`).join(t("wall.comma"));

export const isLost = (...ids) => toldOf(...ids).some(unknown);
