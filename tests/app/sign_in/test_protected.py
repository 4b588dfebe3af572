# SPDX-License-Identifier: Apache-2.0
"""Protected persons and events are seen as their effect alone: whoever may not know sees that a gate is closed and since when,
wherever he looks and also in the past; not why, until when or by whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.app.draw import Drawing
from fourleaf.app.rooms import rooms
from fourleaf.engines.world.facts import Closed
from fourleaf.kernel.fact import Fact
from fourleaf.postgres import log, tail
from tests.app.sign_in.fair import Browser
from tests.app.sign_in.house import NUMBERS, POSTS, House, after_all, slowly

pytestmark = pytest.mark.postgres
GUESTS = "protected:guests"
UNTIL = "2099-11-05T02:07:00Z"
posts = st.sets(st.sampled_from(POSTS), min_size=1, max_size=2).map(sorted)


async def _closed(house: House, gate: str, protected: str) -> tuple[Browser, str]:
    """A gate that the director closes with a reason of its own. Gives him, and his id."""
    director, run = await house.browser(["office-director"]), house.fair.run
    await house.fair.declare("gate", gate, name={"zh": gate, "en": gate})
    answer = director.client.post(
        f"/r/{run}/world/closures",
        json={
            "request_id": gate,
            "thing": gate,
            "reason": {"zh": f"缘由{gate}", "en": f"needle{gate}"},
            "until": UNTIL,
            "protected": protected,
        },
        headers={"x-csrf-token": director.csrf("/account")},
    )
    assert answer.status_code == 200, answer.text
    return director, (await house.principal(director)).id


async def _draw(house: House, drawing: Drawing) -> datetime:
    """A round of the worker, after all that was drawn. Gives its instant."""
    site = house.fair.site
    async with site.connection() as connection:
        while (await tail.step(connection, rooms().kinds, house.fair.run, rooms().tailed))[0]:
            pass
        position = await tail.position(connection)
        at = await after_all(connection, await site.now())
        await drawing.draw(connection, [], (), now=at, wall_s=0, position=position, everything=True)
    return at


async def _facts(house: House, gate: str) -> list[Fact]:
    async with house.fair.site.connection() as connection:
        return list(await log.stream(connection, rooms().kinds, house.fair.run, f"thing:{gate}"))


def _looks(browser: Browser, run: str, span: dict[str, str]) -> dict[str, str]:
    """Wherever a closure is told of: now, then, from then to now, as marks, on the desk, and by a search."""
    said = {"at": {"at": span["to"]}, "changes.json": span | {"every_s": "1"}, "marks.json": span}
    asked: dict[str, tuple[str, dict[str, str]]] = {
        "now": ("picture.json", {}),
        "then": ("picture.json", said["at"]),
        "changes": ("changes.json", said["changes.json"]),
        "marks": ("marks.json", said["marks.json"]),
        "desk": ("desk/closures", {}),
        "english": ("desk/closures", {"lang": "en"}),
        "search": ("desk/search", {"q": "needle"}),
        "wall": ("wall", {}),
    }
    return {key: browser.client.get(f"/r/{run}/{path}", params=query).text for key, (path, query) in asked.items()}


@slowly
@given(held=posts, protected=st.sampled_from(["", GUESTS]))
async def test_of_a_protected_closure_everybody_else_sees_the_effect_alone_wherever_he_looks(
    house: House, held: Sequence[str], protected: str
) -> None:
    gate, run, drawing = f"g{next(NUMBERS)}", house.fair.run, Drawing(rooms())
    start = await _draw(house, drawing)
    director, who = await _closed(house, gate, protected)
    span = {"from": start.isoformat(), "to": (await _draw(house, drawing)).isoformat()}
    browser = await house.browser(held)
    labels = set((await house.principal(browser)).labels)

    looks = _looks(browser, run, span)
    things: dict[str, dict[str, Any]] = {
        one["layer"]: one["props"]
        for one in browser.json(f"/r/{run}/picture.json").json()["things"]
        if one["thing"] == f"closure:{gate}"
    }
    facts = await _facts(house, gate)

    sees, knows = "office" in labels, "office" in labels and (not protected or protected in labels)
    effect = [key for key in ("now", "then", "changes", "marks", "desk") if gate in looks[key]]
    assert effect == (["now", "then", "changes", "marks", "desk"] if sees else [])
    told = {key for key, text in looks.items() if f"needle{gate}" in text or f"缘由{gate}" in text}
    assert told == (
        {"now", "then", "changes", "desk", "english"} | (set() if protected else {"marks"}) if knows else set()
    )
    assert knows or who not in "".join(looks.values())
    assert ("since" in things.get("attention", {})) == sees
    assert [one["until"] for one in things.values() if one["until"]] == [UNTIL] * knows
    assert [one.labels for one in facts] == [(protected or "office",)]
    director.client.post(
        f"/r/{run}/world/closures/{gate}/reopen",
        json={"request_id": f"{gate}-open"},
        headers={"x-csrf-token": director.csrf("/account")},
    )
    assert len(await _facts(house, gate)) == 2


async def test_who_may_not_know_the_reason_does_not_reopen_it_and_cannot_keep_one_for_others(house: House) -> None:
    gate, run = f"g{next(NUMBERS)}", house.fair.run
    await _closed(house, gate, GUESTS)
    officer = await house.browser(["duty-officer"])
    token = officer.csrf("/account")

    def ask(path: str, **body: Any) -> Any:
        return officer.client.post(f"/r/{run}{path}", json=body, headers={"x-csrf-token": token})

    reopened = ask(f"/world/closures/{gate}/reopen", request_id="a")
    by_form = officer.post(f"/r/{run}/desk/closures/{gate}/reopen", "/account", nonce="n")
    said = {"reason": {"zh": "a", "en": "a"}, "thing": gate, "protected": GUESTS}
    kept = ask("/world/closures", request_id="b", **said)
    page = officer.get(f"/r/{run}/desk/closures?lang=en").text

    assert (reopened.status_code, reopened.json()["code"]) == (422, "world.closed-for-protection")
    assert by_form.status_code == 422
    assert kept.status_code == 422
    assert "The reason is not told" in page and 'name="protected"' not in page
    assert f"closures/{gate}/reopen" not in page
    assert len(await _facts(house, gate)) == 1


async def test_the_desk_offers_a_protected_closure_to_who_holds_the_label(house: House) -> None:
    gate, run = f"g{next(NUMBERS)}", house.fair.run
    await house.fair.declare("gate", gate, name={"zh": gate, "en": gate})
    director = await house.browser(["office-director"])
    at = f"/r/{run}/desk/closures"

    form = director.get(f"{at}?lang=en").text
    said = {"nonce": "n1", "thing": gate, "reason_zh": "贵宾", "reason_en": "", "until": "", "protected": GUESTS}
    done = director.post(at, "/account", **said)
    shown = director.get(f"{at}?lang=en").text

    (fact,) = await _facts(house, gate)
    assert f'<option value="{GUESTS}"' in form
    assert done.status_code == 303
    assert isinstance(fact.body, Closed) and (fact.body.protected, fact.labels) == (GUESTS, (GUESTS,))
    assert "贵宾" in shown and f"only {GUESTS}" in shown
