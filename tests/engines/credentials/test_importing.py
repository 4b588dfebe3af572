# SPDX-License-Identifier: Apache-2.0
"""Imports: an organization's table is taken in parts, each once, and everybody is the one holder that the document says."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from fourleaf.app.safekeeping import Safe
from fourleaf.app.settings import Settings
from fourleaf.engines.credentials.actions import importing
from fourleaf.engines.credentials.actions.importing import Done, Order, take_in
from fourleaf.engines.credentials.rules.importing import Bad, Line, head_of, read
from fourleaf.engines.credentials.state import Credential
from fourleaf.kernel.refusal import Refusal
from fourleaf.standards.spreadsheets import open_text, open_workbook
from tests.engines.at_work import AtWork
from tests.engines.credentials.samples import VISITOR, declare

HEAD = "姓名,证件号码,电话,证件类别"
Import = Callable[..., Any]


def test_a_head_is_known_in_chinese_and_in_english_in_any_order() -> None:
    assert head_of(["证件号码", "备注", "姓名"]) == {0: "document", 2: "name"}
    assert head_of(["Name", " Plate "]) == {0: "name", 1: "plate"}
    assert head_of(["姓名", "电话"]) is None
    assert head_of(["姓名", "name", "证件号"]) is None


def test_a_line_is_read_by_its_head_and_a_number_is_no_float() -> None:
    head = {0: "name", 1: "document", 2: "documents"}

    assert read(head, 2, ["甲", 31011.0, "photo；document"], "visitor") == Line(
        number=2, type="visitor", documents=["photo", "document"], details={"name": "甲", "document": "31011"}
    )
    assert isinstance(read(head, 3, ["甲" * 201, "E1"], "visitor"), Bad)


@pytest.fixture
async def take(at_work: AtWork, dsn: str, tmp_path: Path, vault_key: Path) -> Import:
    """Import a table; gives what became of it, all parts together."""
    await declare(at_work, visitor=VISITOR | {"quota": 5})
    vault = Safe(Settings(database_url=dsn, data=tmp_path, vault_key=vault_key)).vault(at_work.site)

    async def taken(
        data: bytes, organization: str = "td-shanghai", parts: int = 99, file: str = "f1"
    ) -> Done | Refusal:
        order, total = Order(actor="ann", organization=organization, file=file, type="visitor"), Done()
        opened = partial(open_workbook if data.startswith(b"PK") else open_text, data)
        async for done in take_in(at_work.site, vault, order, opened):
            if isinstance(done, Refusal):
                return done
            total.lines, total.applied = total.lines + done.lines, total.applied + done.applied
            total.merged, total.same = total.merged + done.merged, total.same + done.same
            total.refused += done.refused
            parts -= 1
            if not parts:
                break
        return total

    return taken


def table(*lines: str) -> bytes:
    return "\n".join([HEAD, *lines]).encode()


@pytest.mark.postgres
async def test_each_line_becomes_an_application_and_each_wrong_one_is_told(take: Import) -> None:
    lines = ["甲,E1,139", "乙,,139", "丙,E3,,nothing", "丁,E4,", "戊,E 4,"]

    done = await take(table(*lines))

    assert (done.lines, done.applied, done.merged, done.same) == (5, 2, 0, 1)
    assert [(line, code) for line, code, _ in done.refused] == [
        (3, "credentials.no-holder"),
        (4, "credentials.unknown-type"),
    ]


@pytest.mark.postgres
async def test_the_same_file_again_says_the_same_and_writes_nothing(take: Import, at_work: AtWork) -> None:
    first = await take(table("甲,E1,", "乙,E2,", "丙,E3,,nothing"))
    again = await take(table("甲,E1,", "乙,E2,", "丙,E3,,nothing"))
    other = await take(table("甲,E1,", "丁,E4,"), file="f2")

    assert again == first
    assert (other.applied, other.same, other.refused) == (1, 1, [])
    assert len((await at_work.rows(Credential))["credentials_credential"]) == 3


@pytest.mark.postgres
async def test_an_import_that_broke_off_goes_on_where_it_stood(
    take: Import, at_work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LINES", 2)
    lines = [f"某,E{number}," for number in range(5)]

    broken = await take(table(*lines), parts=2)
    whole = await take(table(*lines))

    assert (broken.lines, broken.applied) == (4, 4)
    assert (whole.lines, whole.applied) == (5, 5)
    rows = (await at_work.rows(Credential))["credentials_credential"]
    assert len({row["holder"] for row in rows}) == len(rows) == 5


@pytest.mark.postgres
async def test_the_quota_ends_an_import_and_another_organization_meets_the_same_holders(take: Import) -> None:
    lines = [f"某,E{number}," for number in range(7)]

    first = await take(table(*lines))
    other = await take(table("某,E0,"), organization="td-beijing", file="f2")
    media = await take(table("某,E0,,media"), organization="td-beijing", file="f3")

    assert first.applied == 5
    assert [code for _, code, _ in first.refused] == ["credentials.quota-full"] * 2
    assert [code for _, code, _ in other.refused] == ["credentials.already-holds"]
    assert (media.applied, media.merged) == (1, 1)


@pytest.mark.postgres
async def test_a_workbook_is_taken_like_a_text_and_what_is_no_table_is_refused(take: Import) -> None:
    book = Workbook()
    book.active.append(["name", "document"])
    book.active.append(["甲", "E1"])
    out = BytesIO()
    book.save(out)

    assert (await take(out.getvalue())).applied == 1
    assert (await take(b"PK no workbook", file="f2")) == Refusal("credentials.table-damaged")
    assert (await take(b"a,b\n1,2\n", file="f3")) == Refusal("credentials.table-no-head")
