# SPDX-License-Identifier: Apache-2.0
"""The first things of registers: a load puts them in once, changes what the pack changed, and keeps what the desk changed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fourleaf.app import load
from fourleaf.engines.world.actions.keeping import FACTS_A_COMMIT
from fourleaf.engines.world.declares import DECLARES
from fourleaf.engines.world.facts import Added, Changed, Removed
from fourleaf.pack import check
from tests.engines.at_work import AtWork
from tests.pack.small_pack import Pack
from tests.pack.test_registers import FILE, LIFT, TABLE

HEAD = "id,name_zh,serial,load\n"


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    made = Pack(tmp_path / "pack")
    (made.root / "history/fair-0.toml").unlink()
    made.write(FILE, LIFT)
    made.write(TABLE, HEAD + "L1,一号梯,S-1,1000\nL2,二号梯,S-2,800\n")
    return made


async def loaded(at_work: AtWork, pack: Pack, dsn: str) -> int:
    edition = check(pack.root, DECLARES).edition
    assert edition is not None
    return await load.load(dsn, at_work.run, edition)


def values(at_work: AtWork) -> dict[str, Any]:
    return {one["id"]: one["values"] for one in at_work.get("/world/registers/lift/things").json()["things"]}


async def test_a_load_puts_the_first_things_in_once(at_work: AtWork, pack: Pack, dsn: str) -> None:
    await loaded(at_work, pack, dsn)

    again = await loaded(at_work, pack, dsn)

    assert again == 0
    assert values(at_work) == {
        "L1": {"name_zh": "一号梯", "serial": "S-1", "load": "1000"},
        "L2": {"name_zh": "二号梯", "serial": "S-2", "load": "800"},
    }
    assert len(await at_work.facts("thing:lift.L1")) == 1


async def test_a_new_pack_changes_only_what_the_desk_left_alone(at_work: AtWork, pack: Pack, dsn: str) -> None:
    await loaded(at_work, pack, dsn)
    at_work.post("/world/registers/lift/things/L1", request_id="c", values={"load": 950})
    at_work.post("/world/registers/lift/things", request_id="a", id="L9", values={"name_zh": "九号梯"})
    pack.write(TABLE, HEAD + "L1,壹号梯,S-1,1200\nL3,三号梯,S-3,700\n")

    await loaded(at_work, pack, dsn)

    assert values(at_work) == {
        "L1": {"name_zh": "壹号梯", "serial": "S-1", "load": "950"},
        "L3": {"name_zh": "三号梯", "serial": "S-3", "load": "700"},
        "L9": {"name_zh": "九号梯"},
    }
    assert (await at_work.facts("thing:lift.L1"))[-1] == Changed(
        register="lift", item="L1", changed={"name_zh": "壹号梯"}, unique=["serial"]
    )
    assert isinstance((await at_work.facts("thing:lift.L2"))[-1], Removed)


async def test_what_the_desk_removed_stays_removed_and_what_it_took_stays_taken(
    at_work: AtWork, pack: Pack, dsn: str
) -> None:
    await loaded(at_work, pack, dsn)
    at_work.post("/world/registers/lift/things/L2/remove", request_id="r")
    at_work.post("/world/registers/lift/things", request_id="a", id="L9", values={"name_zh": "九号梯", "serial": "S-7"})
    pack.write(TABLE, HEAD + "L1,一号梯,S-1,1000\nL2,二号梯,S-2,900\nL7,七号梯,S-7,\n")

    await loaded(at_work, pack, dsn)

    assert set(values(at_work)) == {"L1", "L9"}
    assert await at_work.facts("thing:lift.L7") == []


async def test_a_load_that_was_stopped_goes_on_where_it_stood(at_work: AtWork, pack: Pack, dsn: str) -> None:
    edition = check(pack.root, DECLARES).edition
    assert edition is not None
    await loaded(at_work, pack, dsn)

    async with at_work.site.connection() as connection:
        nothing_declared: dict[str, str] = {}
        journal = at_work.site.journal
        await load.take_contents(journal, connection, edition.contents, nothing_declared, at_work.at)

    (first,) = await at_work.facts("thing:lift.L1")
    assert isinstance(first, Added)


async def test_what_the_desk_changes_during_a_load_stays(at_work: AtWork, pack: Pack, dsn: str) -> None:
    """The last of many things, for they are written after much else was."""
    numbers = range(3 * FACTS_A_COMMIT)
    pack.write(TABLE, HEAD + "".join(f"L{n:04},梯,S-{n},1000\n" for n in numbers))
    await loaded(at_work, pack, dsn)
    pack.write(TABLE, HEAD + "".join(f"L{n:04},梯,S-{n},1200\n" for n in numbers))

    loading = asyncio.create_task(asyncio.to_thread(asyncio.run, loaded(at_work, pack, dsn)))
    changed = list[str]()
    while not loading.done():
        item = f"L{numbers[-1] - len(changed):04}"
        path = f"/world/registers/lift/things/{item}"
        await asyncio.to_thread(at_work.post, path, request_id=item, values={"load": 950})
        changed.append(item)
        await asyncio.sleep(0.1)
    await loading

    last = {item: (await at_work.facts(f"thing:lift.{item}"))[-1] for item in changed}
    assert len(last) > 1
    assert {
        item for item, fact in last.items() if not isinstance(fact, Changed) or fact.changed["load"] != "950"
    } == set()


async def test_what_was_kept_before_a_field_became_a_number_stays_and_sorts_last(
    at_work: AtWork, pack: Pack, dsn: str
) -> None:
    await loaded(at_work, pack, dsn)
    at_work.post("/world/registers/lift/things", request_id="a", id="L9", values={"name_zh": "九号梯", "serial": "S-7"})
    pack.write(FILE, LIFT.replace('"Serial" }\ntype = "text"', '"Serial" }\ntype = "integer"'))
    pack.write(TABLE, HEAD + "L1,一号梯,12,1000\nL2,二号梯,7,800\n")
    await loaded(at_work, pack, dsn)

    def listed(query: str) -> list[str]:
        things = at_work.get(f"/world/registers/lift/things?{query}").json()["things"]
        return [one["id"] for one in things]

    assert listed("sort=serial") == ["L2", "L1", "L9"]
    assert listed("serial.min=8") == ["L1"]
    assert at_work.get("/world/registers/lift/things/L9").json()["values"]["serial"] == "S-7"


async def test_a_new_register_is_one_file(at_work: AtWork, pack: Pack, dsn: str) -> None:
    pack.write(
        "registers/umbrella.toml",
        'name = { zh = "雨伞", en = "Umbrellas" }\n'
        '[[field]]\nkey = "color"\nname = { zh = "顏色", en = "Color" }\ntype = "text"\nlabel = true\n',
    )
    await loaded(at_work, pack, dsn)

    at_work.post("/world/registers/umbrella/things", request_id="a", id="U1", values={"color": "red"})

    page = at_work.get("/world/registers/umbrella/things?q=RED").json()
    assert (page["total"], page["things"][0]["values"]) == (1, {"color": "red"})
    assert {one["key"] for one in at_work.get("/world/registers").json()} == {"lift", "umbrella"}
