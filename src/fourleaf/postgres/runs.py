# SPDX-License-Identifier: Apache-2.0
"""Runs: an edition at work or a rehearsal of it. Each has its own partition, schema, clock and tokens."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from importlib.resources import files
from typing import Any

import msgspec
from psycopg import sql

from fourleaf.kernel.clock import Backlog, RunClock
from fourleaf.postgres.pool import Connection


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Unit: sample_ppm is the share of the population in parts per million."""

    run: str
    edition: str
    kind: str
    state: str
    seed: int | None
    sample_ppm: int
    day: date | None
    zone: str
    created_at: datetime


# When the day of %(now)s began where the edition is held: what is "today" in a query of a run.
DAY_BEGAN = "(select date_trunc('day', %(now)s::timestamptz, zone) from fourleaf.run where run = current_schema())"
_FIELDS = "run, edition, kind, state, seed, sample_ppm, day, zone, created_at"


async def create(
    connection: Connection, run: Run, *, cache_schema: str, clock: RunClock | None = None, stamp: str = ""
) -> None:
    """Make the run's partition and schema. cache_schema: the SQL of every engine's tables; stamp: its release.

    clock: stands still until a worker takes the run up.
    """
    name, partition = sql.Identifier(run.run), sql.Identifier("fourleaf", f"log {run.run}")
    async with connection.transaction():
        await connection.execute(
            "insert into fourleaf.run (run, edition, kind, state, seed, sample_ppm, day, zone, tables)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [run.run, run.edition, run.kind, run.state, run.seed, run.sample_ppm, run.day, run.zone, stamp],
        )
        # Made aside and attached: CREATE ... PARTITION OF would lock the log against everybody.
        await connection.execute(sql.SQL("create table {} (like fourleaf.log including all)").format(partition))
        await connection.execute(
            sql.SQL("alter table {} add constraint one_run check (run = {})").format(partition, sql.Literal(run.run))
        )
        await connection.execute(
            sql.SQL("alter table fourleaf.log attach partition {} for values in ({})").format(
                partition, sql.Literal(run.run)
            )
        )
        await connection.execute(sql.SQL("create schema {}").format(name))
        await connection.execute(sql.SQL("set local search_path to {}, fourleaf").format(name))
        await connection.execute(files("fourleaf.postgres").joinpath("run.sql").read_bytes())
        await connection.execute(cache_schema.encode())
        if clock:
            await connection.execute(
                "insert into fourleaf.run_clock (run, edition_at, wall_at, speed, wanted, ends_at)"
                " values (%s, %s, %s, 0, %s, %s)",
                [run.run, clock.edition_at, clock.wall_at, clock.speed, clock.ends_at],
            )


async def drop(connection: Connection, run: str) -> None:
    """Remove the run and everything it made. Waits for who reads the log; nobody waits for it. What broke off is dropped again.

    Raises: LockNotAvailable when somebody reads on for longer than `DETACH_WITHIN`.
    """
    await _detach(connection, run)
    async with connection.transaction():
        await connection.execute("set local lock_timeout = '10s'")
        await connection.execute(sql.SQL("drop table if exists {}").format(sql.Identifier("fourleaf", f"log {run}")))
        for schema in (run, fresh_schema(run)):
            await connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
        await connection.execute("delete from fourleaf.run where run = %s", [run])


# Backups and checks read the log this long and longer.
DETACH_WITHIN = "60s"


async def _detach(connection: Connection, run: str) -> None:
    """Take the partition from the log. To drop it as it hangs there would lock the log of all runs behind its slowest reader.

    PostgreSQL leaves one at a time half taken: another drop's that broke off is finished first.
    """
    cursor = await connection.execute(
        "select c.relname, i.inhdetachpending from pg_inherits i join pg_class c on c.oid = i.inhrelid"
        " where i.inhparent = 'fourleaf.log'::regclass and (c.relname = %s or i.inhdetachpending) order by 2 desc",
        [f"log {run}"],
    )
    await connection.execute(sql.SQL("set lock_timeout = {}").format(DETACH_WITHIN))
    try:
        for partition, pending in await cursor.fetchall():
            named, way = sql.Identifier("fourleaf", partition), sql.SQL("finalize" if pending else "concurrently")
            await connection.execute(sql.SQL("alter table fourleaf.log detach partition {} {}").format(named, way))
    finally:
        await connection.execute("reset lock_timeout")


def fresh_schema(run: str) -> str:
    """Where a rebuild fills the run's tables."""
    return f"{run}~new"


async def listed(connection: Connection) -> list[Run]:
    """Newest first."""
    cursor = await connection.execute(f"select {_FIELDS} from fourleaf.run order by created_at desc")
    return [_run(row) for row in await cursor.fetchall()]


async def one(connection: Connection, run: str) -> Run | None:
    row = await (await connection.execute(f"select {_FIELDS} from fourleaf.run where run = %s", [run])).fetchone()
    return _run(row) if row else None


def _run(row: Sequence[Any]) -> Run:
    return Run(**dict(zip(_FIELDS.split(", "), row, strict=True)))


async def outdated(connection: Connection, stamp: str) -> list[str]:
    """Loaded runs whose tables another release made."""
    cursor = await connection.execute(
        "select run from fourleaf.run where tables <> %s and state <> 'loading' order by run", [stamp]
    )
    return [row[0] for row in await cursor.fetchall()]


