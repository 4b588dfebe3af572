# SPDX-License-Identifier: Apache-2.0
"""Acts: what a register declares is lent, returned and handed out; races lose nothing, and a new act is lines of TOML."""

import tomllib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.world import rules
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.facts import Acted, Added, Changed
from fourleaf.engines.world.state import Item
from fourleaf.kernel.refusal import Refusal
from tests.engines.at_work import AtWork

# A register as a pack has it: each act is so many lines.
LOANS = tomllib.loads("""
name = { zh = "借出物品", en = "Loans" }
[[field]]
key = "name"
name = { zh = "名称", en = "Name" }
type = "text"
label = true
[[field]]
key = "stock"
name = { zh = "总数", en = "Stock" }
type = "integer"
min = 0
max = 90
[[field]]
key = "lent"
name = { zh = "借出", en = "Lent" }
type = "integer"
[[act]]
key = "lend"
name = { zh = "借出", en = "Lend" }
add = ["lent"]
within = "stock"
[[act]]
key = "return"
name = { zh = "归还", en = "Return" }
take = ["lent"]
[[act]]
key = "lose"
name = { zh = "遗失", en = "Write off" }
take = ["lent", "stock"]
[[act]]
key = "buy"
name = { zh = "添置", en = "Buy" }
add = ["stock"]
""")
REGISTER = msgspec.convert(LOANS, Register, strict=False)
AT = "/world/registers/loan/things"
L1 = f"{AT}/L1"
acts = st.lists(st.tuples(st.sampled_from([one.key for one in REGISTER.acts]), st.integers(1, 60)), max_size=40)


@pytest.fixture
async def house(at_work: AtWork) -> AtWork:
    await at_work.declare("register", "loan", **LOANS)
    at_work.post(AT, request_id="a", id="L1", values={"name": "Chair", "stock": 10})
    return at_work


def does(house: AtWork, act: str, count: int = 1, request_id: str = "") -> dict[str, Any]:
    said: dict[str, Any] = house.post(f"{L1}/acts/{act}", request_id=request_id or f"{act}{count}", count=count).json()
    return said


def says(house: AtWork) -> tuple[Any, Any]:
    values = house.get(L1).json()["values"]
    return values.get("stock"), values.get("lent")


@given(acts)
def test_whatever_is_done_no_number_leaves_its_bounds_and_nothing_is_lost(some: list[tuple[str, int]]) -> None:
    item = Item(thing="loan.L1", register="loan", item="L1", present=True, fields={"stock": 10})
    for key, count in some:
        act = next(one for one in REGISTER.acts if one.key == key)
        before, possible = item.fields, rules.left(item, REGISTER, act)
        done = rules.act(item, REGISTER, key, count)

        assert isinstance(done, Acted) == (count <= possible)
        if isinstance(done, Acted):
            item = msgspec.structs.replace(item, fields=before | done.changed)
            changes = {one: item.fields[one] - before.get(one, 0) for one in done.changed}
            assert changes == dict.fromkeys(act.add, count) | dict.fromkeys(act.take, -count)
        assert 0 <= item.fields.get("lent", 0) <= item.fields["stock"] <= 90


@pytest.mark.parametrize("count", [None, 0, -1, 10**6 + 1, 2**70])
def test_what_is_no_number_of_things_is_refused(count: int | None) -> None:
    item = Item(thing="loan.L1", register="loan", item="L1", present=True, fields={"stock": 10**9})

    done = rules.act(item, REGISTER, "lend", count)

    assert isinstance(done, Refusal) and done.code == "world.bad-count"


@pytest.mark.postgres
async def test_what_is_lent_comes_back_and_the_history_says_who_lent_how_many(house: AtWork) -> None:
    does(house, "lend", 3)
    does(house, "return", 2)

    _, lent, back = house.get(f"{L1}/history").json()

    assert says(house) == (10, 1)
    assert (lent["kind"], lent["act"], lent["count"], lent["by"]) == ("world.Acted", "lend", 3, "local")
    assert (lent["before"], lent["after"], back["after"]) == ({}, {"lent": 3}, {"lent": 1})


@pytest.mark.postgres
async def test_no_more_is_lent_than_there_is_and_the_refusal_says_how_many_are_left(house: AtWork) -> None:
    does(house, "lend", 8)

    more, back, unknown = does(house, "lend", 3), does(house, "return", 9), does(house, "borrow")

    assert (more["code"], more["given"]["left"], back["given"]["left"]) == ("world.too-few-left", 2, 8)
    assert unknown["code"] == "world.no-such-act"
    assert says(house) == (10, 8)


@pytest.mark.postgres
async def test_of_sixteen_who_want_the_last_one_at_once_one_gets_it_and_nobody_else(house: AtWork) -> None:
    does(house, "lend", 9)

    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda one: does(house, "lend", 1, f"client-{one}"), range(16)))

    refused = [one for one in answers if "code" in one]
    assert len(refused) == 15
    assert {(one["code"], one["given"]["left"]) for one in refused} == {("world.too-few-left", 0)}
    assert says(house) == (10, 10)
    assert [type(body) for body in await house.facts("thing:loan.L1")] == [Added, Acted, Acted]


@pytest.mark.postgres
async def test_who_lend_and_return_at_once_lose_nothing(house: AtWork) -> None:
    does(house, "lend", 5)
    wanted = ["lend", "return"] * 8

    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda one: does(house, wanted[one], 1, f"c{one}"), range(16)))

    done = [act for act, answer in zip(wanted, answers, strict=True) if "code" not in answer]
    assert says(house) == (10, 5 + done.count("lend") - done.count("return"))


@pytest.mark.postgres
async def test_a_request_that_comes_twice_lends_once(house: AtWork) -> None:
    first, second = does(house, "lend", 2, "same"), does(house, "lend", 2, "same")

    assert first["fact"] == second["fact"]
    assert says(house) == (10, 2)


@pytest.mark.postgres
async def test_an_act_is_taken_back_as_any_other_change(house: AtWork) -> None:
    version = does(house, "lend", 4)["version"]

    house.post(f"{L1}/undo", request_id="u", version=version)

    assert says(house) == (10, None)
    assert (await house.facts("thing:loan.L1"))[-1] == Changed(register="loan", item="L1", changed={"lent": None})


@pytest.mark.postgres
async def test_what_was_lent_is_the_same_after_a_rebuild_and_a_load_of_the_pack_leaves_it(house: AtWork) -> None:
    does(house, "lend", 4)
    before = await house.rows(Item)

    await house.rebuild()

    assert await house.rows(Item) == before


@pytest.mark.postgres
async def test_who_may_not_write_lends_nothing_and_what_is_removed_is_not_lent(house: AtWork) -> None:
    await house.declare("register", "other", **(LOANS | {"write": ["group:volunteers"]}))
    house.post(f"{L1}/remove", request_id="r")

    assert house.post("/world/registers/other/things/L1/acts/lend", request_id="x").status_code == 403
    assert does(house, "lend")["code"] == "world.no-such-item"
