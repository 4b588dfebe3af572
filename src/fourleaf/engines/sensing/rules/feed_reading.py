# SPDX-License-Identifier: Apache-2.0
"""Feed reading: what of a delivery is taken, and what is wrong with the rest: the one rule behind every way. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from fourleaf.engines.sensing.declares.feed import Feed, FeedQuantity
from fourleaf.engines.sensing.rules.feed_tables import Broken, Cells, Delivery, legible, rows_of
from fourleaf.standards.spreadsheets import Odd

# So many are told of one delivery; the rest is counted.
MOST_PROBLEMS = 200
_LARGEST = 10**15
_NUMBER = re.compile(r"[-+]?\d{1,15}(\.\d{1,12})?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_ODD = {Odd.FORMULA: "formula", Odd.ERROR: "sheet-error", Odd.MERGED: "merged"}


class Valued(NamedTuple):
    """One value that is taken. Unit: as its quantity declares."""

    thing: str
    quantity: str
    at: datetime
    value: float


class Problem(NamedTuple):
    """Why a row is refused. value: what stood there, shortened; never of a row that is finer than its owner allows."""

    row: int
    column: str
    code: str
    value: str = ""


class Finding(NamedTuple):
    """What makes a delivery suspicious that could be read. about: what is to be looked at."""

    code: str
    times: int
    about: str = ""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a delivery comes to. rows: that it has; refused: of them; broken: none of it can be used."""

    values: Sequence[Valued] = ()
    rows: int = 0
    refused: int = 0
    problems: Sequence[Problem] = ()
    findings: Sequence[Finding] = ()
    broken: Broken | None = None

    @property
    def newest(self) -> datetime | None:
        return max((one.at for one in self.values), default=None)


class Span(NamedTuple):
    """From when until when a row may be of."""

    low: datetime
    high: datetime
    grant: datetime


class Newest(NamedTuple):
    """The newest value of one thing, and since when it has been the same."""

    at: datetime
    value: float
    same_since: datetime


# (thing, quantity) -> the newest value.
Last = Mapping[tuple[str, str], Newest]


def granted(feed: Feed, zone: str) -> tuple[datetime, datetime]:
    """The first moment of the grant, and the first one after it."""
    there = ZoneInfo(zone)
    after = feed.grant.until + timedelta(days=1)
    return datetime.combine(feed.grant.from_day, time(), there), datetime.combine(after, time(), there)


def is_granted(feed: Feed, now: datetime, zone: str) -> bool:
    first, end = granted(feed, zone)
    return first <= now < end


def _outside(feed: Feed, *, over: bool) -> Broken:
    if over:
        return Broken("grant-ended", feed.grant.until.isoformat())
    return Broken("grant-not-begun", feed.grant.from_day.isoformat())


def read(feed: Feed, delivery: Delivery, *, zone: str, last: Last) -> Read:
    """Part what is taken from what is refused. last: (thing, quantity) -> the newest value before.

    A row with anything wrong is refused whole. Outside of the grant nothing is looked at.
    """
    first, end = granted(feed, zone)
    if not first <= delivery.received < end:
        return Read(broken=_outside(feed, over=delivery.received >= end))
    found = rows_of(feed, delivery)
    if isinstance(found, Broken):
        return Read(broken=found)
    now = delivery.received
    span = Span(
        now - timedelta(seconds=feed.schema.behind_s), now + timedelta(seconds=feed.schema.clock_ahead_s), first
    )
    values, problems, refused = list[Valued](), list[Problem](), 0
    seen = dict[tuple[str, datetime], int]()
    for row in found.rows:
        took, wrong = _row(feed, row, zone, span, seen)
        values += took
        problems += wrong
        refused += bool(wrong)
    findings = [*_refused(problems), *_jumps(feed, values, last), *_unknown(found.unknown)]
    if not values:
        return Read(
            rows=len(found.rows),
            refused=refused,
            problems=problems[:MOST_PROBLEMS],
            broken=Broken("all-refused", _most(problems)),
        )
    return Read(
        values=values,
        rows=len(found.rows),
        refused=refused,
        problems=problems[:MOST_PROBLEMS],
        findings=findings,
    )


def _row(
    feed: Feed, row: Cells, zone: str, span: Span, seen: dict[tuple[str, datetime], int]
) -> tuple[list[Valued], list[Problem]]:
    if fine := _too_fine(feed, row):
        return [], [fine]
    thing, at = _thing(feed, row), _at(feed, row, zone, span)
    wrong = [one for one in (thing, at) if isinstance(one, Problem)]
    found = [_value(quantity, row) for quantity in feed.quantities]
    wrong += [one for one in found if isinstance(one, Problem)]
    if isinstance(thing, str) and isinstance(at, datetime):
        first = seen.setdefault((thing, at), row.number)
        if first != row.number:
            wrong.append(Problem(row.number, feed.schema.at, "row-twice", str(first)))
        if not wrong:
            given = zip(feed.quantities, found, strict=True)
            return [Valued(thing, one.key, at, value) for one, value in given if isinstance(value, float)], []
    return [], wrong


