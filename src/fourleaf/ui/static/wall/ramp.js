// SPDX-License-Identifier: Apache-2.0
// How full: one hue, five steps of 2,000 persons, scaled by the share of the sample. Colors come from the tokens.

import { info } from "../kit/page.js";
import { things, unknown } from "../kit/store.js";
import { venue } from "./venue.js";

const STEP = 2000;
export const STEPS = 5;
export const HIGH = 4; // from this step on the roof is light and its ink dark

export const step = () => STEP * info.sample;
export const classOf = (count) => Math.min(STEPS, 1 + Math.floor(Math.max(0, count) / step()));

const styles = getComputedStyle(document.documentElement);
export const token = (name) => styles.getPropertyValue(`--${name}`).trim();

let size = 0;

/** One rem in pixels: the size of the smallest text of the wall. Asked of the browser once a size of the page. */
export const rem = () => (size ||= parseFloat(getComputedStyle(document.documentElement).fontSize));

export const resized = () => (size = 0);
addEventListener("resize", resized, { capture: true });

export const levelOf = (hall) => venue.feature("hall", hall)?.properties.level ?? null;

/** Persons on a level: null when no hall of it is known, `least` when only some are. */
export function totalOf(level) {
  const halls = things("hall").filter((one) => levelOf(one.thing) === level);
  const known = halls.filter((one) => !unknown(one));
  if (!known.length) return null;
  return { total: known.reduce((sum, one) => sum + one.props.occupancy, 0), least: known.length < halls.length };
}
