# SPDX-License-Identifier: Apache-2.0
"""Personal data is kept sealed, read with a fact, found without being shown, and erased for good."""

import asyncio

import pytest

from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.pool import Connection, connect
from fourleaf.vault.crypt import Tampered
from fourleaf.vault.facts import Erased, Read
from fourleaf.vault.persons import Vault
from fourleaf.vault.rules import MAX_VALUE
from tests.vault.conftest import Book, china

pytestmark = pytest.mark.postgres

ANN: dict[str, str | bytes | None] = {
    "name": "安妮 Ann",
    "phone": "+86 138 0013 8000",
    "document": "E 1234-5678",
    "note": b"\x00\xff",
}


async def read(vault: Vault, db: Connection, *persons: str, fields: tuple[str, ...] = ("name",)) -> object:
    return await vault.get(db, persons, fields, actor="ann", purpose="test")


async def test_many_persons_are_read_in_one_go_and_leave_one_fact(vault: Vault, db: Connection, book: Book) -> None:
    await vault.put(db, {"p1": ANN, "p2": {"name": "Bo"}, "p3": {"email": "c@x.org"}})

    given = await vault.get(db, ["p2", "p1", "p3"], ["name", "note"], actor="clerk", purpose=" badge ")

    assert given == {"p2": {"name": "Bo"}, "p1": {"name": "安妮 Ann", "note": b"\x00\xff"}, "p3": {}}
    assert book.facts == [
        ("clerk", Read(purpose="badge", count=3, fields=("name", "note"), persons=("p1", "p2", "p3")))
    ]


async def test_a_long_list_is_counted_and_not_named(vault: Vault, db: Connection, book: Book) -> None:
    persons = {f"p{number}": {"name": str(number)} for number in range(60)}
    await vault.put(db, persons)

    await read(vault, db, *persons)

    assert book.facts == [("ann", Read(purpose="test", count=60, fields=("name",), persons=()))]


async def test_nothing_is_given_when_the_read_cannot_be_recorded(run: str, vault: Vault, db: Connection) -> None:
    await vault.put(db, {"p1": ANN})

    async def fails(connection: Connection, actor: str, body: object) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await read(Vault(run, vault._master, fails, china), db, "p1")


async def test_a_value_is_changed_and_taken_away(vault: Vault, db: Connection) -> None:
    await vault.put(db, {"p1": {"phone": "13800138000", "name": "A"}})

    await vault.put(db, {"p1": {"phone": "13900139000", "name": None}})

    assert await read(vault, db, "p1", fields=("name", "phone")) == {"p1": {"phone": "13900139000"}}
    assert await vault.find(db, "phone", "13800138000") == []
    assert await vault.find(db, "phone", "139-0013-9000") == ["p1"]


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("phone", "0086 138-0013-8000"), ("phone", "１３８００１３８０００"), ("document", "e12345678")],
)
async def test_a_person_is_found_however_the_value_is_written(
    vault: Vault, db: Connection, book: Book, kind: str, asked: str
) -> None:
    await vault.put(db, {"p1": ANN})

    assert await vault.find(db, kind, asked) == ["p1"]
    assert await vault.find(db, kind, asked + "9") == []
    assert book.facts == []


async def test_duplicates_are_named_in_groups(vault: Vault, db: Connection) -> None:
    await vault.put(db, {"p1": {"email": "A@x.org"}, "p2": {"email": "a@X.org"}, "p3": {"email": "b@x.org"}})

    assert await vault.duplicates(db, "email") == [("p1", "p2")]
    assert await vault.duplicates(db, "phone") == []


async def test_an_erased_person_leaves_a_report_a_fact_and_nothing_else(
    run: str, vault: Vault, db: Connection, book: Book
) -> None:
    await vault.put(db, {"p1": ANN, "p2": {"name": "Bo"}})

    async def files(connection: Connection, person: str) -> list[str]:
        return ["f1"]

    report = await vault.erase(db, "p1", actor="ann", reason="asked", forget=[files])
    again = await vault.erase(db, "p1", actor="ann", reason="asked", forget=[files])

    assert not isinstance(report, Refusal) and not isinstance(again, Refusal)
    assert (report.fields, report.indexes, report.files) == (
        ("document", "name", "note", "phone"),
        ("document", "phone"),
        ("f1",),
    )
    assert (again.already, again.erased_at, again.fields) == (True, report.erased_at, ())
    assert book.facts == [
        (
            "ann",
            Erased(person="p1", reason="asked", fields=report.fields, indexes=report.indexes, files=report.files),
        )
    ]
    assert await read(vault, db, "p1") == Refusal("vault.erased", {"person": "p1"})
    assert await vault.put(db, {"p1": {"name": "A"}}) == Refusal("vault.erased", {"person": "p1"})
    assert await vault.find(db, "phone", "13800138000") == []
    assert await read(vault, db, "p2") == {"p2": {"name": "Bo"}}
    for table in ("fourleaf.vault_value", "fourleaf_keys.person_key", "fourleaf_keys.blind_index"):
        query = f"select count(*) from {table} where run = %s and person = 'p1'"
        assert await (await db.execute(query.encode(), [run])).fetchone() == (0,)


async def test_a_batch_with_one_erased_person_keeps_nothing(run: str, vault: Vault, db: Connection) -> None:
    await vault.put(db, {"p1": ANN})
    await vault.erase(db, "p1", actor="ann", reason="asked")

    refused = await vault.put(db, {"p0": {"name": "new"}, "p1": {"name": "back"}})

    assert refused == Refusal("vault.erased", {"person": "p1"})
    assert await read(vault, db, "p0") == Refusal("vault.unknown-person", {"person": "p0"})


