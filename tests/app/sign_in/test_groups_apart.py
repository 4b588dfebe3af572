# SPDX-License-Identifier: Apache-2.0
"""Groups in the shipped pack are apart: what one of them keeps, no other changes, and who only looks on sees nothing of security's."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from fourleaf.app.guard import LOCAL
from fourleaf.engines.people import rules
from fourleaf.engines.people.state import Account, Role
from fourleaf.engines.sensing import actions as sensing
from fourleaf.engines.sensing.declares import DeviceType, Feed
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.engines.sensing.web.devices import may_keep
from fourleaf.engines.sensing.web.feeds import may_send
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.rules.asking import may_see, may_write
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.pack import Edition
from tests.app.sign_in.fair import AT, Browser, Fair

TYPES: dict[str, type] = {"register": Register, "device_type": DeviceType, "feed": Feed}
MAY: dict[str, Any] = {"register": may_write, "device_type": may_keep, "feed": may_send}
# Nobody but the desk and the groups that are named there reads where these are and what is wrong with them.
SECRET = {"camera", "counter-drone", "protected-site", "watch", "fire-point", "grid-cell", "electric-box", "standby"}
# Kept by the group alone: not even the desk writes to it.
ALONE = {"watch"}


def declared(edition: Edition) -> Iterator[tuple[str, str, str, Any]]:
    """Everything that somebody keeps: kind, key, group, and the declaration as its engine takes it."""
    for one in edition.values:
        if one.kind in TYPES:
            value: Any = msgspec.convert(one.value, TYPES[one.kind], strict=False)
            yield one.kind, one.key, value.group, value


def groups(edition: Edition) -> list[str]:
    return [one.key for one in edition.values if one.kind == "group"]


def roles(edition: Edition) -> dict[str, Role]:
    names = {field.name for field in msgspec.structs.fields(Role)}
    return {
        one.key: Role(role=one.key, **{key: value for key, value in one.value.items() if key in names})
        for one in edition.values
        if one.kind == "role"
    }


def holder(edition: Edition, post: str) -> Principal:
    """Somebody who holds one post of the shipped pack."""
    found = rules.standing(Account(account="ann", is_open=True, posts=[post]), roles(edition), rehearsal=False)
    assert found is not None
    return Principal(id="account:ann", labels=found.labels, permissions=found.permissions)


@pytest.mark.parametrize("role", ["group-member", "group-chief"])
def test_nobody_of_a_group_changes_what_another_group_keeps(edition: Edition, role: str) -> None:
    every = list(declared(edition))

    taken = [
        (group, kind, key)
        for group in groups(edition)
        for kind, key, owner, one in every
        if (owner != group) == MAY[kind](holder(edition, f"{role}@{group}"), one)
    ]

    assert len(groups(edition)) == 21
    assert taken == []  # everything of one's own, and nothing else


@pytest.mark.parametrize("post", ["office-director", "duty-officer", "local"])
def test_the_desk_keeps_what_all_groups_have(edition: Edition, post: str) -> None:
    somebody = LOCAL if post == "local" else holder(edition, post)

    assert [key for kind, key, _, one in declared(edition) if not MAY[kind](somebody, one)] == sorted(ALONE)


@pytest.mark.parametrize("post", ["observer", "wall-screen", "account-keeper", "field-worker@volunteers"])
def test_who_only_looks_on_changes_nothing_and_sees_nothing_of_what_is_for_few(edition: Edition, post: str) -> None:
    somebody = holder(edition, post)
    registers = {key: one for kind, key, _, one in declared(edition) if kind == "register"}

    assert [key for kind, key, _, one in declared(edition) if MAY[kind](somebody, one)] == []
    assert registers.keys() >= SECRET
    assert {key for key, one in registers.items() if may_see(somebody, one)} & SECRET == set()


def test_what_is_for_few_is_seen_by_no_group_that_is_not_named(edition: Edition) -> None:
    named = {"grid-cell": {"city-environment", "market-regulation"}, "electric-box": {"utilities"}}
    named["standby"] = {"utilities"}

    seen = {
        key: {group for group in groups(edition) if visible(one.see, holder(edition, f"group-member@{group}").labels)}
        for kind, key, _, one in declared(edition)
        if kind == "register" and key in SECRET
    }

    assert seen == {key: named.get(key, set()) | {"security"} for key in SECRET}


@pytest.mark.parametrize(
    ("by", "refused"),
    [("account-keeper", {"office-director", "duty-officer"}), ("office-director", set()), ("local", set())],
)
def test_nobody_gives_a_role_of_the_shipped_pack_that_sees_or_keeps_accounts_beyond_him(
    edition: Edition, by: str, refused: set[str]
) -> None:
    giver = LOCAL if by == "local" else holder(edition, by)
    giver = msgspec.structs.replace(giver, id="account:bob")

    told = {
        role.role
        for role in roles(edition).values()
        if isinstance(
            rules.give(
                Account(account="ann", is_open=True), role, "security" if role.in_group else "", ["security"], giver
            ),
            Refusal,
        )
    }

    assert told == refused


@pytest.fixture
async def shipped(fair: Fair, edition: Edition) -> Fair:
    """The fair with all that groups keep, and a device of every type."""
    for one in edition.values:
        if one.kind in ("role", *TYPES):
            await fair.declare(one.kind, one.key, **(one.value | ({"totp": False} if one.kind == "role" else {})))
    for group in groups(edition):
        if group not in ("security", "traffic"):
            await fair.declare("group", group, name={"zh": group, "en": group})
    listed = [
        DeviceListed(device=f"{one.of}:x1", device_type=key, thing="x1", name_zh="x", name_en="x", place={})
        for kind, key, _, one in declared(edition)
        if kind == "device_type"
    ]
    async with fair.site.connection() as connection:
        await sensing.take_over(fair.site.journal, connection, listed, actor="pack", now=AT)
    return fair


def writes(browser: Browser, run: str, kind: str, key: str, one: Any) -> list[int]:
    """What is answered to every way to change a thing."""
    token = browser.csrf("/account")

    def ask(path: str, body: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        asks = {"request_id": f"{key}-{path.rpartition('/')[2]}"}
        sent: dict[str, Any] = (
            {"json": asks | body} if body is not None else {"data": {"csrf": token, "nonce": "n"}} | more
        )
        head = {"x-csrf-token": token}
        return browser.client.post(f"/r/{run}{path}", headers=head, follow_redirects=False, **sent)

    asked = dict[str, Any]()
    match kind:
        case "register":
            at, desk = f"/world/registers/{key}", f"/desk/registers/{key}"
            thing, file = f"{at}/things/x1", {"files": {"file": ("a.csv", b"id\nx1\n")}}
            answers = [ask(f"{at}/things", asked | {"id": "x1", "values": {}}), ask(thing, asked | {"values": {}})]
            answers += [ask(f"{thing}/{what}", asked) for what in ("remove", "restore")]
            answers += [ask(f"{thing}/acts/lend", asked | {"count": 1}), ask(f"{desk}/things/x1/acts/lend")]
            answers += [ask(f"{thing}/undo", asked | {"version": 1}), ask(f"{at}/files?field=photo", **file)]
            answers += [ask(f"{desk}/{path}") for path in ("new", "things/x1", "things/x1/remove", "things/x1/undo")]
            answers += [ask(f"{desk}/imports", **file), ask(f"{desk}/imports/{'0' * 64}")]
            answers += [ask(f"{desk}/imports/{'0' * 64}/stream"), browser.get(f"/r/{run}{desk}/imports")]
        case "device_type":
            acts = {"code": asked, "revoke": asked | {"reason": "gone"}, "self-test": asked}
            answers = [ask(f"/sensing/devices/{one.of}:x1/{act}", body) for act, body in acts.items()]
            answers += [ask(f"/desk/devices/{one.of}:x1/{act}") for act in acts]
        case _:
            file = {"files": {"file": ("a.csv", b"at\n")}}
            answers = [ask(f"/sensing/feeds/{key}/token", asked), ask(f"/desk/feeds/{key}/token")]
            answers += [ask(f"/desk/feeds/{key}/imports", **file), ask(f"/desk/feeds/{key}/imports/{'0' * 64}")]
    return [answer.status_code for answer in answers]


async def _facts(fair: Fair) -> int:
    async with fair.site.connection() as connection:
        row = await (
            await connection.execute(
                "select count(*) from fourleaf.log where run = %s and kind !~ '^people'", [fair.run]
            )
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.postgres
@pytest.mark.parametrize(
    "post", ["group-member@volunteers", "group-chief@catering", "group-member@security", "observer", "wall-screen"]
)
async def test_by_no_way_does_anybody_change_what_is_not_his(shipped: Fair, edition: Edition, post: str) -> None:
    said = await shipped.open("ann", post)
    browser = shipped.browser()
    browser.sign_in("ann", said.password)
    before = await _facts(shipped)

    told = {
        (kind, key): writes(browser, shipped.run, kind, key, one)
        for kind, key, owner, one in declared(edition)
        if owner != post.partition("@")[2] or not owner
    }

    assert len(told) >= 30
    assert {one: found for one, found in told.items() if not set(found) <= {403, 404}} == {}
    assert await _facts(shipped) == before


@pytest.mark.postgres
async def test_a_group_keeps_its_own(shipped: Fair, edition: Edition) -> None:
    said = await shipped.open("ann", "group-member@security")
    browser = shipped.browser()
    browser.sign_in("ann", said.password)

    told = {
        (kind, key): writes(browser, shipped.run, kind, key, one)
        for kind, key, owner, one in declared(edition)
        if owner == "security"
    }

    assert {one: found for one, found in told.items() if 403 in found} == {}
    assert all(found[0] == 200 for (kind, _), found in told.items() if kind == "device_type")  # a code each
