# SPDX-License-Identifier: Apache-2.0
"""Feeds: take a delivery in, whatever way it came, and record how each feed stands. Nothing is decided here."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.facts import FeedTokenMade, SentByHand
from fourleaf.engines.sensing.rules import feed_standing
from fourleaf.engines.sensing.rules.feed_reading import Finding, Last, Read, read
from fourleaf.engines.sensing.rules.feed_signed import Opened, open_signed
from fourleaf.engines.sensing.rules.feed_tables import Broken, Delivery, Format, legible
from fourleaf.engines.sensing.state.feeds import FEEDS
from fourleaf.engines.sensing.store import feeds as store
from fourleaf.engines.sensing.store.feeds import Delivered, FeedView, Inbox
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import runs
from fourleaf.postgres.append import Answer, Request
from fourleaf.postgres.journal import Ruled, Site
from fourleaf.postgres.pool import Connection

ACTOR = "worker:sensing"
# What somebody else may have sent, who cannot put out a feed by that: it is suspicious, and the feed is not broken.
_FOREIGN = frozenset({"replayed", "bad-signature", "not-signed", "other-feed"})

# Why nothing came; over as soon as the way works again.
UNHEARD = ("unreachable", "timeout", "http-status", "redirected", "host-not-allowed", "private-address", "packed")


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery as its way brought it. name: of its file, its address, or who sent it. failed: why there is none."""

    way: str
    name: str
    body: bytes = b""
    format: Format = "csv"
    failed: Broken | None = None


async def look_feed(site: Site, name: str, feed: Feed, came: Came) -> Read:
    """What a delivery would come to. Nothing is written."""
    now = await site.now()
    async with site.connection() as connection:
        last = await store.last_values(connection, name)
    delivery = Delivery(body=came.body, format=came.format, received=now, by_hand=came.way == "hand")
    return await asyncio.to_thread(read, feed, delivery, zone=site.run.zone, last=last)


async def take_feed(site: Site, name: str, feed: Feed, came: Came) -> Delivered:
    """Take a delivery in, all in one transaction; what cannot be taken is remembered and never raises.

    The same delivery again is taken once. Raises: psycopg.Error when the database is away; then nothing was taken.
    """
    now, done = await site.now(), None
    while done is None:
        known = await _known(site, name, came)
        # Four megabytes take seconds to read: meanwhile this process answers others, and no transaction is open.
        judged = await asyncio.to_thread(_judged, name, feed, came, known, site.run.zone, now)
        async with site.connection() as connection, connection.transaction():
            inbox = await store.lock_inbox(connection, name, now)
            if inbox.delivery == known.inbox.delivery:  # else another one came meanwhile, and all is read again
                done = await _taken(site, connection, came, judged, known, now)
    await stand(site, name)
    return done


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a feed before a delivery is read. taken: whether this one was taken before."""

    feed: str
    digest: bytes
    inbox: Inbox
    taken: bool
    last: Last


class _Judged(msgspec.Struct, frozen=True):
    """What a delivery comes to. found: None where it could not be opened, or was taken before."""

    opened: "Opened | _Plain | Broken"
    found: Read | None = None


async def _known(site: Site, name: str, came: Came) -> _Known:
    digest = sha256(came.body).digest()
    async with site.connection() as connection:
        return _Known(
            feed=name,
            digest=digest,
            inbox=await store.inbox(connection, name),  # first: what changes after it shows in it
            taken=await store.was_taken(connection, name, digest),
            last=await store.last_values(connection, name),
        )


def _judged(name: str, feed: Feed, came: Came, known: _Known, zone: str, now: datetime) -> _Judged:
    opened = came.failed or _opened(name, feed, came, known.inbox)
    if isinstance(opened, Broken) or (came.way != "one-way" and known.taken):
        return _Judged(opened)
    delivery = Delivery(body=opened.body, format=opened.format, received=now, by_hand=came.way == "hand")
    return _Judged(opened, read(feed, delivery, zone=zone, last=known.last))


async def _taken(
    site: Site, connection: Connection, came: Came, judged: _Judged, known: _Known, now: datetime
) -> Delivered:
    """Write what a delivery comes to."""
    about = Delivered(
        feed=known.feed,
        way=came.way,
        name=legible(came.name, 200),
        received_at=now,
        digest=known.digest,
        bytes=len(came.body),
        verdict="repeated",
    )
    opened, found = judged.opened, judged.found
    if isinstance(opened, Broken):
        done = await _refused(connection, about, opened, now)
    elif found is None:  # whoever was not sure and sent again has told nothing new
        return about
    elif found.broken is not None:
        done = await _refused(connection, _counted(about, found), found.broken, now, _gap(opened), opened.counter)
    else:
        done = await _kept(site, connection, _counted(about, found), opened, found, known.last)
    await store.put_delivery(connection, done)
    return done


async def _kept(
    site: Site, connection: Connection, about: Delivered, opened: "Opened | _Plain", found: Read, last: Last
) -> Delivered:
    name, now = about.feed, about.received_at
    kept, doubled = await store.keep_values(connection, name, site.run.zone, found.values, last, now)
    findings = [*_gap(opened), *found.findings]
    await store.note_heard(
        connection, name, now=now, newest=found.newest, failed="", about="", findings=findings, counter=opened.counter
    )
    verdict = "partly" if found.refused else "taken"
    return msgspec.structs.replace(about, kept=kept, doubled=doubled, verdict=verdict, findings=findings)


class _Plain(msgspec.Struct, frozen=True):
    """What came unsigned."""

    body: bytes
    format: Format
    counter: int | None = None
    missing: int = 0


def _opened(name: str, feed: Feed, came: Came, inbox: Inbox) -> Opened | _Plain | Broken:
    if came.way != "one-way":
        return _Plain(came.body, came.format)
    return open_signed(name, feed, came.body, inbox.counter)


def _gap(opened: Opened | _Plain) -> Sequence[Finding]:
    """Signed files that never came before this one."""
    if not opened.missing or opened.counter is None:
        return ()
    first, last = opened.counter - opened.missing, opened.counter - 1
    return (Finding("gap", opened.missing, str(last) if first == last else f"{first}–{last}"),)


def _counted(about: Delivered, found: Read) -> Delivered:
    return msgspec.structs.replace(
        about, rows=found.rows, refused=found.refused, findings=found.findings, problems=found.problems
    )


async def _refused(
    connection: Connection,
    about: Delivered,
    why: Broken,
    now: datetime,
    gap: Sequence[Finding] = (),
    counter: int | None = None,
) -> Delivered:
    """Nothing of it is kept. What may be somebody else's doing does not break the feed."""
    foreign = why.code in _FOREIGN
    findings = (Finding(why.code, 1, why.about), *gap) if foreign else gap
    failed = ("", "") if foreign else (why.code, why.about)
    await store.note_heard(
        connection,
        about.feed,
        now=now,
        newest=None,
        failed=failed[0],
        about=failed[1],
        findings=findings,
        counter=counter,
    )
    return msgspec.structs.replace(about, verdict="refused", code=why.code, about=why.about, findings=findings)


