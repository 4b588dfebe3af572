# SPDX-License-Identifier: Apache-2.0
"""Compare: what a plan or a server counted, beside the published counters scaled to the day and the sample."""

import argparse
import asyncio
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rehearsal import parameters as p
from rehearsal.client import Client
from rehearsal.plan import IN, OUT, DayPlan
from rehearsal.population import TWO_PM, entries_on

Measured = Mapping[str, float]

ENTRIES, EXITS, TO_14 = "entries", "exits", "entries to 14:00"
# A fit of peaks and a rounding of persons leave this much on the full population.
ALLOWED = 0.01
SIGMAS = 3.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One counter: the published value, what it means for this day and sample, and what was counted."""

    name: str
    published: float
    expected: float
    measured: float | None
    allowed: float
    tag: str

    @property
    def off(self) -> float | None:
        """Relative difference from the expected value; None where nothing was counted."""
        return None if self.measured is None else self.measured / self.expected - 1

    @property
    def holds(self) -> bool:
        """Whether the difference is within what the fit and the sample explain."""
        return self.off is not None and abs(self.off) <= self.allowed


def compare(measured: Measured, day: date, *, sample: float, entries: int | None = None) -> tuple[Row, ...]:
    """Hold counted values beside the published ones.

    Method: every published counter of the calibration day is scaled by entries of this day / 225,432 and by the
    sample. A sampled count may be off by its binomial spread on top of the fit.
    """
    entries = entries_on(day) if entries is None else entries
    scale = entries / p.CALIBRATION_ENTRIES.value * sample
    counters = {
        ENTRIES: p.CALIBRATION_ENTRIES,
        EXITS: p.CALIBRATION_ENTRIES,
        TO_14: p.CALIBRATION_ENTRIES_TO_14,
        **{f"hall {hall}": peak for hall, peak in p.HALL_PEAKS.items()},
    }
    return tuple(
        Row(
            name=name,
            published=counter.value,
            expected=counter.value * scale,
            measured=measured.get(name),
            allowed=ALLOWED + SIGMAS * math.sqrt((1 - sample) / (counter.value * scale)),
            tag=counter.tag,
        )
        for name, counter in counters.items()
    )


def of_plan(plan: DayPlan) -> Measured:
    """Count what a plan holds."""
    turn, at = plan.passages.turn, plan.passages.at
    return {
        ENTRIES: int((turn == IN).sum()),
        EXITS: int((turn == OUT).sum()),
        TO_14: int(((turn == IN) & (at < TWO_PM)).sum()),
        **{f"hall {hall}": int(inside.max()) for hall, inside in plan.hall_occupancy().items()},
    }


def of_server(picture: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], run: str) -> Measured:
    """Read what the server counted from picture.json and runs.json."""
    totals = next(listed["totals"] for listed in runs if listed["run"] == run)
    measured: dict[str, float] = {ENTRIES: totals["entries"], EXITS: totals["exits"]}
    for thing in picture["things"]:
        if thing["layer"] == "hall" and thing["props"].get("peak_today") is not None:
            measured[f"hall {thing['thing']}"] = thing["props"]["peak_today"]
        if thing["layer"] == "figure" and thing["thing"] == "admission.entries_by_minute":
            measured[TO_14] = sum(count for minute, count in thing["props"]["series"] if _before_two(minute))
    return measured


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out as plain text."""
    lines = [f"{'counter':<18}{'published':>11}{'expected':>11}{'counted':>11}{'off':>8}  {'within':>7}  source"]
    for row in rows:
        counted = "-" if row.measured is None else f"{row.measured:,.0f}"
        off = "-" if row.off is None else f"{row.off:+.1%}"
        within = f"{row.allowed:.1%}" if row.holds else f"NOT {row.allowed:.1%}"
        lines.append(
            f"{row.name:<18}{row.published:>11,.0f}{row.expected:>11,.0f}{counted:>11}{off:>8}  {within:>7}  {row.tag}"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the table of one run; return 1 when a counter is off by more than the sample explains."""
    parser = argparse.ArgumentParser(prog="rehearsal.compare", description=table.__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--run", required=True)
    parser.add_argument("--day", type=date.fromisoformat, default=p.OPENING_DAY)
    parser.add_argument("--entries", type=int, help="entries of the full day, instead of the planned ones")
    options = parser.parse_args(arguments)
    measured, sample = asyncio.run(_fetch(options.url, options.run))
    rows = compare(measured, options.day, sample=sample, entries=options.entries)
    sys.stdout.write(table(rows) + "\n")
    return 0 if all(row.holds for row in rows) else 1


async def _fetch(url: str, run: str) -> tuple[Measured, float]:
    async with Client(url, run) as client:
        clock = await client.get(f"/r/{run}/clock")
        picture = await client.get(f"/r/{run}/picture.json")
        return of_server(picture, await client.get("/runs.json"), run), float(clock["sample"])


def _before_two(minute: str) -> bool:
    return datetime.fromisoformat(minute).astimezone(p.ZONE).hour * 3600 < TWO_PM


if __name__ == "__main__":
    sys.exit(main())
