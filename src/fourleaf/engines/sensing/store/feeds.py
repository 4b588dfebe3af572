# SPDX-License-Identifier: Apache-2.0
"""Feeds: named queries over feeds, what they delivered and what is known of it."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, LiteralString

import msgspec
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.facts import FeedState
from fourleaf.engines.sensing.picture.feeds import ThingNow
from fourleaf.engines.sensing.rules.feed_reading import Finding, Last, Newest, Problem, Valued, newest
from fourleaf.engines.sensing.rules.feed_standing import Heard
from fourleaf.engines.sensing.rules.intake import Measured, Sifted
from fourleaf.engines.sensing.state.feeds import FeedNow
from fourleaf.engines.sensing.store import intake
from fourleaf.postgres.pool import Connection

# So many deliveries of each feed are remembered.
REMEMBERED = 500
_INBOX: LiteralString = (
    "select counter, etag, modified, failures, due_at <= clock_timestamp() as is_due,"
    " (select max(id) from feed_delivery d where d.feed = h.feed) as delivery from feed_heard h where feed = %s"
)


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """What a way needs to know of a feed before it takes something in. due_at: wall time; delivery: the last one."""

    counter: int = 0
    delivery: int | None = None
    etag: str = ""
    modified: str = ""
    failures: int = 0
    is_due: bool = True


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery and what became of it. Unit: kept and doubled in values, refused in rows."""

    feed: str
    way: str
    name: str
    received_at: datetime
    digest: bytes = b""
    bytes: int = 0
    rows: int = 0
    kept: int = 0
    doubled: int = 0
    refused: int = 0
    verdict: str = "refused"
    code: str = ""
    about: str = ""
    findings: Sequence[Finding] = ()
    problems: Sequence[Problem] = ()


class FeedView(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as it is shown. values: (thing, quantity) -> when, and what."""

    declared: Feed
    row: FeedNow
    heard: Heard
    values: Mapping[tuple[str, str], tuple[datetime, float]]

    @property
    def state(self) -> FeedState:
        """How it stands. That a feed came for the first time is no news, and no fact."""
        came = self.row.state == "awaited" and self.heard.last_at is not None
        return "fresh" if came else self.row.state


async def feeds(connection: Connection) -> dict[str, Feed]:
    """What the pack declares of feeds now, by key."""
    cursor = await connection.execute(
        "select key_name, value from declared where kind = 'feed' and value is not null order by key_name"
    )
    return {key: msgspec.convert(value, Feed, strict=False) for key, value in await cursor.fetchall()}


async def feed(connection: Connection, name: str) -> Feed | None:
    cursor = await connection.execute(
        "select value from declared where kind = 'feed' and key_name = %s and value is not null", [name]
    )
    row = await cursor.fetchone()
    return msgspec.convert(row[0], Feed, strict=False) if row else None


async def feed_now(connection: Connection, name: str) -> FeedNow:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from sensing_feed where feed = %s", [name])
        row = await cursor.fetchone()
    return msgspec.convert(row, FeedNow) if row else FeedNow(feed=name)


async def start(connection: Connection, name: str, now: datetime) -> None:
    """We listen from now on, if we did not before."""
    await connection.execute("insert into feed_heard (feed, since) values (%s, %s) on conflict do nothing", [name, now])


async def lock_inbox(connection: Connection, name: str, now: datetime) -> Inbox:
    """What is known of a feed, and nobody else takes something of it in until this transaction ends."""
    await start(connection, name, now)
    return await _inbox(connection, name, f"{_INBOX} for update")


async def inbox(connection: Connection, name: str) -> Inbox:
    return await _inbox(connection, name, _INBOX)


async def _inbox(connection: Connection, name: str, query: LiteralString) -> Inbox:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, [name])
        row = await cursor.fetchone()
    return msgspec.convert(row, Inbox) if row else Inbox()


async def put_due(
    connection: Connection, name: str, *, after_s: float, failures: int, etag: str = "", modified: str = ""
) -> None:
    """When the next pull is due, by the wall clock."""
    await connection.execute(
        "update feed_heard set due_at = clock_timestamp() + make_interval(secs => %s), failures = %s,"
        " etag = %s, modified = %s where feed = %s",
        [after_s, failures, etag, modified, name],
    )


async def clear_failure(connection: Connection, name: str, codes: Collection[str]) -> None:
    """The way brings something again, though nothing new."""
    await connection.execute(
        "update feed_heard set failed = '', about = '' where feed = %s and failed = any(%s)", [name, list(codes)]
    )


async def was_taken(connection: Connection, name: str, digest: bytes) -> bool:
    cursor = await connection.execute(
        "select 1 from feed_delivery where feed = %s and digest = %s and verdict in ('taken', 'partly')", [name, digest]
    )
    return await cursor.fetchone() is not None


async def last_values(connection: Connection, name: str) -> Last:
    cursor = await connection.execute(
        "select thing, quantity, at, value, same_since from feed_value where feed = %s", [name]
    )
    return {(row[0], row[1]): Newest(*row[2:]) for row in await cursor.fetchall()}


async def keep_values(
    connection: Connection, name: str, zone: str, values: Sequence[Valued], last: Last, received: datetime
) -> tuple[int, int]:
    """Keep what a feed delivered. Gives how many were new, and how many had been told before."""
    measured = await asyncio.to_thread(
        lambda: [
            Measured(f"feed:{name}", v.thing, v.at, int(v.at.timestamp()), received, {v.quantity: v.value})
            for v in values
        ]
    )
    kept = await intake.keep(connection, zone, Sifted(measured=measured))
    await _put_newest(connection, name, await asyncio.to_thread(newest, values, last))
    return kept.kept, kept.doubled


async def _put_newest(connection: Connection, name: str, found: Last) -> None:
    if not found:
        return
    rows = [(*key, *newest) for key, newest in found.items()]
    await connection.execute(
        "insert into feed_value as v (feed, thing, quantity, at, value, same_since)"
        " select %s, g.* from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::float8[], %s::timestamptz[]) as g"
        " order by 2, 3 on conflict (feed, thing, quantity) do update"
        " set at = excluded.at, value = excluded.value, same_since = excluded.same_since",
        [name, *map(list, zip(*rows, strict=True))],
    )


async def note_heard(
    connection: Connection,
    name: str,
    *,
    now: datetime,
    newest: datetime | None,
    failed: str,
    about: str,
    findings: Sequence[Finding],
    counter: int | None = None,
) -> None:
    """Remember what came of a delivery."""
    await connection.execute(
        "update feed_heard set tried_at = %s, last_at = greatest(last_at, %s), failed = %s, about = %s, findings = %s,"
        " counter = coalesce(%s, counter) where feed = %s",
        [now, newest, failed, about[:200], Jsonb([list(one) for one in findings]), counter, name],
    )


async def put_delivery(connection: Connection, one: Delivered) -> None:
    """Remember a delivery; the oldest are forgotten."""
    lists = {key: Jsonb([list(each) for each in getattr(one, key)]) for key in ("findings", "problems")}
    said = msgspec.structs.asdict(one) | lists | {"name": one.name[:200], "about": one.about[:200]}
    await connection.execute(
        "insert into feed_delivery (feed, way, name, received_at, digest, bytes, rows, kept, doubled, refused, verdict,"
        " code, about, findings, problems) values (%(feed)s, %(way)s, %(name)s, %(received_at)s, %(digest)s, %(bytes)s,"
        " %(rows)s, %(kept)s, %(doubled)s, %(refused)s, %(verdict)s, %(code)s, %(about)s, %(findings)s, %(problems)s)",
        said,
    )
    await connection.execute(
        "delete from feed_delivery where feed = %s and id <= (select id from feed_delivery where feed = %s"
        " order by id desc offset %s limit 1)",
        [one.feed, one.feed, REMEMBERED],
    )


async def deliveries(connection: Connection, name: str, most: int) -> list[Delivered]:
    """The last deliveries of a feed, newest first."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from feed_delivery where feed = %s order by id desc limit %s", [name, most])
        rows = await cursor.fetchall()
    return [msgspec.convert(row, Delivered) for row in rows]


