# SPDX-License-Identifier: Apache-2.0
"""Names behind accounts: read only by who may, with a purpose, one fact each time; and erased with a report."""

import re
from datetime import UTC, datetime

import pytest

from fourleaf.app.rooms import rooms
from fourleaf.postgres import log
from fourleaf.standards.spreadsheets import open_workbook
from fourleaf.vault.facts import Erased, Read
from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres
VALUES = {"name": "李安", "phone": "13800000000", "email": "ann@fair.example"}
FIELDS = ("email", "name", "phone")


@pytest.fixture
async def ann(fair: Fair) -> str:
    """An account whose owner the vault knows."""
    said = await fair.open("ann", "chief@security")
    async with fair.site.connection() as connection:
        vault = fair.app.state.office.safe.vault(fair.site)
        assert await vault.put(connection, {f"account:{said.account}": VALUES}) is None
    return said.account


async def at_desk(fair: Fair, *may: str) -> Browser:
    """A browser of somebody who may do this."""
    await fair.declare("role", "clerk", name={"zh": "c", "en": "c"}, labels=["public", "office"], may=list(may))
    said = await fair.open("clerk", "clerk")
    browser = fair.browser()
    browser.sign_in("clerk", said.password)
    browser.get("/account?lang=en")
    return browser


async def recorded(fair: Fair) -> list[Read | Erased]:
    async with fair.site.connection() as connection:
        found = await log.latest(
            connection,
            rooms().kinds,
            fair.run,
            [Read.KIND, Erased.KIND],
            before=datetime.max.replace(tzinfo=UTC),
            limit=9,
        )
    return [fact.body for fact in found if isinstance(fact.body, Read | Erased)]


async def test_a_list_an_export_and_a_look_at_one_are_one_fact_each(fair: Fair, ann: str) -> None:
    clerk = await at_desk(fair, "people.see", "people.personal")

    pages = [
        clerk.post("/accounts/people", "/account", purpose="list for the hotline"),
        clerk.post("/accounts/people.xlsx", "/account", purpose="export for the hotline"),
        clerk.post(f"/accounts/{ann}/person", "/account", purpose="one for the hotline"),
    ]

    purposes = ["one for the hotline", "export for the hotline", "list for the hotline"]
    book = [line.cells for line in open_workbook(pages[1].content).lines]
    assert all(value in pages[0].text and value in pages[2].text for value in VALUES.values())
    assert book == [["Login name", "Name", "Phone", "E-mail"], ["ann", *VALUES.values()]]
    assert await recorded(fair) == [
        Read(purpose=purpose, count=1, fields=FIELDS, persons=(f"account:{ann}",)) for purpose in purposes
    ]


async def test_without_a_purpose_nothing_is_shown_and_nothing_recorded(fair: Fair, ann: str) -> None:
    clerk = await at_desk(fair, "people.see", "people.personal")

    answers = [
        clerk.post(path, "/account", purpose="  ")
        for path in ("/accounts/people", "/accounts/people.xlsx", f"/accounts/{ann}/person")
    ]

    assert [answer.status_code for answer in answers] == [422] * 3
    assert not any(VALUES["name"] in answer.text for answer in answers)
    assert all("what you need the personal data for" in answer.text for answer in answers)
    assert await recorded(fair) == []


@pytest.mark.parametrize("may", [(), ("people.see",), ("people.see", "people.manage", "office")])
async def test_who_may_not_read_personal_data_is_shown_none(fair: Fair, ann: str, may: tuple[str, ...]) -> None:
    clerk = await at_desk(fair, *may)

    answers = [
        clerk.post(path, "/account", purpose="curiosity")
        for path in ("/accounts/people", "/accounts/people.xlsx", f"/accounts/{ann}/person")
    ]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert await recorded(fair) == []


async def test_accounts_and_their_pages_show_no_name_by_themselves(fair: Fair, ann: str) -> None:
    clerk = await at_desk(fair, "people.see", "people.manage", "people.personal", "office")

    shown = clerk.get("/accounts").text + clerk.get(f"/accounts/{ann}").text

    assert not any(value in shown for value in VALUES.values())
    assert await recorded(fair) == []


