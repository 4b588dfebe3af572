# SPDX-License-Identifier: Apache-2.0
"""Every number the simulated city rests on, each with the publication it comes from or the word assumed."""

from dataclasses import dataclass
from datetime import date, time, timedelta, timezone

# The fair's own timetable is in Shanghai time, which has had no summer time since 1991.
ZONE = timezone(timedelta(hours=8))

COMMISSION = "source: Shanghai city transport commission, counters of 2019-11-06"
PRESS_2019 = "source: press on 2019-11-06, site counters (other reports say 227,000)"
PRESS_2024 = "source: CNA and Xinhua on the opening day 2024, rounded"
REVIEW_2024 = "source: city service office, review of the 7th edition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number, its unit, and where it comes from: ``source: ...`` or ``assumed: why``."""

    value: float
    unit: str
    tag: str


def assumed(value: float, unit: str, why: str) -> Parameter:
    """Name a number nobody published, and say why it was chosen."""
    return Parameter(value=value, unit=unit, tag=f"assumed: {why}")


def published(value: float, unit: str, source: str) -> Parameter:
    """Name a number somebody published."""
    return Parameter(value=value, unit=unit, tag=source)


# ---------------------------------------------------------------- how many come
CALIBRATION_DAY = date(2019, 11, 6)
CALIBRATION_ENTRIES = published(225_432, "entries", PRESS_2019)
CALIBRATION_ENTRIES_TO_14 = published(190_500, "entries", COMMISSION)
OPENING_DAY_PERSONS = published(100_000, "persons", PRESS_2024)
EDITION_ENTRIES_TO_NOON_OF_DAY_6 = published(852_000, "entries", REVIEW_2024)
REENTRY_SHARE = assumed(0.03, "re-entries per person", "few leave for lunch: the venue has 78 meal points of its own")
SECOND_SCANS = assumed(0.002, "second scans per person", "a badge held to the reader twice; the gate must refuse it")

OPENING_DAY = date(2024, 11, 5)
LAST_DAY = date(2024, 11, 10)
# What is left of 852,000 after the opening day is spread over days 2 to 6 (the last one to noon) by these weights.
DAY_WEIGHTS = {
    date(2024, 11, 6): assumed(1.10, "weight", "2018 and 2019 were busiest on the second day"),
    date(2024, 11, 7): assumed(1.05, "weight", "Line 2 in 2018: day 3 at 95 % of day 2"),
    date(2024, 11, 8): assumed(1.00, "weight", "an ordinary trade day"),
    date(2024, 11, 9): assumed(0.95, "weight", "Saturday: fewer trade buyers, more groups"),
    LAST_DAY: assumed(0.60, "weight", "Sunday, exhibitors pack in the afternoon"),
}

# ---------------------------------------------------------------- when they come
GATES_OPEN = assumed(8.5, "hour", "half an hour before the halls")
HALLS_OPEN = assumed(9.0, "hour", "as in past editions")
LAST_ENTRY = assumed(16.5, "hour", "an hour and a half before closing")
CLOSES = assumed(18.0, "hour", "everyone is out by then; a run that ends later in the day moves it")
LAST_WALK_OUT = assumed(10.0, "minutes before closing", "the last visitor passes the gate before the staff do")
MORNING_PEAK = published(10.5, "hour", f"{PRESS_2019}: middle of the peak 10-11")
AFTERNOON_PEAK = published(14.5, "hour", f"{PRESS_2019}: middle of the peak 14-15")
MORNING_SPREAD = assumed(98.0, "minutes", "widest bell that keeps 10-11 the clear peak and below what 107 lanes pass")
AFTERNOON_SPREAD = assumed(45.0, "minutes", "narrow enough that 14-15 stands above both its neighbors")
LUNCH_OUT = assumed(11.8, "hour", "middle of the time at which people step out")
LUNCH_OUT_SPREAD = assumed(20.0, "minutes", "bell around the middle")
LUNCH_GAP = assumed(40.0, "minutes", "time spent outside, mean of a gamma of shape 4")
LUNCH_GAP_LEAST = assumed(10.0, "minutes", "nobody walks out and back faster")
LUNCH_ARRIVED_BY = assumed(10.5, "hour", "only early visitors step out for lunch")