async def last_deliveries(connection: Connection) -> dict[str, Delivered]:
    """The last delivery of each feed, without what was wrong with its rows."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select distinct on (feed) * from feed_delivery order by feed, id desc")
        rows = await cursor.fetchall()
    return {row["feed"]: msgspec.convert({**row, "problems": []}, Delivered) for row in rows}


async def views(connection: Connection, names: Collection[str] | None, now: datetime) -> dict[str, FeedView]:
    """Feeds as they are shown, by key; None: all of them."""
    declared = {key: one for key, one in (await feeds(connection)).items() if names is None or key in names}
    rows = await _by_feed(connection, "select * from sensing_feed where feed = any(%s)", declared)
    heard = await _by_feed(
        connection,
        "select feed, since, last_at, tried_at, failed, about, findings from feed_heard where feed = any(%s)",
        declared,
    )
    values = {key: await last_values(connection, key) for key in declared}
    return {
        key: FeedView(
            declared=one,
            row=msgspec.convert(rows[key], FeedNow) if key in rows else FeedNow(feed=key),
            heard=_heard(key, heard.get(key, {"feed": key, "since": now}), values[key]),
            values={spot: (found.at, found.value) for spot, found in values[key].items()},
        )
        for key, one in declared.items()
    }


async def things(connection: Connection, names: Collection[str] | None, now: datetime) -> dict[str, ThingNow]:
    """Things of feeds that stand on the map, as `feed/thing`."""
    found = dict[str, ThingNow]()
    for key, view in (await views(connection, None, now)).items():
        for thing in view.declared.things:
            if thing.at:
                values = {quantity: told for (of, quantity), told in view.values.items() if of == thing.key}
                found[f"{key}/{thing.key}"] = ThingNow(feed=key, declared=view.declared, thing=thing, values=values)
    return found


async def _by_feed(connection: Connection, query: LiteralString, names: Collection[str]) -> dict[str, Any]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, [list(names)])
        return {row["feed"]: row for row in await cursor.fetchall()}


def _heard(name: str, row: Mapping[str, Any], values: Last) -> Heard:
    things = dict[str, datetime]()
    for (thing, _), found in values.items():
        things[thing] = max(found.at, things.get(thing, found.at))
    since = {spot: found.same_since for spot, found in values.items()}
    return msgspec.convert({**row, "same_since": since, "things": things}, Heard)


async def forget_values(connection: Connection, name: str, *, drop: bool) -> int:
    """Nothing shows the values of a feed any more; drop: nor are they kept. Gives how many went."""
    await connection.execute("delete from feed_value where feed = %s", [name])
    if not drop:
        return 0
    await connection.execute("update feed_delivery set problems = '[]' where feed = %s", [name])
    return (await connection.execute("delete from measure where source = %s", [f"feed:{name}"])).rowcount


async def history(
    connection: Connection, name: str, quantity: str, since: datetime, most: int
) -> list[tuple[str, datetime, float]]:
    """What a feed told of one quantity since then, oldest first."""
    cursor = await connection.execute(
        "select thing, at, value from measure where source = %s and quantity = %s and at >= %s and day >= %s"
        " order by at, thing limit %s",
        [f"feed:{name}", quantity, since, (since - timedelta(days=1)).date(), most],
    )
    return [(thing, at, value) for thing, at, value in await cursor.fetchall()]
