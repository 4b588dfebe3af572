# SPDX-License-Identifier: Apache-2.0
"""Feeds over HTTP: whoever owns one pushes its deliveries, and everybody who may sees how feeds stand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException

from fourleaf.engines.sensing.actions import feeds as actions
from fourleaf.engines.sensing.actions.feeds import Came
from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.rules.feed_tables import MOST_BYTES
from fourleaf.engines.sensing.store import feeds as store
from fourleaf.engines.sensing.store.feeds import Delivered, FeedView
from fourleaf.engines.sensing.web.devices import Asking, Mint
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import Refused, device, require, respond

FeedName = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]
# So many mistakes are told in the answer; the desk has more.
TOLD = 20
_AT = "/r/{run:str}/sensing/feeds"


class Wrong(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was refused. row: of the table, or of the list in JSON, from 1."""

    row: int
    column: str
    code: str
    value: str


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a delivery. Unit: accepted and duplicates in values, rows and refused in rows.

    verdict: taken, partly, or repeated when the same was taken before.
    """

    verdict: str
    rows: int
    accepted: int
    duplicates: int
    refused: int
    problems: list[Wrong]


class Value(msgspec.Struct, frozen=True, kw_only=True):
    thing: str
    quantity: str
    at: datetime
    value: float


class Stands(msgspec.Struct, frozen=True, kw_only=True):
    """A feed, how it stands, and its newest values. last_at: the time of the newest value."""

    feed: str
    name: dict[str, str]
    owner: dict[str, str]
    way: str
    interval_s: int
    late_after_s: int
    grant_until: str
    state: str
    reason: str
    since: datetime | None
    last_at: datetime | None
    values: list[Value]


@post(f"{_AT}/{{feed:str}}", status_code=200, tags=["feeds"], request_max_body_size=MOST_BYTES + 1)
async def push(site: Site, principal: Principal, feed: FeedName, request: Request[Any, Any, Any]) -> Took:
    """Take a delivery of the feed that the token belongs to: a CSV or JSON as the feed declares it, at most 4 MB."""
    if device(principal, "feed") != feed:
        raise NotFoundException(feed)
    declared = await _feed(site, feed)
    if declared.way != "push":
        raise Refused(Refusal("sensing.feed-not-pushed", {"feed": feed}), 409)
    came = Came(way="push", name=principal.id, body=await request.body(), format=declared.schema.format)
    return took(await actions.take_feed(site, feed, declared, came))


def took(done: Delivered) -> Took:
    """Raises: Refused when none of it could be used."""
    if done.verdict == "refused":
        raise Refused(Refusal("sensing.delivery-refused", {"code": done.code, "about": done.about}))
    return Took(
        verdict=done.verdict,
        rows=done.rows,
        accepted=done.kept,
        duplicates=done.doubled,
        refused=done.refused,
        problems=[Wrong(**one._asdict()) for one in done.problems[:TOLD]],
    )


async def _feed(site: Site, name: str) -> Feed:
    async with site.connection() as connection:
        found = await store.feed(connection, name)
    if found is None:
        raise NotFoundException(name)
    return found


@get(f"{_AT}.json", tags=["feeds"])
async def feeds_json(site: Site, principal: Principal) -> list[Stands]:
    """Every feed that one may see."""
    return [stands(key, view) for key, view in (await seen(site, principal)).items()]


async def seen(site: Site, principal: Principal) -> Mapping[str, FeedView]:
    """Feeds that somebody may see, by key."""
    now = await site.now()
    async with site.connection() as connection:
        views = await store.views(connection, None, now)
    return {key: view for key, view in views.items() if visible(view.declared.see, principal.labels)}


def stands(key: str, view: FeedView) -> Stands:
    feed, row = view.declared, view.row
    return Stands(
        feed=key,
        name=msgspec.structs.asdict(feed.name),
        owner=msgspec.structs.asdict(feed.owner),
        way=feed.way,
        interval_s=feed.interval_s,
        late_after_s=feed.late_after_s,
        grant_until=feed.grant.until.isoformat(),
        state=view.state,
        reason=row.reason,
        since=row.since,
        last_at=view.heard.last_at,
        values=[
            Value(thing=thing, quantity=quantity, at=at, value=value)
            for (thing, quantity), (at, value) in sorted(view.values.items())
        ],
    )


def may_send(principal: Principal, feed: Feed) -> bool:
    """The one check of everything that sends by hand or makes a token."""
    return "sensing.feed" in principal.permissions and visible(feed.send, principal.labels)


@post(f"{_AT}/{{feed:str}}/token", status_code=200, tags=["feeds"], needs_proof=True)
async def token(site: Site, principal: Principal, feed: FeedName, data: Asking, mint: Mint) -> Response[dict[str, Any]]:
    """Make a token for whoever pushes this feed. It is told this once; an earlier one works no more."""
    require(principal, "sensing.feed")
    declared = (await seen(site, principal)).get(feed)
    if declared is None or not may_send(principal, declared.declared):
        raise NotFoundException(feed)
    fresh = mint()
    answer = await actions.make_token(site, principal, data.request_id, feed, declared.declared, fresh)
    replayed = getattr(answer, "replayed", False)
    return respond(answer, lambda said: {**said, "token": None if replayed else fresh})


HANDLERS = (push, feeds_json, token)