async def nothing_new(site: Site, name: str) -> None:
    """The owner's server answers, and has nothing new."""
    async with site.connection() as connection:
        await store.clear_failure(connection, name, UNHEARD)
    await stand(site, name)


async def stand(site: Site, name: str) -> bool:
    """Record how one feed stands, if that is news."""
    now = await site.now()
    async with site.connection() as connection:
        view = (await store.views(connection, [name], now)).get(name)
    return view is not None and await _stand(site, view, now)


async def watch_feeds(site: Site) -> int:
    """Record every feed that fell, recovered, or whose grant is over. Gives how many did."""
    now = await site.now()
    async with site.connection() as connection:
        views = await store.views(connection, None, now)
        for name in views:
            await store.start(connection, name, now)
    return sum([await _stand(site, view, now) for view in views.values()])


async def _stand(site: Site, view: FeedView, now: datetime) -> bool:
    feed, row = view.declared, view.row
    found = feed_standing.standing(feed, view.heard, now, site.run.zone)
    dropped = 0
    if found.state == "ended" and row.state != "ended":
        async with site.connection() as connection, connection.transaction():
            dropped = await store.forget_values(connection, row.feed, drop=feed.grant.after == "drop")
    ended = feed_standing.ended(row, found, feed, dropped)
    body = ended or feed_standing.changed(row, found)
    if body is None:
        return False
    return await site.record(ACTOR, FEEDS, row.feed, row, body, occurred_at=now, labels=feed.see)


async def make_token(
    site: Site, principal: Principal, request_id: str, name: str, feed: Feed, token: str
) -> Answer | Refusal:
    """Let whoever has this token push the feed, and nobody who had an earlier one."""

    async def decide(connection: Connection, now: datetime) -> Ruled:
        if feed.way != "push":
            return await store.feed_now(connection, name), Refusal("sensing.feed-not-pushed", {"feed": name})
        await runs.set_tokens(connection, site.run.run, {f"feed:{name}": token})
        return await store.feed_now(connection, name), FeedTokenMade(feed=name)

    request = Request.of(principal.id, request_id, ["feed-token", name])
    return await site.decide(request, FEEDS, name, decide, labels=feed.see, lock=f"{FEEDS.prefix}:{name}")


async def sent_by_hand(site: Site, actor: str, name: str, feed: Feed, done: Delivered) -> None:
    """Record who sent a table by hand."""
    async with site.connection() as connection:
        row = await store.feed_now(connection, name)
    body = SentByHand(feed=name, rows=done.rows, kept=done.kept, refused=done.refused)
    await site.record(actor, FEEDS, name, row, body, labels=feed.see)
