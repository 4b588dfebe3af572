// SPDX-License-Identifier: Apache-2.0
// Entries per minute of the day so far.

import { byId, say } from "../kit/dom.js";
import { number } from "../kit/format.js";
import { t } from "../kit/page.js";
import { now, thing, unknown, watch } from "../kit/store.js";
import { chart, nowLine, text } from "./charts.js";
import { dayOf } from "./days.js";
import { rem, token } from "./ramp.js";
import { hhmm, provenance } from "./words.js";

const HOUR = 3_600_000;

export function startMinute() {
  const tile = byId("minute");
  const draw = chart(tile.querySelector(".chart"), options, says);
  watch(["figure"], () => {
    const some = series().length > 0;
    byId("minute-none").hidden = some;
    tile.querySelector(".chart").hidden = !some; // without a number there are no axes
    draw();
    const one = thing("figure", "admission.entries_by_minute");
    const most = Math.max(0, ...series().map(([, value]) => value));
    say(tile.querySelector(".note"), [most && !unknown(one) ? t("wall.hold.peak", { value: number(most) }) : "", provenance(one)].join(""));
  });
}

function says() {
  const figure = thing("figure", "admission.entries_by_minute");
  return [figure?.props.series.length, String(figure?.props.series.at(-1)), unknown(figure), hhmm(now())].join();
}

const series = () => (thing("figure", "admission.entries_by_minute")?.props.series ?? []).map(([at, value]) => [Date.parse(at), value]);

function span(points) {
  const today = dayOf(now() || points[0]?.[0] || 0);
  const from = today?.opens ? today.opens - HOUR : Math.floor((points[0]?.[0] ?? now() - HOUR) / HOUR) * HOUR;
  const to = today?.closes ? Math.ceil(today.closes / HOUR) * HOUR : Math.ceil((now() + 1) / HOUR) * HOUR;
  return [Math.min(from, points[0]?.[0] ?? from), Math.max(to, points.at(-1)?.[0] ?? to)];
}

function options() {
  const points = series();
  const [min, max] = span(points);
  const lost = unknown(thing("figure", "admission.entries_by_minute"));
  const color = token(lost ? "status-unknown" : "ramp-4");
  return {
    grid: { left: 2.2 * rem(), right: 1.3 * rem(), top: 0.4 * rem(), bottom: 1.25 * rem() },
    xAxis: { type: "value", min, max, interval: 2 * HOUR, axisLine: { lineStyle: { color: token("line-strong") } }, axisTick: { show: false }, splitLine: { show: false },
      axisLabel: { ...text(), formatter: (at) => (at % HOUR === 0 ? hhmm(at) : ""), hideOverlap: true, margin: 0.2 * rem() } },
    yAxis: { type: "value", min: 0, splitNumber: 2, minInterval: 1, axisLabel: { ...text(), hideOverlap: true, margin: 0.3 * rem(), formatter: (value) => (value ? number(value) : "") }, splitLine: { lineStyle: { color: token("line") } } },
    series: [{ type: "line", data: points, showSymbol: false, step: "middle", lineStyle: { color, width: 2, type: lost ? "dashed" : "solid" }, areaStyle: { color, opacity: lost ? 0.1 : 0.55 }, markLine: now() ? nowLine(now()) : undefined }],
  };
}