# ---------------------------------------------------------------- how they come
MODES = {
    "metro": published(0.42, "share", f"{COMMISSION}: (64,108 + 16,440 + other lines) / 190,500, an upper bound"),
    "taxi": published(0.042, "share", f"{COMMISSION}: 8,006 persons / 190,500"),
    "shuttle": published(0.053, "share", f"{COMMISSION}: parking shuttle 10,086 / 190,500"),
    "coach": assumed(0.20, "share", "about 1,000 coach places in the 19 lots, 38 persons each"),
    "car": assumed(
        0.10, "share", "2,823 cars by 14:00 in the counted lots, most with more than one visitor; drop-offs"
    ),
    "walk": assumed(0.06, "share", "hotels and offices beside the venue, the walkway to Hongqiao"),
    "unknown": assumed(0.125, "share", "what the counters do not explain: staff, exhibitors, other buses"),
}
# Which gate a mode of arrival leads to. Nothing is published but that West is busiest and has two levels.
GATE_SHARES: dict[str, dict[str, float]] = {
    "metro": {"W-L1": 0.36, "W-L2": 0.375, "N": 0.14, "S": 0.02, "G12": 0.06, "G13": 0.045},
    "taxi": {"E": 0.40, "S": 0.30, "N": 0.10, "W-L2": 0.20},
    "shuttle": {"E": 0.30, "S": 0.20, "N": 0.20, "W-L1": 0.30},
    "coach": {"N": 0.35, "E": 0.30, "S": 0.15, "W-L1": 0.20},
    "car": {"E": 0.30, "S": 0.20, "N": 0.20, "W-L2": 0.30},
    "walk": {"W-L2": 0.50, "W-L1": 0.20, "E": 0.30},
    "unknown": {"W-L1": 0.20, "W-L2": 0.35, "N": 0.15, "E": 0.15, "S": 0.10, "G12": 0.03, "G13": 0.02},
}
GATE_SHARES_TAG = (
    "assumed: only that West is busiest is published (press, 2025-11-05); no lane is asked for more than it passes"
)

# ---------------------------------------------------------------- how long they stay, and where
STAY = assumed(270.0, "minutes", "mean of a gamma; with it the published hall peaks fit into the venue at once")
STAY_SHAPE = assumed(5.0, "shape", "few leave within the hour")
STAY_LEAST = assumed(25.0, "minutes", "in, one look, and out")
CLOSING_WAVE = assumed(55.0, "minutes before closing", "middle of the wave in which the last visitors go")
CLOSING_WAVE_SPREAD = assumed(22.0, "minutes", "the wave fills the last two hours")
WALK_IN = assumed(7.0, "minutes", "gate to first hall, mean of a gamma of shape 4")
HALL_DWELL = assumed(55.0, "minutes", "time in one hall, mean of a gamma of shape 2")
HALL_DWELL_LEAST = assumed(3.0, "minutes", "shorter visits are walking through")
BETWEEN_HALLS = assumed(9.0, "minutes", "ring, plaza, meal; mean of a gamma of shape 2")
WALK_OUT = assumed(6.0, "minutes", "last hall to gate, at least")
HALL_LEAN = assumed(0.35, "share", "how much earlier or later than the average a hall may draw its visitors")

HALL_PEAKS = {
    "8.2": published(13_582, "persons", PRESS_2019),
    "8.1": published(12_838, "persons", PRESS_2019),
    "5.1": published(12_792, "persons", PRESS_2019),
    "5.2": assumed(10_400, "persons", "published only as more than 10,000, the limit"),
}
GATE_RATE = published(55_000, "entries per hour", "computed: 107 sets at 7 s (4th edition)")


def hour(parameter: Parameter) -> time:
    """Read a parameter in hours as a time of day."""
    return time(int(parameter.value), round(parameter.value % 1 * 60))


# ---------------------------------------------------------------- how lanes fare
LANES_THAT_FALL_SILENT = assumed(
    0.01, "share of the lanes", "a cable or a switch at one lane of a hundred in a day; at least one"
)
SILENT_FROM = assumed(1.5, "hours after the gates open", "when the morning's wave is at its height, so that it is seen")
SILENT_FOR = assumed(25.0, "minutes", "until a technician has walked there")
LANE_A_MINUTE = assumed(15.0, "persons a minute", "what one lane takes; more of them wait")
