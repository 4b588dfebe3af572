# SPDX-License-Identifier: Apache-2.0
"""The past is shown under the labels that the viewer holds now, not under those he held then."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from fourleaf.kernel.fold import Pictured
from fourleaf.kernel.position import START
from fourleaf.postgres import pictures
from tests.app.sign_in.fair import Browser, Fair

pytestmark = pytest.mark.postgres


async def test_what_was_seen_then_is_not_seen_again_once_the_role_is_taken(fair: Fair) -> None:
    """The label of the group is lost, and so is what it showed; what everybody could see stays, as the effect of it."""
    ann = await fair.open("chief", "chief@security")
    at = await fair.now() - timedelta(minutes=10)
    await _show(fair, at, {"visit": ("group:security",), "gate": ("public",)})
    browser = fair.browser()
    browser.sign_in("chief", ann.password)
    span = {"from": at.isoformat(), "to": (at + timedelta(minutes=5)).isoformat()}
    before = _seen(browser, fair.run, at + timedelta(minutes=1)), _told(browser, fair.run, span)

    await fair.act(ann.account, "give", "guest")
    await fair.act(ann.account, "take", "chief@security")
    after = _seen(browser, fair.run, at + timedelta(minutes=1)), _told(browser, fair.run, span)

    assert before == ({"visit", "gate"}, {"visit"})
    assert after == ({"gate"}, set())


async def test_whoever_got_a_role_since_sees_what_it_shows_of_then(fair: Fair) -> None:
    ann = await fair.open("guest", "guest")
    at = await fair.now() - timedelta(minutes=10)
    await _show(fair, at, {"visit": ("group:security",), "gate": ("public",)})
    browser = fair.browser()
    browser.sign_in("guest", ann.password)
    before = _seen(browser, fair.run, at + timedelta(minutes=1))

    await fair.act(ann.account, "give", "chief@security")
    after = _seen(browser, fair.run, at + timedelta(minutes=1))

    assert (before, after) == ({"gate"}, {"gate", "visit"})


async def _show(fair: Fair, at: datetime, things: Mapping[str, tuple[str, ...]]) -> None:
    """Things shown from then on, and changed two minutes later with a mark."""
    async with fair.site.connection() as db:
        for number in range(2):
            changes = [
                ("l", Pictured(thing=thing, place="p", props={"n": number}, labels=labels), thing)
                for thing, labels in things.items()
            ]
            marks = {("l", "visit"): {"status": "watch", "says": {"n": number}}} if number else {}
            await pictures.write(db, changes, at=at + timedelta(minutes=2 * number), position=START, marks=marks)


def _seen(browser: Browser, run: str, at: datetime) -> set[str]:
    answer = browser.client.get(f"/r/{run}/picture.json", params={"at": at.isoformat()})
    span = {"from": at.isoformat(), "to": (at + timedelta(minutes=5)).isoformat()}
    changes = browser.client.get(f"/r/{run}/changes.json", params=span)
    seen = [{one["thing"] for one in found} for found in (answer.json()["things"], changes.json()["changes"])]
    assert seen[0] == seen[1]
    return seen[0]


def _told(browser: Browser, run: str, span: Mapping[str, str]) -> set[str]:
    return {one["thing"] for one in browser.client.get(f"/r/{run}/marks.json", params=span).json()["marks"]}
