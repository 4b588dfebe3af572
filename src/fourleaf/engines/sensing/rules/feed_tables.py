# SPDX-License-Identifier: Apache-2.0
"""Feed tables: what a delivery says row by row, or why it cannot be read at all. Nothing is computed. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.standards.spreadsheets import Table, Unreadable, open_text, open_workbook

# A delivery is what came since the last one; a year of it is not one.
MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 50_000
Format = Literal["csv", "json", "xlsx"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What came, untrusted. received: edition time. by_hand: a table, whatever the feed sends otherwise."""

    body: bytes
    format: Format
    received: datetime
    by_hand: bool = False


class Broken(NamedTuple):
    """Why a delivery cannot be used. about: what is to be looked at, shortened."""

    code: str
    about: str = ""


class Cells(NamedTuple):
    """One row as it came. number: of the line of a table, or of the row in JSON, from 1."""

    number: int
    values: Mapping[str, object]


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """unknown: columns that the declaration does not name."""

    rows: Sequence[Cells]
    unknown: Sequence[str] = ()


def legible(text: str, most: int = 60) -> str:
    """The beginning of what somebody else wrote, for people to see. What cannot be printed cannot be kept either."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:most])


def rows_of(feed: Feed, delivery: Delivery) -> Rows | Broken:
    """The rows of a delivery, in the order they came."""
    if len(delivery.body) > MOST_BYTES:
        return Broken("oversize", f"{len(delivery.body):,} B")
    if not delivery.body.strip():
        return Broken("empty")
    if delivery.format != "xlsx" and b"\x00" in delivery.body:
        return Broken("binary")
    if (delivery.format == "json") != (feed.schema.format == "json" and not delivery.by_hand):
        return Broken("other-format", delivery.format)
    found = _of_json(feed, delivery.body) if delivery.format == "json" else _of_table(feed, delivery)
    return found if isinstance(found, Broken) or found.rows else Broken("no-rows")


def _of_table(feed: Feed, delivery: Delivery) -> Rows | Broken:
    try:
        table = open_workbook(delivery.body) if delivery.format == "xlsx" else open_text(delivery.body)
        return _lines(feed, table)
    except Unreadable as error:
        return Broken({"too-long": "too-many-rows"}.get(error.code, "damaged"))


def _lines(feed: Feed, table: Table) -> Rows | Broken:
    head = next(table.lines, None)
    if head is None:
        return Broken("no-rows")
    names = ["" if cell is None else str(cell).strip() for cell in head.cells]
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        return Broken("column-twice", legible(next(name for name in named if named.count(name) > 1)))
    if missing := [column for column in feed.columns if column not in named]:
        return Broken("columns", ", ".join(missing)[:120])
    rows = list[Cells]()
    for line in table.lines:
        if len(rows) >= MOST_ROWS:
            return Broken("too-many-rows", f"> {MOST_ROWS:,}")
        rows.append(Cells(line.number, {name: cell for name, cell in zip(names, line.cells, strict=False) if name}))
    return Rows(rows=rows, unknown=_unknown(feed, named))


class _Twice(ValueError):
    pass


def _of_json(feed: Feed, body: bytes) -> Rows | Broken:
    try:
        said = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_table, parse_constant=_constant)
    except _Twice as error:
        return Broken("key-twice", legible(str(error)))
    except RecursionError:
        return Broken("too-deep")
    except ValueError:  # also a text that is no UTF-8, and a number of thousands of digits
        return Broken("not-json")
    found = at_path(said, feed.schema.rows) if feed.schema.rows else said
    rows = [found] if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return Broken("no-rows", feed.schema.rows)
    if len(rows) > MOST_ROWS:
        return Broken("too-many-rows", f"{len(rows):,}")
    named = {column for row in rows for column in feed.columns if at_path(row, column) is not None}
    if rows and (missing := [column for column in feed.columns if column not in named]):
        return Broken("columns", ", ".join(missing)[:120])
    tops = {column.partition(".")[0] for column in feed.columns}
    unknown = sorted({str(key) for row in rows for key in row} - tops)
    return Rows(
        rows=[Cells(number, {one: at_path(row, one) for one in feed.columns}) for number, row in enumerate(rows, 1)],
        unknown=[legible(one) for one in unknown],
    )


def _table(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found = dict[str, Any]()
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found


def _constant(word: str) -> object:
    raise ValueError(word)


def at_path(said: object, path: str) -> object:
    """What stands at a path such as `data.rows`; None where nothing does."""
    for key in path.split("."):
        if not isinstance(said, Mapping):
            return None
        said = said.get(key)
    return said


def _unknown(feed: Feed, named: Iterable[str]) -> list[str]:
    return [legible(name) for name in named if name not in feed.columns]
