# SPDX-License-Identifier: Apache-2.0
"""Load: an edition pack into a run, only what differs from the last load."""

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fourleaf.app import packs
from fourleaf.app.devices import devices_of
from fourleaf.app.rooms import rooms
from fourleaf.app.settings import Settings
from fourleaf.engines.sensing import actions as sensing
from fourleaf.engines.world import actions as world
from fourleaf.engines.world import store as world_store
from fourleaf.kernel.clock import RunClock
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Change
from fourleaf.kernel.fold import differences as row_differences
from fourleaf.pack import Edition
from fourleaf.pack.declared import Declaration, fold, stream_of
from fourleaf.pack.edition import Contents
from fourleaf.pack.facts import Declared, Withdrawn
from fourleaf.pack.state import differences
from fourleaf.postgres import runs, venues
from fourleaf.postgres.append import Append
from fourleaf.postgres.journal import Journal
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import Connection, connect
from fourleaf.postgres.runs import Run
from fourleaf.vault import keys
from fourleaf.vault.master import Master

log = logging.getLogger("fourleaf.load")

ACTOR = "pack"
# Declared of each register when its first things are in it, with their hash.
CONTENTS = "register_contents"
# Imports commit at most so many rows at a time, so that no tail is held back.
FACTS_A_COMMIT = 1_000


def prepare(settings: Settings, folder: Path) -> str:
    """Migrate, check the pack, load it into the edition's live run. Gives the run.

    Nobody acts in any rehearsal at a start, so all of them stand still until somebody goes on with one.

    Raises: BadPack
    """
    edition = packs.checked(folder, settings.data)
    return asyncio.run(_prepare(settings, edition))


async def _prepare(settings: Settings, edition: Edition) -> str:
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        await migrate(connection)
        await runs.pause_rehearsals(connection)
        await keys.ready(connection, Master(settings.vault_file))
        if await runs.one(connection, edition.id) is None:
            now = datetime.now(UTC)
            clock = RunClock(edition_at=now, wall_at=now, speed=1.0)
            await create(connection, edition, edition.id, kind="live", clock=clock)
    await load(settings.database_url, edition.id, edition)
    return edition.id


async def create(
    connection: Connection,
    edition: Edition,
    run: str,
    *,
    kind: str,
    clock: RunClock,
    seed: int | None = None,
    sample_ppm: int = 1_000_000,
) -> None:
    """Make an empty run of an edition."""
    found = rooms()
    made = Run(
        run=run,
        edition=edition.id,
        kind=kind,
        state="loading",
        seed=seed,
        sample_ppm=sample_ppm,
        day=None if kind == "live" else clock.edition_at.date(),
        zone=edition.zone,
        created_at=datetime.now(UTC),
    )
    schema = "\n".join(
        (found.schema, found.kept_schema, *map(_day_partition, [day.date.isoformat() for day in edition.days]))
    )
    await runs.create(connection, made, cache_schema=schema, clock=clock, stamp=found.folds.stamp)


def _day_partition(day: str) -> str:
    """Readings are kept by day: a day is dropped whole when its time is over."""
    name = f"reading_{day.replace('-', '')}"
    return f"create table {name} partition of reading for values from ('{day} 00:00+08') to ('{day} 24:00+08');"


async def load(dsn: str, run: str, edition: Edition) -> int:
    """Append the pack's differences to a run. Gives how many there were."""
    async with connect(dsn, run) as connection:
        await venues.keep(connection, edition.venue.hash, edition.venue.to_json())
        beat = await runs.clock(connection, run)
        now = beat[0].edition_at if beat and beat[0].ends_at else datetime.now(UTC)
        journal = Journal(run, rooms().kinds, rooms().inline)
        rows = await _declared(connection)
        loaded = {key: row for key, row in rows.items() if key[0] == CONTENTS}
        # What stands in the registers is declared when it is there: a load that was stopped begins again where it stood.
        values = {(value.kind, value.key): value.value for value in edition.values}
        changed = await _declare(journal, connection, {k: r for k, r in rows.items() if k not in loaded}, values, now)
        changed += await take_contents(journal, connection, edition.contents, _hashes(loaded), now)
        changed += await sensing.take_over(journal, connection, devices_of(edition), actor=ACTOR, now=now)
        held = {(CONTENTS, one.of): {"hash": one.hash} for one in edition.contents}
        await _declare(journal, connection, loaded, held, now)
        await connection.execute(
            "update fourleaf.run set state = 'running' where run = %s and state = 'loading'", [run]
        )
        await connection.execute("select pg_notify('fourleaf_log', %s)", [run])
    return changed


