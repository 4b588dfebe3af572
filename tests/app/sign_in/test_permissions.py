# SPDX-License-Identifier: Apache-2.0
"""One filter for everything: whoever holds whichever roles of the pack, and whatever labels things carry, no list, map,
search, export, instant, mark, file or push tells more than the labels allow; the rest is as if it were not there."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.app.directory import Directory
from fourleaf.app.stream import Feed
from fourleaf.engines.sensing import actions as devices
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.position import START
from fourleaf.postgres import pictures
from fourleaf.postgres.pool import Connection
from tests.app.sign_in.fair import AT
from tests.app.sign_in.house import NUMBERS, House, after_all, oracle, posts, slowly, some_labels
from tests.engines.sensing.feed_samples import METRO

pytestmark = pytest.mark.postgres
# A register: who sees it, who may write.
registers = st.lists(st.tuples(some_labels, some_labels), min_size=1, max_size=3)
# What is shown of each thing from minute to minute: its labels, or None when it is not shown.
shown = st.lists(st.lists(st.none() | some_labels, min_size=3, max_size=3), min_size=1, max_size=3)

TABLES = (
    "/world/registers/{key}",
    "/world/registers/{key}/things",
    "/world/registers/{key}/things/x1",
    "/world/registers/{key}/things/x1/history",
    "/world/registers/{key}/export.csv",
    "/world/registers/{key}/export.geojson",
    "/world/registers/{key}/places.geojson",
    "/world/registers/{key}/places.json",
    "/world/registers/{key}/template.csv",
    "/desk/registers/{key}",
    "/desk/registers/{key}/things/x1",
    "/desk/registers/{key}/print",
)
LISTS = ("/desk", "/desk/search?q=needle", "/world/registers", "/desk/balance")


@slowly
@given(made_of=registers, held=posts)
async def test_no_list_export_search_or_file_tells_of_what_the_labels_hide(
    house: House, made_of: list[tuple[list[str], list[str]]], held: list[str] | None
) -> None:
    browser, run = await house.browser(held), house.fair.run
    labels = set((await house.principal(browser)).labels)
    keys = {f"r{next(NUMBERS)}": one for one in made_of}
    photos = {key: await house.fill(key, *one) for key, one in keys.items()}

    answers = {key: [browser.json(f"/r/{run}{path.format(key=key)}") for path in TABLES] for key in keys}
    files = {key: [browser.json(f"/r/{run}/files/{photos[key]}{end}") for end in ("", "/thumbnail")] for key in keys}
    lists = "".join(browser.json(f"/r/{run}{path}").text for path in LISTS)

    account = next((one for one in labels if one.startswith("person:")), "")
    assert labels == oracle(held, account)
    allowed = {key for key, (see, _) in keys.items() if labels & set(see)} if held is not None else set[str]()
    for key in keys:
        status = {one.status_code for one in (*answers[key], *files[key])}
        assert status == ({200} if key in allowed else {401} if held is None else {404}), (key, held)
        told = any(f"needle{key}" in one.text for one in answers[key]) or f"needle{key}" in lists
        assert told == (key in allowed)


@slowly
@given(see=some_labels, owner=some_labels, held=posts)
async def test_the_search_finds_no_device_and_no_feed_that_a_get_refuses(
    house: House, see: list[str], owner: list[str], held: list[str] | None
) -> None:
    browser, run, key = await house.browser(held), house.fair.run, f"s{next(NUMBERS)}"
    name = {"zh": f"{key}", "en": f"needle{key}"}
    quantity = {"key": "load", "name": name, "unit": "kW", "min": 0, "max": 9}
    await house.fair.declare(
        "device_type", key, of="gate", name=name, see=see, interval_s=60, silent_after_s=300, quantity=[quantity]
    )
    await house.fair.declare("feed", key, **METRO | {"name": name, "see": owner})
    device = DeviceListed(
        device=f"gate:{key}", device_type=key, thing=key, name_zh=key, name_en=f"needle{key}", place={}
    )
    async with house.fair.site.connection() as connection:
        await devices.take_over(house.fair.site.journal, connection, [device], actor="pack", now=AT)

    found = browser.json(f"/r/{run}/desk/search?q=needle{key}").text
    pages = {one: browser.json(f"/r/{run}/desk/{one}").status_code for one in (f"devices/gate:{key}", f"feeds/{key}")}

    for page, status in pages.items():
        assert status in (200, 401 if held is None else 404)
        assert (page.replace(":", "%3A") in found) == (status == 200), (page, held)


@slowly
@given(made_of=registers, held=posts)
async def test_nobody_writes_to_what_he_may_not_write_whatever_he_may_see(
    house: House, made_of: list[tuple[list[str], list[str]]], held: list[str] | None
) -> None:
    browser, run = await house.browser(held), house.fair.run
    who = await house.principal(browser)
    token = browser.csrf("/account" if held is not None else "/sign-in")
    keys = {f"r{next(NUMBERS)}": one for one in made_of}
    for key, one in keys.items():
        await house.fill(key, *one)

    tried = {
        key: browser.client.post(
            f"/r/{run}/world/registers/{key}/things/x1",
            json={"request_id": key, "values": {"name": "other"}},
            headers={"x-csrf-token": token},
        ).status_code
        for key in keys
    }

    for key, (see, write) in keys.items():
        sees = held is not None and bool(set(who.labels) & set(see))
        writes = sees and "world.keep" in who.permissions and bool(set(who.labels) & set(write))
        assert tried[key] == (401 if held is None else 200 if writes else 403 if sees else 404)


@slowly
@given(history=shown, held=posts)
async def test_nothing_is_pushed_or_replayed_that_a_get_refuses_and_what_is_hidden_shows_as_its_effect_alone(
    house: House, history: list[list[list[str] | None]], held: list[str] | None
) -> None:
    browser, run, name = await house.browser(held), house.fair.run, f"m{next(NUMBERS)}"
    labels = set((await house.principal(browser)).labels)
    feed = Feed(run, house.pools, Directory(house.pools), every_s=0.01)
    pushed = dict[str, Any]()
    async with house.fair.site.connection() as db:
        first = await after_all(db, await house.fair.now())
        watching = asyncio.create_task(_watch(feed, frozenset(labels), pushed, name))
        await asyncio.sleep(0.05)
        instants = [await _draw(db, first, minute, name, step) for minute, step in enumerate(history)]
    await _until_pushed(feed, pushed, name, history, labels)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching

    now = _seen(browser.json(f"/r/{run}/picture.json").json()["things"], name)
    span = {"from": first.isoformat(), "to": instants[-1].isoformat()}
    changes = browser.client.get(f"/r/{run}/changes.json", params=span | {"every_s": 1}) if held is not None else None
    marks = browser.client.get(f"/r/{run}/marks.json", params=span) if held is not None else None

    told = {f"{name}-{place}" for step in history for place, one in enumerate(step) if one and labels & set(one)}
    hidden = {f"{name}-{place}" for place in range(3)} - told
    for at, step in zip(instants, history, strict=True):
        then = browser.client.get(f"/r/{run}/picture.json", params={"at": at.isoformat()}).json()["things"]
        assert _seen(then, name) == _allowed(step, name, labels)
    assert now == _allowed(history[-1], name, labels)
    assert {key for key, props in pushed.items() if props is not None and key != f"{name}-effect"} == now - {
        f"{name}-effect"
    }
    assert not hidden & pushed.keys()
    assert f"{name}-effect" in now  # the effect is there for everybody
    for answer in (changes, marks):
        assert answer is None or not any(one in answer.text for one in hidden)


async def _draw(db: Connection, first: datetime, minute: int, name: str, step: list[list[str] | None]) -> datetime:
    """Show each thing under its labels, and beside it, for everybody, that something is closed. Gives the instant."""
    at = first + timedelta(milliseconds=minute * 10)
    changes = [
        (
            "l",
            None if labels is None else Pictured(thing=f"{name}-{place}", place="p", props={}, labels=tuple(labels)),
            f"{name}-{place}",
        )
        for place, labels in enumerate(step)
    ]
    effect = Pictured(thing=f"{name}-effect", place="p", props={"closed": minute}, labels=("public",))
    marks = {("l", f"{name}-{place}"): {"status": "watch", "says": {}} for place, one in enumerate(step) if one}
    await pictures.write(db, [*changes, ("l", effect, f"{name}-effect")], at=at, position=START, marks=marks)
    return at


def _allowed(step: list[list[str] | None], name: str, labels: set[str]) -> set[str]:
    seen = {f"{name}-{place}" for place, one in enumerate(step) if one and labels & set(one)}
    return seen | {f"{name}-effect"}


def _seen(things: list[dict[str, Any]], name: str) -> set[str]:
    return {one["thing"] for one in things if one["thing"].startswith(f"{name}-")}


async def _watch(feed: Feed, labels: frozenset[str], pushed: dict[str, Any], name: str) -> None:
    """Keep what a screen of these labels adds up to."""
    async for text in feed.screen(labels, None):
        data = msgspec.json.decode(text.partition(b"data: ")[2])
        for one in (*data.get("things", ()), *data.get("changes", ())):
            if one["thing"].startswith(f"{name}-"):
                pushed[one["thing"]] = None if one.get("gone") else one["props"]


async def _until_pushed(
    feed: Feed, pushed: dict[str, Any], name: str, history: list[list[list[str] | None]], labels: set[str]
) -> None:
    """Wait until the last step has come, which everybody sees the effect of."""
    for _ in range(500):
        if (pushed.get(f"{name}-effect") or {}).get("closed") == len(history) - 1:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError(name)


async def test_what_is_of_another_run_is_not_there_whoever_asks(house: House) -> None:
    fair, key = house.fair, f"r{next(NUMBERS)}"
    photo = await house.fill(key, ["office"], ["office"])
    browser = await house.browser(["office-director"])

    here = [browser.json(f"/r/{fair.run}{path}").status_code for path in (f"/files/{photo}", f"/world/registers/{key}")]
    there = [
        browser.json(f"/r/{fair.rehearsal}{path}").status_code
        for path in (f"/files/{photo}", f"/files/{photo}/thumbnail", *(one.format(key=key) for one in TABLES))
    ]

    assert here == [200, 200]
    assert set(there) == {404}