async def test_what_cannot_be_is_refused_with_a_code(vault: Vault, db: Connection, book: Book) -> None:
    await vault.put(db, {"p1": ANN})

    async def put(person: str, field: str, value: str | bytes) -> str | None:
        refusal = await vault.put(db, {person: {field: value}})
        return refusal.code if refusal else None

    assert await put("p1", "shoe_size", "43") == "vault.unknown-field"
    assert await put("p1", "phone", b"1") == "vault.not-text"
    assert await put("p1", "note", "\ud800") == "vault.not-text"
    assert await put("p1", "note", "字" * (MAX_VALUE // 3 + 1)) == "vault.too-large"
    assert await put("p1", "note", b"x" * MAX_VALUE) is None
    assert await put("../etc", "note", "x") == "vault.bad-id"
    assert await put("", "note", "x") == "vault.bad-id"
    assert await read(vault, db, "p1", fields=("shoe_size",)) == Refusal(
        "vault.unknown-field", {"name": "shoe_size"}, field="shoe_size"
    )
    assert await read(vault, db, "p1", "nobody") == Refusal("vault.unknown-person", {"person": "nobody"})
    assert await read(vault, db, "p\x00") == Refusal("vault.unknown-person", {"person": "p\x00"})
    assert await vault.get(db, ["p1"], ["name"], actor="a", purpose=" ") == Refusal("vault.no-purpose", {"most": 200})
    assert isinstance(await vault.erase(db, "nobody", actor="a", reason="r"), Refusal)
    assert book.facts == []


@pytest.mark.parametrize("swap", ["person", "field"])
async def test_a_value_in_another_place_does_not_open(run: str, vault: Vault, db: Connection, swap: str) -> None:
    await vault.put(db, {"p1": {"name": "A", "note": "n"}, "p2": {"name": "B"}})

    to, of = ("p2", "p1") if swap == "person" else ("p1", "p1")
    field = "name" if swap == "person" else "note"
    await db.execute(
        "update fourleaf.vault_value set sealed = (select sealed from fourleaf.vault_value where run = %s and person = %s"
        " and field = 'name') where run = %s and person = %s and field = %s",
        [run, of, run, to, field],
    )

    with pytest.raises(Tampered) as caught:
        await read(vault, db, to, fields=(field,))
    assert caught.value.args == ((run, to, field),)


async def test_a_key_wrapped_for_another_person_does_not_open(run: str, vault: Vault, db: Connection) -> None:
    await vault.put(db, {"p1": {"name": "A"}, "p2": {"name": "B"}})
    await db.execute(
        "update fourleaf_keys.person_key set wrapped = (select wrapped from fourleaf_keys.person_key where run = %s"
        " and person = 'p1') where run = %s and person = 'p2'",
        [run, run],
    )

    with pytest.raises(Tampered):
        await read(vault, db, "p2")


async def test_putting_while_erasing_never_brings_a_person_back(
    run: str, vault: Vault, vault_dsn: str, db: Connection
) -> None:
    async def put(number: int) -> Refusal | None:
        async with connect(vault_dsn) as own:
            return await vault.put(own, {"p1": {"name": f"v{number}", "phone": "13800138000"}})

    async def erase() -> object:
        async with connect(vault_dsn) as own:
            return await vault.erase(own, "p1", actor="ann", reason="asked")

    await put(0)
    answers = await asyncio.gather(*(put(number) for number in range(1, 12)), erase(), erase(), *(put(9) for _ in "ab"))

    refusals = {answer.code for answer in answers if isinstance(answer, Refusal)}
    left = await db.execute(
        "select (select count(*) from fourleaf.vault_value where run = %(r)s)"
        " + (select count(*) from fourleaf_keys.blind_index where run = %(r)s)"
        " + (select count(*) from fourleaf_keys.person_key where run = %(r)s)",
        {"r": run},
    )
    assert refusals <= {"vault.erased"}
    assert await left.fetchone() == (0,)


async def test_two_first_puts_of_a_person_agree_on_one_key(vault: Vault, vault_dsn: str, db: Connection) -> None:
    async def put(field: str) -> None:
        async with connect(vault_dsn) as own:
            assert await vault.put(own, {"p1": {field: "123456"}}) is None

    await asyncio.gather(*map(put, ["name", "note", "phone", "email", "address"]))

    given = await read(vault, db, "p1", fields=("name", "note", "phone", "email", "address"))
    assert given == {"p1": dict.fromkeys(["address", "email", "name", "note", "phone"], "123456")}


async def test_a_file_of_a_person_opens_only_under_its_name(vault: Vault, db: Connection, book: Book) -> None:
    await vault.put(db, {"p1": ANN})

    sealed = await vault.seal_file(db, "p1", "f1", b"photo")

    assert isinstance(sealed, bytes) and b"photo" not in sealed
    assert await vault.open_file(db, "p1", "f1", sealed, actor="ann", purpose="look") == b"photo"
    with pytest.raises(Tampered):
        await vault.open_file(db, "p1", "f2", sealed, actor="ann", purpose="look")
    assert book.facts == [("ann", Read(purpose="look", count=1, fields=("file",), persons=("p1",)))]


async def test_dropping_a_run_drops_its_persons(run: str, vault: Vault, db: Connection) -> None:
    await vault.put(db, {"p1": ANN})

    await db.execute("delete from fourleaf.run where run = %s", [run])

    rows = await db.execute("select count(*) from fourleaf_keys.person_key where run = %s", [run])
    assert await rows.fetchone() == (0,)
