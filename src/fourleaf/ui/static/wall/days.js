// SPDX-License-Identifier: Apache-2.0
// The days of the edition: hours are declared as clock time of its zone, drawn as instants.

import { fromLocal, isoDate } from "../kit/format.js";
import { info } from "../kit/page.js";

const instant = (date, time) => (time ? fromLocal(date, time, info.zone) : null);

/** Every declared day: date, name, start of the day, opening and closing as instants, null on a day that does not open. */
export const days = (info.days ?? []).map(({ date, name, opens_at: opens, closes_at: closes }) => ({
  date, name, starts: fromLocal(date, "00:00", info.zone), opens: instant(date, opens), closes: instant(date, closes),
}));

export const showDays = days.filter((day) => day.opens !== null);

export const dayOf = (moment) => days.find((day) => day.date === isoDate(moment, info.zone));