Rows = dict[tuple[str, str], Declaration]


async def _declared(connection: Connection) -> Rows:
    cursor = await connection.execute("select kind, key_name, version, value from declared")
    return {
        (row[0], row[1]): Declaration(kind=row[0], key_name=row[1], version=row[2], value=row[3])
        for row in await cursor.fetchall()
    }


async def _declare(
    journal: Journal,
    connection: Connection,
    rows: Rows,
    values: Mapping[tuple[str, str], dict[str, Any]],
    now: datetime,
) -> int:
    """Append what differs between the rows of the last load and these values."""
    last = {key: row.value for key, row in rows.items() if row.value is not None}
    changed: Sequence[Declared | Withdrawn] = differences(last, values)
    for start in range(0, len(changed), FACTS_A_COMMIT):
        some = changed[start : start + FACTS_A_COMMIT]
        await journal.append(connection, _append(journal.run, some, rows, now))
    return len(changed)


def _hashes(rows: Rows) -> dict[str, str]:
    return {key: row.value["hash"] for (_, key), row in rows.items() if row.value is not None}


async def take_contents(
    journal: Journal, connection: Connection, contents: Sequence[Contents], loaded: Mapping[str, str], now: datetime
) -> int:
    """Put the first things of the registers into them. loaded: register -> hash of what the last load put there."""
    changed = 0
    for one in contents:
        if loaded.get(one.of) == one.hash:
            continue
        register = await world_store.register(connection, one.of)
        assert register is not None
        kept = await world.take_over(journal, connection, register, one.of, one.things, actor=ACTOR, now=now)
        changed += len(one.things) - len(kept)
        if kept:
            log.warning("register %s: %s things stay as the desk changed them: %s", one.of, len(kept), kept[:20])
    return changed


def _append(run: str, changed: Sequence[Declared | Withdrawn], rows: Rows, now: datetime) -> Append:
    facts, changes = list[Fact](), list[Change]()
    for body in changed:
        before = rows.get((body.kind, body.key), Declaration())
        fact = Fact(
            run=run,
            stream=stream_of(body.kind, body.key),
            version=before.version + 1,
            body=body,
            occurred_at=now,
            recorded_at=now,
            actor=ACTOR,
            labels=("public", "office"),
        )
        facts.append(fact)
        changes += row_differences([before] if before.version else [], [fold(before, fact)])
    return Append(facts=facts, changes=changes)


async def make_tokens(connection: Connection, run: str, edition: Edition, file: Path | None) -> None:
    """Make a token for every lane, hall door and pushed feed; only hashes are kept, and a plain copy for rehearsals alone."""
    lanes = {str(lane["id"]): secrets.token_urlsafe(32) for lane in edition.venue.features("lane")}
    doors = {str(door["id"]): secrets.token_urlsafe(32) for door in edition.venue.features("door")}
    devices = {f"lane:{name}": token for name, token in lanes.items()}
    devices |= {f"door:{name}": token for name, token in doors.items()}
    pushed = [one.key for one in edition.values if one.kind == "feed" and one.value["way"] == "push"]
    feeds = {name: secrets.token_urlsafe(32) for name in pushed}
    devices |= {f"feed:{name}": token for name, token in feeds.items()}
    await runs.set_tokens(connection, run, devices)
    if file:
        file.touch(mode=0o600)
        file.write_text(json.dumps({"lanes": lanes, "doors": doors, "feeds": feeds}), "utf-8")


def next_rehearsal(edition: str, existing: Sequence[str]) -> str:
    """The next free number: `ciie-7.r1`, `ciie-7.r2` …"""
    numbers = [int(run.rpartition(".r")[2]) for run in existing if run.startswith(f"{edition}.r")]
    return f"{edition}.r{max(numbers, default=0) + 1}"
