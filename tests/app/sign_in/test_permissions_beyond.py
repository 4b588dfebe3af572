# SPDX-License-Identifier: Apache-2.0
"""The one filter, where it has a shape of its own: workbooks, the balance of halls, feeds, devices, and tables that wait."""

from collections.abc import Sequence
from io import BytesIO
from zipfile import ZipFile

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.sensing import actions as sensing
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.kernel.principal import Principal
from fourleaf.postgres import venues
from tests.app.sign_in.fair import AT, Browser, Fair
from tests.app.sign_in.house import NUMBERS, House, posts, slowly, some_labels
from tests.engines.sensing.feed_samples import METRO

pytestmark = pytest.mark.postgres
# Who sees it; who may write, send or keep.
two = st.tuples(some_labels, some_labels)
HALL = {
    "id": "8.1",
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[121.29, 31.18], [121.31, 31.18], [121.31, 31.2], [121.29, 31.18]]],
    },
    "properties": {"level": "L1", "name": {"zh": "馆", "en": "hall"}},
}


@pytest.fixture
async def ground(fair: Fair) -> None:
    """A venue of one hall."""
    venue = {"levels": [{"id": "L1", "name": {"zh": "一", "en": "1"}}], "features": {"hall": {"features": [HALL]}}}
    async with fair.site.connection() as connection:
        await venues.keep(connection, f"of {fair.run}", msgspec.json.encode(venue))
    await fair.declare("venue", "venue", hash=f"of {fair.run}")


def expected(held: Sequence[str] | None, who: Principal, see: list[str], own: list[str], permission: str) -> int:
    """What a change of somebody's is answered, as far as labels go."""
    if held is None:
        return 401
    if not set(who.labels) & set(see):
        return 404
    return 200 if permission in who.permissions and set(who.labels) & set(own) else 403


def ask(browser: Browser, path: str, held: Sequence[str] | None, **body: str) -> httpx.Response:
    token = browser.csrf("/account" if held is not None else "/sign-in")
    return browser.client.post(path, json=body, headers={"x-csrf-token": token})


@pytest.mark.usefixtures("ground")
@slowly
@given(labels=two, held=posts)
async def test_no_workbook_and_no_balance_tells_of_a_register_that_the_labels_hide(
    house: House, labels: tuple[list[str], list[str]], held: list[str] | None
) -> None:
    (see, write), key = labels, f"r{next(NUMBERS)}"
    await house.fill(key, see, write)
    browser, run = await house.browser(held), house.fair.run
    who = await house.principal(browser)

    book = browser.json(f"/r/{run}/world/registers/{key}/export.xlsx")
    empty = browser.json(f"/r/{run}/world/registers/{key}/template.xlsx")
    table = browser.json(f"/r/{run}/desk/balance.csv?register={key}")
    page = browser.json(f"/r/{run}/desk/balance?register={key}")

    sees = held is not None and bool(set(who.labels) & set(see))
    status = {one.status_code for one in (book, empty, table, page)}
    assert status == {200 if sees else 401 if held is None else 404}
    assert (f"needle{key}" in _text(book.content)) == sees
    assert (f"needle{key}" in table.text) == sees


def _text(data: bytes) -> str:
    """All that a workbook says; of anything else its text."""
    if not data.startswith(b"PK"):
        return data.decode()
    with ZipFile(BytesIO(data)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


@slowly
@given(labels=two, held=posts)
async def test_a_feed_is_seen_sent_and_given_a_token_only_as_its_labels_say(
    house: House, labels: tuple[list[str], list[str]], held: list[str] | None
) -> None:
    (see, send), key = labels, f"f{next(NUMBERS)}"
    await house.fair.declare(
        "feed", key, **(METRO | {"see": see, "send": send, "name": {"zh": key, "en": f"needle{key}"}})
    )
    browser, run = await house.browser(held), house.fair.run
    who = await house.principal(browser)

    listed = browser.json(f"/r/{run}/sensing/feeds.json").text + browser.json(f"/r/{run}/desk/feeds?lang=en").text
    pages = [browser.json(f"/r/{run}/desk/feeds/{key}{path}").status_code for path in ("", "/template.xlsx")]
    token = ask(browser, f"/r/{run}/sensing/feeds/{key}/token", held, request_id=key)

    sees = held is not None and bool(set(who.labels) & set(see))
    assert (f"needle{key}" in listed) == sees
    assert set(pages) == {200 if sees else 401 if held is None else 404}
    wanted = expected(held, who, see, send, "sensing.feed")
    # Whoever may not send is told so where he may send something, else that there is no such feed for him.
    assert token.status_code == wanted or (token.status_code, wanted) in {(404, 403), (403, 404)}


@slowly
@given(labels=two, held=posts)
async def test_a_device_is_seen_and_kept_only_as_its_type_says(
    house: House, labels: tuple[list[str], list[str]], held: list[str] | None
) -> None:
    (see, keep), key = labels, f"d{next(NUMBERS)}"
    name, device = {"zh": key, "en": key}, f"{key}:needle{key}"
    await house.fair.declare(
        "device_type", key, of=key, interval_s=60, silent_after_s=300, name=name, see=see, keep=keep
    )
    listed = DeviceListed(device=device, device_type=key, thing=f"needle{key}", name_zh=key, name_en=key, place={})
    async with house.fair.site.connection() as connection:
        await sensing.take_over(house.fair.site.journal, connection, [listed], actor="pack", now=AT)
    browser, run = await house.browser(held), house.fair.run
    who = await house.principal(browser)

    told = browser.json(f"/r/{run}/sensing/devices.json").text + browser.json(f"/r/{run}/desk/devices?size=200").text
    health = browser.json(f"/r/{run}/sensing/devices/{device}/health.json").status_code
    page = browser.json(f"/r/{run}/desk/devices/{device}")
    code = ask(browser, f"/r/{run}/sensing/devices/{device}/code", held, request_id=key)

    sees = held is not None and bool(set(who.labels) & set(see))
    wanted = expected(held, who, see, keep, "sensing.keep")
    assert (f"needle{key}" in told) == sees
    assert {health, page.status_code} == {200 if sees else 401 if held is None else 404}
    assert ("/code" in page.text) == (wanted == 200)
    # Without the permission nobody is told whether there is such a device.
    assert code.status_code == (403 if wanted == 404 and "sensing.keep" not in who.permissions else wanted)


@slowly
@given(labels=two, held=posts)
async def test_a_table_that_waits_is_for_who_sent_it_alone(
    house: House, labels: tuple[list[str], list[str]], held: list[str] | None
) -> None:
    (see, write), key = labels, f"r{next(NUMBERS)}"
    await house.fill(key, [*see, "desk"], [*write, "desk"])
    sender, run = await house.browser(["duty-officer"]), house.fair.run
    at = f"/r/{run}/desk/registers/{key}/imports"
    sent = sender.client.post(
        at,
        data={"csrf": sender.csrf("/account")},
        files={"file": ("t.csv", f"id,name\nx2,waiting{key}\n".encode())},
        follow_redirects=False,
    )
    blob = sent.headers["location"].rpartition("/")[2]
    browser = await house.browser(held)

    pages = [browser.json(f"/r/{run}{path}") for path in (f"/files/{blob}", f"/files/{blob}/thumbnail")]
    pages += [browser.json(f"{at}/{blob}{end}") for end in ("", "?wait=1", "/stream")]
    own = sender.json(f"{at}/{blob}?wait=1").text

    assert sent.status_code == 303
    assert f"waiting{key}" in own
    assert any(f"waiting{key}" in one.text for one in pages) == (browser is sender)