async def test_who_read_what_is_read_by_who_may_see_accounts(fair: Fair, ann: str) -> None:
    clerk = await at_desk(fair, "people.see", "people.personal")
    clerk.post("/accounts/people", "/account", purpose="<b>hotline</b>")

    page = clerk.get(f"/r/{fair.run}/desk/personal?lang=en").text

    assert "&lt;b&gt;hotline&lt;/b&gt;" in page and f"account:{ann}" in page
    assert "email, name, phone" in page and VALUES["name"] not in page
    assert fair.browser().json(f"/r/{fair.run}/desk/personal").status_code == 401


async def test_a_person_is_erased_on_the_desk_with_a_report(fair: Fair, ann: str) -> None:
    clerk = await at_desk(fair, "people.see", "people.personal", "people.erase")
    at, person = f"/r/{fair.run}/desk/personal", f"account:{ann}"

    unsure = clerk.post(at, "/account", person=person, reason="asked")
    nobody = clerk.post(at, "/account", person="p-1", reason="asked", sure="yes")
    done = clerk.post(at, "/account", person=person, reason="asked on 3 December", sure="yes")
    again = clerk.post(at, "/account", person=person, reason="asked", sure="yes")

    later = clerk.post(f"/accounts/{ann}/person", "/account", purpose="look").text
    assert [one.status_code for one in (unsure, nobody)] == [422, 422]
    assert re.findall(r"<dd>([^<]*)</dd>", done.text)[1:4] == ["email, name, phone", "email, phone", "–"]
    assert f"{person} was erased before" in again.text
    assert "No personal data is kept" in later
    erased = [one for one in await recorded(fair) if isinstance(one, Erased)]
    assert erased == [
        Erased(person=person, reason="asked on 3 December", fields=FIELDS, indexes=("email", "phone"), files=())
    ]


async def test_only_who_may_erases(fair: Fair, ann: str) -> None:
    clerk = await at_desk(fair, "people.see", "people.personal", "office")

    answer = clerk.post(f"/r/{fair.run}/desk/personal", "/account", person=f"account:{ann}", reason="spite", sure="yes")

    assert answer.status_code == 403
    assert await recorded(fair) == []


async def test_a_file_of_a_person_needs_the_permission(fair: Fair, ann: str) -> None:
    async def one() -> object:
        yield b"a,b\n1,2\n"

    safe = fair.app.state.office.safe
    async with fair.site.connection() as connection:
        kept = await safe.blobs(fair.site).keep(connection, one(), person=f"account:{ann}", labels=["office"])
    path = f"/r/{fair.run}/files/{kept.blob}?purpose=badge"
    clerk = await at_desk(fair, "people.see", "office")

    refused = clerk.json(path)
    await fair.declare("role", "reader", name={"zh": "r", "en": "r"}, labels=["office"], may=["people.personal"])
    reader = await fair.open("reader", "reader")
    browser = fair.browser()
    browser.sign_in("reader", reader.password)

    assert (refused.status_code, refused.json()["code"]) == (403, "blobs.personal")
    assert browser.json(path).content == b"a,b\n1,2\n"
    assert await recorded(fair) == [Read(purpose="badge", count=1, fields=("file",), persons=(f"account:{ann}",))]


@pytest.mark.parametrize("path", ["/accounts/people", "/accounts/people.xlsx", "/accounts/{ann}/person"])
async def test_a_session_alone_shows_nobodys_name(fair: Fair, ann: str, path: str) -> None:
    clerk = await at_desk(fair, "people.see", "people.personal")
    async with fair.site.connection() as connection:
        await connection.execute("update fourleaf.session set proved_at = null where run = %s", [fair.run])

    asked = clerk.post(path.format(ann=ann), "/account", purpose="list for the hotline")

    assert (asked.status_code, asked.headers["location"].partition("?")[0]) == (307, "/account/prove")
    assert await recorded(fair) == []
