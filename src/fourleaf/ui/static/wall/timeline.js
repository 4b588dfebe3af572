// SPDX-License-Identifier: Apache-2.0
// The whole edition along the foot: entries by hour, past solid, opening hours still ahead as dashed ghosts, one thick line is now.

import { byId } from "../kit/dom.js";
import { day, fromLocal, isoDate, number, weekday } from "../kit/format.js";
import { info, lang, t } from "../kit/page.js";
import { now, thing, unknown, watch } from "../kit/store.js";
import { chart, nowLine, text } from "./charts.js";
import { showDays } from "./days.js";
import { rem, token } from "./ramp.js";
import { hhmm } from "./words.js";

const DAY = 86_400_000;
const HOUR = 3_600_000;

export function startTimeline() {
  const draw = chart(byId("timeline"), options, says);
  watch(["figure", "*"], draw);
}

function says() {
  const figure = thing("figure", "admission.entries_by_hour");
  return JSON.stringify([figure?.props.series, unknown(figure), hhmm(now())]);
}

/** One column a day: the show days, or today alone when none is declared. */
const columns = () => (showDays.length ? showDays.map((one) => one.starts) : [fromLocal(isoDate(now() || 0, info.zone), "00:00", info.zone)]);

function options() {
  const figure = thing("figure", "admission.entries_by_hour");
  const points = (figure?.props.series ?? []).map(([at, value]) => [Math.min(Date.parse(at) + HOUR / 2, now() || Infinity), value]);
  const starts = columns();
  const high = Math.max(1, ...points.map(([, value]) => value));
  const color = token(unknown(figure) ? "status-unknown" : "ramp-4");
  const most = points.find(([, value]) => value === high);
  const edge = 0.4 * rem();
  Object.assign(byId("timeline").dataset, { from: starts[0], to: starts.at(-1) + DAY, left: edge, right: edge });
  return {
    grid: { left: edge, right: edge, top: 1.3 * rem(), bottom: 1.5 * rem() },
    xAxis: { type: "value", min: starts[0], max: starts.at(-1) + DAY, interval: DAY, axisLine: { lineStyle: { color: token("line-strong") } }, axisTick: { show: false },
      splitLine: { show: true, lineStyle: { color: token("line-strong") } }, axisLabel: { show: false } },
    yAxis: { type: "value", min: 0, max: high * 1.05, show: false },
    series: [
      ghosts(high),
      { type: "line", data: apart(points), smooth: 0.35, smoothMonotone: "x", showSymbol: false, silent: true, lineStyle: { color, width: 1.5 }, areaStyle: { color, opacity: 1 },
        markPoint: most ? { symbol: "rect", symbolSize: 0.01, data: [{ coord: most, value: number(most[1]) }], label: { ...text(), position: "top", ...peakLabel(most[0], starts) }, silent: true } : undefined,
        markLine: now() ? nowLine(now(), hhmm(now())) : undefined },
      names(starts),
    ],
  };
}

/** Nights are gaps: each day of the curve starts and ends on the ground. */
function apart(points) {
  return points.flatMap(([at, value], index) => {
    const before = points[index - 1]?.[0] ?? -Infinity;
    const after = points[index + 1]?.[0];
    return [...(at - before > 2 * HOUR ? [[at - HOUR / 2, 0]] : []), [at, value], ...(after && after - at > 2 * HOUR ? [[at + HOUR / 2, 0], [at + HOUR / 2 + 1, null]] : [])];
  });
}

/** The label of the peak as long as there is room for it: word and number before the point, the number alone, the number after it, nothing. */
function peakLabel(at, starts) {
  const width = (span) => (span / (starts.length * DAY)) * (byId("timeline").clientWidth / rem());
  const before = width(at - starts[0]);
  if (before > 6.5) return { align: "right", formatter: ({ value }) => t("wall.time.peak", { value }) };
  if (before > 3) return { align: "right", formatter: ({ value }) => value };
  return { align: "left", show: width(now() - at) > 3.5, formatter: ({ value }) => value };
}

/** A rehearsal lives through one day; the others do not come. */
const comes = ({ date }) => !info.day || info.day === date;

/** Opening hours as dashed boxes: what has not happened yet has no height of its own. */
const ghosts = (high) => ({
  type: "line", data: [], silent: true,
  markArea: { silent: true, itemStyle: { color: token("ramp-1"), opacity: 0.5, borderColor: token("ramp-4"), borderWidth: 1.5, borderType: "dashed" },
    data: showDays.filter((one) => comes(one) && one.closes > now()).map((one) => [{ xAxis: Math.max(one.opens, now()), yAxis: 0 }, { xAxis: one.closes, yAxis: high * 0.45 }]) },
});

function names(starts) {
  const today = isoDate(now() || 0, info.zone);
  return { type: "scatter", silent: true, symbolSize: 0.01, clip: false,
    data: starts.map((at) => [at, 0]),
    label: { show: true, position: "right", offset: [0.3 * rem(), 0.85 * rem()],
      formatter: ({ value: [at] }) => `{${isoDate(at + HOUR, info.zone) === today ? "strong" : "plain"}|${label(at + HOUR)}}`, rich: { plain: text(), strong: text(true) } } };
}

/** The day as long as there is room for it: whole, without weekday, its number alone. */
function label(at) {
  const room = byId("timeline").clientWidth / columns().length / rem();
  if (room > 7.5) return whole(at);
  return room > 4 ? day(at, lang, info.zone) : String(Number(isoDate(at, info.zone).slice(-2)));
}

const whole = (at) => (lang === "zh" ? `${day(at, lang, info.zone)} ${weekday(at, lang, info.zone)}` : `${weekday(at, lang, info.zone)} ${day(at, lang, info.zone)}`);