async def set_state(connection: Connection, run: str, state: str) -> None:
    await connection.execute("update fourleaf.run set state = %s where run = %s", [state, run])


async def pause_rehearsals(connection: Connection) -> None:
    await connection.execute("update fourleaf.run set state = 'paused' where kind = 'rehearsal' and state = 'running'")


async def clock(connection: Connection, run: str) -> tuple[RunClock, float] | None:
    """The run's clock and the speed that was asked for; None for a live run."""
    cursor = await connection.execute(
        "select edition_at, wall_at, speed, ends_at, wanted from fourleaf.run_clock where run = %s", [run]
    )
    row = await cursor.fetchone()
    return (RunClock(edition_at=row[0], wall_at=row[1], speed=row[2], ends_at=row[3]), row[4]) if row else None


async def set_tokens(connection: Connection, run: str, tokens: Mapping[str, str]) -> None:
    """Keep only the hashes of the devices' tokens. Shape: device -> token."""
    await connection.execute(
        "insert into fourleaf.device_token (run, device, hash) select %s, d, h from unnest(%s::text[], %s::bytea[]) as t(d, h)"
        " on conflict (run, device) do update set hash = excluded.hash",
        [run, list(tokens), [token_hash(token) for token in tokens.values()]],
    )


async def device(connection: Connection, run: str, token: str) -> str | None:
    """The device this token belongs to in this run."""
    cursor = await connection.execute(
        "select device from fourleaf.device_token where run = %s and hash = %s", [run, token_hash(token)]
    )
    row = await cursor.fetchone()
    return row[0] if row else None


def token_hash(token: str) -> bytes:
    """Tokens are 256 random bits, so a plain hash is enough: there is nothing to guess."""
    return sha256(token.encode()).digest()


class Beat(msgspec.Struct, frozen=True, kw_only=True):
    """A run and its clock as the worker last told. Unit: lag_s in wall seconds, speeds in edition seconds a second.

    backlog: what the world outside of a rehearsal last told; None when nobody tells.
    """

    run: Run
    clock: RunClock | None
    wanted: float
    reached: float
    lag_s: float
    backlog: Backlog | None = None


async def beats(connection: Connection) -> list[Beat]:
    """Every run, newest first."""
    fields = ", ".join(f"r.{name}" for name in _FIELDS.split(", "))
    cursor = await connection.execute(
        f"select {fields}, c.edition_at, c.wall_at, c.speed, c.ends_at, c.wanted, c.reached, c.lag_s,"
        " c.waiting_s, c.told_at from fourleaf.run r"
        " left join fourleaf.run_clock c using (run) order by r.created_at desc"
    )
    return [_beat(row) for row in await cursor.fetchall()]


def _beat(row: Sequence[Any]) -> Beat:
    edition_at, wall_at, speed, ends_at, wanted, reached, lag_s = row[9:16]
    clock = None if wall_at is None else RunClock(edition_at=edition_at, wall_at=wall_at, speed=speed, ends_at=ends_at)
    return Beat(
        run=_run(row[:9]),
        clock=clock,
        wanted=wanted or 0.0,
        reached=reached or 0.0,
        lag_s=lag_s or 0.0,
        backlog=_backlog(*row[16:]),
    )


async def backlog(connection: Connection, run: str) -> Backlog | None:
    """What the world outside of the run last told of its backlog; None when nobody tells."""
    cursor = await connection.execute("select waiting_s, told_at from fourleaf.run_clock where run = %s", [run])
    row = await cursor.fetchone()
    return _backlog(*row) if row else None


def _backlog(waiting_s: float | None, told_at: datetime | None) -> Backlog | None:
    return None if waiting_s is None or told_at is None else Backlog(waiting_s=waiting_s, told_at=told_at)


async def tell_backlog(connection: Connection, run: str, waiting_s: float | None, told_at: datetime) -> None:
    await connection.execute(
        "update fourleaf.run_clock set waiting_s = %s, told_at = %s where run = %s", [waiting_s, told_at, run]
    )


async def beat(connection: Connection, run: str, clock: RunClock, *, reached: float, lag_s: float) -> None:
    """The worker's heartbeat: anchor the clock anew."""
    await connection.execute(
        "update fourleaf.run_clock set edition_at = %s, wall_at = %s, speed = %s, reached = %s, lag_s = %s where run = %s",
        [clock.edition_at, clock.wall_at, clock.speed, reached, lag_s, run],
    )


async def beat_still(connection: Connection, names: Sequence[str], wall_at: datetime) -> None:
    """The heartbeat of runs whose clocks stand still and whose tails have nothing to do."""
    await connection.execute(
        "update fourleaf.run_clock set wall_at = %s, reached = 0, lag_s = 0 where run = any(%s) and speed = 0",
        [wall_at, list(names)],
    )


# Held by the one worker of a run, or by its rebuild.
WORKER_LOCK = "hashtextextended('worker ' || %s, 0)"


async def claim(connection: Connection, run: str) -> bool:
    """Be the only worker of a run until `release` or the end of the connection. False: somebody else is."""
    row = await (await connection.execute(f"select pg_try_advisory_lock({WORKER_LOCK})", [run])).fetchone()
    return row is not None and bool(row[0])


async def release(connection: Connection, run: str) -> None:
    await connection.execute(f"select pg_advisory_unlock({WORKER_LOCK})", [run])
