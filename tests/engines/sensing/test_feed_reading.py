# SPDX-License-Identifier: Apache-2.0
"""Reading a delivery: a row is taken whole or refused whole, and whatever comes, nothing raises."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.sensing.rules.feed_reading import Finding, Newest, Problem, Read, Valued, newest, read
from fourleaf.engines.sensing.rules.feed_tables import MOST_BYTES, MOST_ROWS, Broken, Format
from tests.engines.sensing.feed_samples import AT, METRO, ZONE, delivery, metro
from tests.standards.spreadsheets.made import saved

HEAD = "line,at,in,out\n"
ROOMS = metro(
    schema={"at": "day", "thing": "district"},
    aggregates={"smallest": 5, "column": "hotels"},
    quantity=[{"key": "rooms", "name": {"zh": "房", "en": "Rooms"}, "column": "rooms", "min": 0, "max": 99999}],
    thing=[{"key": "d1", "name": {"zh": "一区", "en": "One"}}, {"key": "d2", "name": {"zh": "二区", "en": "Two"}}],
)


def took(body: str | bytes, format: Format = "csv", **other: Any) -> Read:
    return read(metro(**other), delivery(body, format), zone=ZONE, last={})


def test_rows_become_values_in_utc_whatever_zone_they_are_told_in() -> None:
    found = took(HEAD + 'line-2,2024-11-05 08:55,1200,300\nline-17,2024-11-05T00:50:00Z,"1,050",\n')

    before = datetime(2024, 11, 5, 0, 55, tzinfo=UTC)
    assert found == Read(
        rows=2,
        values=[
            Valued("line-2", "n_in", before, 1200.0),
            Valued("line-2", "n_out", before, 300.0),
            Valued("line-17", "n_in", before - timedelta(minutes=5), 1050.0),
        ],
        problems=[],
        findings=[],
    )


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("line-9,2024-11-05 08:55,1,1", "line", "unknown-thing"),
        ("line-2,yesterday,1,1", "at", "not-moment"),
        (",2024-11-05 08:55,1,1", "line", "unknown-thing"),
        ("line-2,2024-11-05 09:11,1,1", "at", "ahead"),
        ("line-2,2024-11-04 08:55,1,1", "at", "behind"),
        ("line-2,2024-11-05 08:55,,1", "in", "required"),
        ("line-2,2024-11-05 08:55,many,1", "in", "not-number"),
        ("line-2,2024-11-05 08:55,NaN,1", "in", "not-number"),
        ("line-2,2024-11-05 08:55,1e9,1", "in", "not-number"),
        ("line-2,2024-11-05 08:55,-1,1", "in", "implausible"),
        ("line-2,2024-11-05 08:55,20001,1", "in", "implausible"),
        ("line-2,2024-11-05 08:55,=1+1,1", "in", "formula"),
        ("line-2,2024-11-05 08:55,@SUM(A1),1", "in", "formula"),
        ("line-17,2024-11-05 08:50,7,7", "at", "row-twice"),
    ],
)
def test_a_row_with_anything_wrong_is_refused_whole_and_told_with_row_and_column(
    row: str, column: str, code: str
) -> None:
    found = took(HEAD + f"line-17,2024-11-05 08:50,5,5\n{row}\n")

    assert [(one.row, one.column, one.code) for one in found.problems] == [(3, column, code)]
    assert [one.value for one in found.values] == [5.0, 5.0]
    assert (found.rows, found.refused, list(found.findings)) == (2, 1, [Finding("rows-refused", 1, code)])


@pytest.mark.parametrize(
    ("body", "format", "broken"),
    [
        (b"", "csv", Broken("empty")),
        (b" \n \n", "csv", Broken("empty")),
        (b"\x7fELF\x00\x01", "csv", Broken("binary")),
        (b"x" * (MOST_BYTES + 1), "csv", Broken("oversize", f"{MOST_BYTES + 1:,} B")),
        ("line,at,out\nline-2,2024-11-05 08:55,1\n", "csv", Broken("columns", "in")),
        ("line,at,in,in,out\n", "csv", Broken("column-twice", "in")),
        (HEAD, "csv", Broken("no-rows")),
        ("[]", "json", Broken("other-format", "json")),
        (HEAD + "line-9,2024-11-05,1,1\n", "csv", Broken("all-refused", "unknown-thing")),
        (HEAD + "line-2,2024-11-05 08:55,1,1\n" * (MOST_ROWS + 1), "csv", Broken("too-many-rows", f"> {MOST_ROWS:,}")),
        (b"PK\x03\x04 no archive", "xlsx", Broken("damaged")),
    ],
)
def test_a_delivery_that_cannot_be_used_says_why(body: str | bytes, format: Format, broken: Broken) -> None:
    assert took(body, format).broken == broken


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        ("{", Broken("not-json")),
        (b"\xff\xfe{}", Broken("not-json")),
        ('{"a": 1, "a": 2}', Broken("key-twice", "a")),
        ('{"data": {"rows": [{"l": "line-2", "l": "line-17"}]}}', Broken("key-twice", "l")),
        ("[" * 100_000, Broken("too-deep")),
        ('{"data": {"rows": 7}}', Broken("no-rows", "data.rows")),
        ('{"data": {"rows": []}}', Broken("no-rows")),
        ('{"data": {"rows": [{"l": "line-2"}]}}', Broken("columns", "seen.at, v.n")),
        ('{"data": {"rows": [{"v": {"n": NaN}}]}}', Broken("not-json")),
        ('{"data": {"rows": [{"v": {"n": ' + "9" * 5000 + "}}]}}", Broken("not-json")),
    ],
)
def test_json_that_cannot_be_used_says_why(body: str | bytes, broken: Broken) -> None:
    found = took(
        body,
        "json",
        schema={"format": "json", "rows": "data.rows", "at": "seen.at", "thing": "l"},
        quantity=[METRO["quantity"][0] | {"column": "v.n"}],
    )

    assert found.broken == broken


def test_json_is_read_by_paths() -> None:
    said = {"data": {"rows": [{"l": "line-2", "seen": {"at": AT.isoformat()}, "v": {"n": 7}}]}}

    found = took(
        json.dumps(said),
        "json",
        schema={"format": "json", "rows": "data.rows", "at": "seen.at", "thing": "l"},
        quantity=[METRO["quantity"][0] | {"column": "v.n"}],
    )

    assert list(found.values) == [Valued("line-2", "n_in", AT, 7.0)]


def test_a_workbook_is_read_and_its_formulas_are_not() -> None:
    head, right, wrong = (
        ["line", "at", "in", "out"],
        ["line-2", "2024-11-05 08:00", 12, 3],
        ["line-17", "2024-11-05 08:00", "=1+1", 3],
    )

    found = took(saved([head, right, wrong]), "xlsx")

    assert [one.value for one in found.values] == [12.0, 3.0]
    assert list(found.problems) == [Problem(3, "in", "formula", "")]


def test_outside_of_the_grant_nothing_is_looked_at() -> None:
    row = HEAD + "line-2,2024-11-05 08:55,1,1\n"
    last_moment = datetime(2024, 11, 10, 15, 59, 59, tzinfo=UTC)

    found = [
        read(metro(), delivery(row, received=when), zone=ZONE, last={}).broken
        for when in (datetime(2024, 9, 30, 15, 59, tzinfo=UTC), last_moment, last_moment + timedelta(seconds=1))
    ]

    assert found == [
        Broken("grant-not-begun", "2024-10-01"),
        Broken("all-refused", "behind"),
        Broken("grant-ended", "2024-11-10"),
    ]


def test_a_row_from_before_the_grant_is_refused() -> None:
    feed = metro(
        grant=METRO["grant"] | {"from": "2024-11-05"}, schema={"at": "at", "thing": "line", "behind_s": 90_000}
    )

    found = read(feed, delivery(HEAD + "line-2,2024-11-04 23:59,1,1\n"), zone=ZONE, last={})

    assert [one.code for one in found.problems] == ["before-grant"]


def test_a_step_larger_than_declared_and_a_new_column_are_suspicious_and_kept() -> None:
    last = {("line-2", "n_in"): Newest(AT - timedelta(minutes=9), 100.0, AT - timedelta(minutes=9))}

    found = read(metro(), delivery("line,at,in,out,note\nline-2,2024-11-05 08:55,9000,1,x\n"), zone=ZONE, last=last)

    assert len(found.values) == 2
    assert list(found.findings) == [
        Finding("jump", 1, "line-2 n_in 100 → 9000"),
        Finding("unknown-columns", 1, "note"),
    ]


def test_what_comes_late_neither_jumps_nor_becomes_the_newest() -> None:
    last = {("line-2", "n_in"): Newest(AT, 9000.0, AT), ("line-2", "n_out"): Newest(AT, 1.0, AT)}

    found = read(metro(), delivery(HEAD + "line-2,2024-11-05 08:55,5,1\n"), zone=ZONE, last=last)

    assert list(found.findings) == []
    assert newest(found.values, last) == {}


def test_a_row_finer_than_its_owner_allows_is_refused_and_its_cells_are_not_told() -> None:
    table = "district,day,rooms,hotels\nd1,2024-11-05,900,12\nd2,2024-11-05,31,4\nd2,2024-11-05,31,\n"

    found = read(ROOMS, delivery(table), zone=ZONE, last={})

    assert [(one.thing, one.value) for one in found.values] == [("d1", 900.0)]
    assert list(found.problems) == [Problem(3, "hotels", "too-fine"), Problem(4, "hotels", "no-group-size")]


@given(st.lists(st.tuples(st.sampled_from(["d1", "d2"]), st.integers(0, 9), st.integers(0, 99)), max_size=8))
def test_nothing_finer_than_allowed_is_ever_taken_or_told(rows: list[tuple[str, int, int]]) -> None:
    lines = [f"{thing},2024-11-05 00:{number:02},{rooms},{size}" for number, (thing, size, rooms) in enumerate(rows)]

    found = read(ROOMS, delivery("\n".join(["district,day,rooms,hotels", *lines])), zone=ZONE, last={})

    assert len(found.values) == sum(size >= 5 for _, size, _ in rows)
    assert all(one.value == "" for one in found.problems)


@given(st.binary(max_size=300), st.sampled_from(["csv", "json", "xlsx"]))
def test_whatever_comes_nothing_raises(body: bytes, format: Format) -> None:
    for feed in (metro(), metro(schema={"format": "json", "at": "at", "thing": "line"})):
        assert read(feed, delivery(body, format), zone=ZONE, last={}).broken is not None


@given(st.lists(st.text(max_size=12), min_size=4, max_size=4))
def test_whatever_a_row_says_it_is_taken_or_told(cells: list[str]) -> None:
    body = json.dumps([dict(zip(("line", "at", "in", "out"), cells, strict=True))])

    found = took(body, "json", schema={"format": "json", "at": "at", "thing": "line"})

    assert found.broken is not None or found.values


@given(st.permutations([(number, value) for number, value in enumerate([1, 1, 2, 2, 2])]))
def test_since_when_a_value_is_the_same_does_not_depend_on_the_order_of_rows(rows: list[tuple[int, int]]) -> None:
    values = [Valued("line-2", "n_in", AT + timedelta(minutes=number), float(value)) for number, value in rows]

    found = newest(values, {})

    assert found == {("line-2", "n_in"): Newest(AT + timedelta(minutes=4), 2.0, AT + timedelta(minutes=2))}