def _too_fine(feed: Feed, row: Cells) -> Problem | None:
    """What its owner gives in sums only is not even looked at when it is finer; nor is the cell told."""
    if feed.aggregates is None:
        return None
    column = feed.aggregates.column
    size = _number(row.values.get(column))
    if isinstance(size, float) and size >= feed.aggregates.smallest:
        return None
    return Problem(row.number, column, "too-fine" if isinstance(size, float) else "no-group-size")


def _thing(feed: Feed, row: Cells) -> str | Problem:
    if not feed.schema.thing:
        return feed.things[0].key
    cell = row.values.get(feed.schema.thing)
    if isinstance(cell, Odd):
        return Problem(row.number, feed.schema.thing, _ODD[cell])
    text = _plain(cell)
    return text if text in feed.thing_of else Problem(row.number, feed.schema.thing, "unknown-thing", legible(text))


def _at(feed: Feed, row: Cells, zone: str, span: Span) -> datetime | Problem:
    column, cell = feed.schema.at, row.values.get(feed.schema.at)
    if isinstance(cell, Odd):
        return Problem(row.number, column, _ODD[cell])
    found = _moment(cell, zone)
    if found is None:
        return Problem(row.number, column, "not-moment", legible(_plain(cell)))
    for bad, code in (
        (found > span.high, "ahead"),
        (found < span.low, "behind"),
        (found < span.grant, "before-grant"),
    ):
        if bad:
            return Problem(row.number, column, code, found.isoformat())
    return found


def _moment(cell: object, zone: str) -> datetime | None:
    try:
        found = cell if isinstance(cell, datetime) else datetime.fromisoformat(_plain(cell).replace("/", "-"))
        aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _value(quantity: FeedQuantity, row: Cells) -> float | Problem | None:
    cell = row.values.get(quantity.column)
    found = _number(cell)
    if found is None:
        return Problem(row.number, quantity.column, "required") if quantity.required else None
    if isinstance(found, str):
        return Problem(row.number, quantity.column, found, legible(_plain(cell)))
    if not float(quantity.min) <= found <= float(quantity.max):
        return Problem(row.number, quantity.column, "implausible", legible(_plain(cell)))
    return found


def _number(cell: object) -> float | str | None:
    """A number, None for an empty cell, or what is wrong with it."""
    if isinstance(cell, Odd):
        return _ODD[cell]
    if isinstance(cell, bool):
        return "not-number"
    if isinstance(cell, int | float | Decimal):
        return float(cell) if -_LARGEST < cell < _LARGEST else "not-number"
    text = _plain(cell)
    if not text:
        return None
    if text.startswith(("=", "@")):
        return "formula"
    text = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    return float(text) if _NUMBER.fullmatch(text) else "not-number"


def _plain(cell: object) -> str:
    """A cell as ordinary text: full-width signs as the others, an apostrophe of a safe export taken away."""
    text = "" if cell is None or isinstance(cell, Odd) else unicodedata.normalize("NFKC", str(cell)).strip()
    return text.removeprefix("'")


def _refused(problems: Sequence[Problem]) -> Iterator[Finding]:
    rows = {problem.row for problem in problems}
    if rows:
        yield Finding("rows-refused", len(rows), _most(problems))


def _most(problems: Sequence[Problem]) -> str:
    """What is wrong most often."""
    found = Counter(problem.code for problem in problems).most_common(1)
    return found[0][0] if found else ""


def _jumps(feed: Feed, values: Sequence[Valued], last: Last) -> Iterator[Finding]:
    """Steps that are larger than declared, each from the value before by time. What comes late is compared with nothing."""
    before, jumped = dict(last), list[str]()
    for one in sorted(values, key=lambda value: value.at):
        key, limit = (one.thing, one.quantity), feed.by_key[one.quantity].jump
        known = before.get(key, Newest(one.at, one.value, one.at))
        if limit is not None and known.at < one.at and abs(one.value - known.value) > float(limit):
            jumped.append(f"{one.thing} {one.quantity} {known.value:g} → {one.value:g}")
        if known.at <= one.at:
            before[key] = Newest(one.at, one.value, one.at)
    if jumped:
        yield Finding("jump", len(jumped), jumped[0])


def newest(values: Sequence[Valued], last: Last) -> dict[tuple[str, str], Newest]:
    """The newest values after these, as far as they are newer."""
    found = dict[tuple[str, str], Newest]()
    for one in sorted(values, key=lambda value: value.at):
        key = (one.thing, one.quantity)
        known = found.get(key) or last.get(key)
        if known is None or one.at > known.at:
            same = known is not None and known.value == one.value
            found[key] = Newest(one.at, one.value, known.same_since if known and same else one.at)
    return found


def _unknown(columns: Sequence[str]) -> Iterator[Finding]:
    if columns:
        yield Finding("unknown-columns", len(columns), ", ".join(columns)[:120])
