# SPDX-License-Identifier: Apache-2.0
"""Imports: what a table would do is shown cell by cell, nothing is written before it is said so, and nothing twice."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.world import actions, store
from fourleaf.engines.world.actions import Outlook
from fourleaf.engines.world.declares.register import Field, Lang, Register
from fourleaf.engines.world.facts import Added, Changed, Removed
from fourleaf.engines.world.rules.columns import heads, template
from fourleaf.engines.world.rules.importing import head_of, is_note, judge, read_line
from fourleaf.engines.world.rules.tables import rows, typed
from fourleaf.engines.world.rules.things import Known
from fourleaf.engines.world.state import Item
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.standards.spreadsheets import Sheet, Table, open_text, open_workbook, write_workbook
from tests.engines.at_work import AtWork
from tests.engines.world.test_registers import AT, LIFT
from tests.standards.spreadsheets.made import saved

DAY = datetime(2018, 3, 1, tzinfo=UTC).date()
OFFICE = Principal(id="local", labels=("public", "office"), permissions=("world.keep",))
OTHER = Principal(id="other", labels=("public", "office"), permissions=("world.keep",))


@pytest.fixture
async def house(at_work: AtWork) -> AtWork:
    await at_work.declare("hall", "8.1", thresholds=[8_000, 10_000], zone="food")
    await at_work.declare("register", "lift", **LIFT)
    return at_work


async def register_of(house: AtWork) -> Register:
    async with house.site.connection() as connection:
        found = await store.register(connection, "lift")
    assert found is not None
    return found


async def looked(house: AtWork, text: str) -> Any:
    *_, last = [step async for step in actions.look(await book(house), lambda: table(text))]
    return last


async def book(house: AtWork, who: Principal = OFFICE) -> actions.Things:
    return actions.Things(house.site, who, await register_of(house), "lift")


def table(text: str) -> Table:
    return open_text(text.encode())


async def taken(house: AtWork, outlook: Outlook, who: Principal = OFFICE) -> list[Any]:
    return [step async for step in actions.take_in(await book(house, who), outlook.writes)]


def counts(outlook: Outlook) -> dict[str, int]:
    return {what: count for what, count in outlook.counts.items() if count}


async def test_a_table_adds_and_changes_what_it_names_and_the_same_table_again_does_nothing(house: AtWork) -> None:
    house.post(AT, request_id="a", id="L1", values={"name": "Old", "load": 100, "serial": "S-1"})
    house.post(AT, request_id="b", id="L3", values={"name": "Kept"})
    text = "编号,Name,load (kg),HALL\nL1,Old,１２０,8.1\nL2,New,,\n"

    first = await looked(house, text)
    before = await house.facts("thing:lift.L2")
    done = await taken(house, first)
    again = await looked(house, text)

    assert (counts(first), before, done) == ({"changed": 1, "new": 1}, [], [2])
    assert counts(again) == {"same": 2}
    assert (await house.facts("thing:lift.L1"))[1:] == [
        Changed(register="lift", item="L1", changed={"load": "120", "hall": "8.1"}, unique=["serial"])
    ]
    assert await house.facts("thing:lift.L2") == [
        Added(register="lift", item="L2", values={"name": "New"}, unique=["serial"])
    ]
    assert house.get(f"{AT}/L3").json()["values"] == {"name": "Kept"}


async def test_an_empty_cell_empties_a_field_and_a_missing_column_leaves_it(house: AtWork) -> None:
    house.post(AT, request_id="a", id="L1", values={"name": "One", "load": 100, "tags": "a"})

    outlook = await looked(house, "id,load\nL1,\n")

    assert [one.fact for one in outlook.writes] == [
        Changed(register="lift", item="L1", changed={"load": None}, unique=["serial"])
    ]


async def test_every_mistake_is_told_with_its_cell_and_how_to_mend_it(house: AtWork) -> None:
    house.post(AT, request_id="a", id="L0", values={"name": "Zero", "serial": "S-0"})
    text = "title\nId,name,serial,load,hall,works\nL1,,S-1,0.1,8.1,yes\nL1,b,S-1,1,9.9,maybe\n,c,,1,,\n.x,d,S-0,1,,\nL5,e,S-5,1,,\n"

    outlook = await looked(house, text)

    assert counts(outlook) == {"wrong": 4, "new": 1}
    assert [(one.cell, one.code) for one in outlook.wrong] == [
        ("D3", "cell.too-small"),
        ("B3", "cell.required"),
        ("F4", "cell.not-boolean"),
        ("A4", "cell.id-twice"),
        ("C4", "cell.value-twice"),
        ("E4", "cell.unknown-reference"),
        ("A5", "cell.required"),
        ("A6", "cell.bad-id"),
        ("C6", "cell.not-unique"),
    ]
    assert all(one.what[lang] and one.mend[lang] for one in outlook.wrong for lang in ("zh", "en"))
    assert [one.item.thing for one in outlook.writes] == ["lift.L5"]


async def test_columns_that_no_field_is_called_like_and_repeated_ones_are_named(house: AtWork) -> None:
    outlook = await looked(house, "备注,id,name,NAME*,load(kg)\nx,L1,One,Two,3\n")

    assert (outlook.head.unread, outlook.head.twice) == (["备注"], ["NAME*"])
    assert outlook.writes[0].fact == Added(
        register="lift", item="L1", values={"name": "One", "load": "3"}, unique=["serial"]
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "world.table-no-head"), ("name\nOne\n", "world.table-no-head"), ("id,name\n", "world.table-empty")],
)
async def test_a_table_without_a_head_or_lines_is_refused(house: AtWork, text: str, code: str) -> None:
    assert (await looked(house, text)).code == code


async def test_what_a_spreadsheet_hides_is_told_and_not_computed(house: AtWork) -> None:
    def merge(book: Any) -> None:
        book.active["C2"] = "=10*10"
        book.active.merge_cells("B2:B3")

    lines: list[list[object]] = [["id", "name", "load", "since"], ["L1", "One", 1, DAY], ["L2", "x", 2.5, None]]
    data = saved(lines, merge)
    *_, outlook = [step async for step in actions.look(await book(house), lambda: open_workbook(data))]

    assert isinstance(outlook, Outlook)
    assert [(one.cell, one.code) for one in outlook.wrong] == [
        ("C2", "cell.formula"),
        ("B3", "cell.merged"),
    ]


async def test_a_change_by_somebody_else_meanwhile_is_not_written_over(house: AtWork) -> None:
    house.post(AT, request_id="a", id="L1", values={"name": "One", "load": 100})
    outlook = await looked(house, "id,load\nL1,120\n")
    house.post(f"{AT}/L1", request_id="b", values={"load": 130})

    (told,) = await taken(house, outlook)

    assert isinstance(told, Refusal) and told.code == "world.changed-meanwhile"
    assert house.get(f"{AT}/L1").json()["values"]["load"] == "130"


async def test_an_import_that_broke_off_goes_on_where_it_stood_and_doubles_nothing(house: AtWork) -> None:
    text = "id,name\n" + "".join(f"L{number},Lift {number}\n" for number in range(2_500))
    outlook = await looked(house, text)
    async for done in actions.take_in(await book(house), outlook.writes):
        if done == 1_000:
            break

    repeated = await taken(house, outlook)
    rest = await looked(house, text)

    assert repeated == [1_000, 2_000, 2_500]
    assert counts(rest) == {"same": 2_500}
    assert len(await house.facts("thing:lift.L0")) == 1


async def test_two_who_take_in_the_same_table_write_it_once(house: AtWork) -> None:
    outlook = await looked(house, "id,name\nL1,One\n")

    first, second = await taken(house, outlook), await taken(house, outlook, OTHER)

    assert first == [1]
    assert [one.code for one in second] == ["world.changed-meanwhile"]
    assert len(await house.facts("thing:lift.L1")) == 1


async def test_a_removed_thing_that_a_table_names_is_added_anew(house: AtWork) -> None:
    house.post(AT, request_id="a", id="L1", values={"name": "One", "serial": "S-1"})
    house.post(f"{AT}/L1/remove", request_id="r")

    await taken(house, await looked(house, "id,name,serial\nL1,Two,S-1\n"))

    kinds = [type(fact) for fact in await house.facts("thing:lift.L1")]
    assert kinds == [Added, Removed, Added]


def test_the_template_names_every_column_in_the_reader_s_language_and_its_hints_are_not_imported() -> None:
    register = msgspec.convert(LIFT, Register, strict=False)
    head, note = template(register, "en")

    found = head_of(register, head)

    assert head[:4] == ["Id", "Name", "Serial", "Load (kg)"]
    assert found is not None and set(found.columns) == {"id", *register.by_key} and not found.unread
    (line, hint) = open_text(_csv([head, note])).lines
    assert not is_note(found, line) and is_note(found, hint)


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


# ------------------------------------------------------------------ what goes out comes back
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(
    lambda text: text.strip()
)
NAME = st.builds(lambda zh, en: {"zh": zh, "en": en}, WORDS, WORDS)
DAYS = st.dates(min_value=datetime(1850, 1, 1, tzinfo=UTC).date())
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n;=+-@'\"，"), max_size=30)
GIVEN: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS | st.sampled_from(["=1+1", "'=x", "''", "-5", "#1", "2024-11-05", "1,000", "TRUE"]),
    "integer": st.integers(-(2**53), 2**53),
    "decimal": st.decimals(-(10**15), 10**15, places=9).map(str),
    "boolean": st.booleans(),
    "choice": st.sampled_from(["a", "b"]),
    "date": DAYS.map(str),
    "moment": st.datetimes(timezones=st.just(UTC)).filter(lambda at: 2 < at.year < 9990).map(str),
    "texts": st.lists(TEXTS, max_size=3),
    "reference": st.sampled_from(["8.1", "L-1"]),
    "place": st.sampled_from(["L1 121.3 31.19", "8.1", "121.25 -31"]),
}
KEYS = ("k0", "k1", "k2", "k3", "name", "unit")


@st.composite
def tables(draw: st.DrawFn) -> tuple[Register, list[Item]]:
    """A register of any fields and things in it."""
    fields = list[dict[str, Any]]()
    for key in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5, unique=True)):
        kind = draw(st.sampled_from(sorted(GIVEN)))
        field: dict[str, Any] = {"key": key, "name": draw(NAME), "type": kind}
        if kind == "choice":
            field["choices"] = [{"key": one, "name": draw(NAME)} for one in ("a", "b")]
        fields.append(field | ({"of": "hall"} if kind == "reference" else {}))
    register = msgspec.convert({"name": {"zh": "x", "en": "x"}, "field": fields}, Register, strict=False)
    items = list[Item]()
    for id_ in draw(
        st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True), max_size=4, unique=True)
    ):
        given = {one.key: draw(st.none() | GIVEN[one.type]) for one in register.fields}
        values, _ = register.read_some(given, ZONE)
        items.append(Item(thing=f"x.{id_}", version=1, register="x", item=id_, present=True, fields=values))
    return register, items


ZONE = "Asia/Shanghai"


def verdicts(register: Register, items: Sequence[Item], found: Table) -> list[str]:
    first, *lines = found.lines
    head = head_of(register, first.cells)
    assert head is not None and set(head.columns) == {"id", *register.by_key}
    by_id = {item.item: item for item in items}
    said = [read_line(register, head, line, ZONE) for line in lines]
    assert [one.id for one in said] == [item.item for item in items]
    return [judge(register, "x", one, by_id[one.id], Known()).what for one in said]


@given(tables())
def test_a_csv_that_was_exported_is_all_the_same_when_it_is_imported(made: tuple[Register, list[Item]]) -> None:
    register, items = made
    text = StringIO(newline="")
    csv.writer(text).writerows(rows(register, items))

    found = verdicts(register, items, open_text(text.getvalue().encode("utf-8-sig")))

    assert found == ["same"] * len(items)


@given(tables(), st.sampled_from(["zh", "en"]))
def test_a_workbook_that_was_exported_is_all_the_same_when_it_is_imported(
    made: tuple[Register, list[Item]], lang: Lang
) -> None:
    register, items = made
    sheet = Sheet(name="x", head=heads(register, lang), rows=typed(register, items, lang, ZONE))

    found = verdicts(register, items, open_workbook(write_workbook(sheet)))

    assert found == ["same"] * len(items)


def test_a_field_called_like_another_or_like_the_id_is_written_by_its_key() -> None:
    fields = [
        Field(key=key, name=msgspec.convert({"zh": name, "en": name}, Field.__annotations__["name"]), type="text")
        for key, name in (("a", "Name"), ("b", "name"), ("c", "编号"), ("d", "a"))
    ]
    register = Register(name=fields[0].name, fields=tuple(fields))

    assert heads(register, "en") == ["Id", "Name", "b", "c", "d"]
