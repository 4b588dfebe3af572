# SPDX-License-Identifier: Apache-2.0
"""Any instant of an edition on the map, from as many pictures as six days leave behind."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic

import httpx

from bench import crowd
from bench.ground import Ground
from bench.outside import web
from bench.result import Measured, middle, percentile
from fourleaf.kernel.clock import RunClock
from fourleaf.postgres import pictures, runs
from fourleaf.postgres.pool import Connection, connect

# At most one picture of a gate for each of 1.7 million passages; seven figures every two seconds; 17 halls a minute.
FULL = {"gate": (20, 85_000), "figure": (7, 91_800), "hall": (17, 3_240)}
BAR_S = 2.0
# What a player at 600 times asks for at once: six seconds of play in frames of a quarter of a second.
FRAMES, FRAME_S = 24, 150

_FILL = """
insert into picture_change (epoch, layer, thing, place, props, labels, stale_at, shown_from, shown_to, log_position)
select 1, %(layer)s, 't' || (n %% %(things)s::int), '',
  jsonb_build_object('entries_today', n, 'exits_today', n, 'per_minute', n %% 60, 'per_hour', n %% 3600,
    'last30', '[1,2,3,4,5,6]'::jsonb, 'closed', false, 'as_of', '2024-11-05T01:00:00Z', 'unit', 'person-time',
    'source', 'admission.Entered'),
  '{public,office}', null, %(opens)s::timestamptz + (n / %(things)s::int) * %(step)s::interval,
  case when n / %(things)s::int < %(states)s::int - 1
    then %(opens)s::timestamptz + (n / %(things)s::int + 1) * %(step)s::interval end, '1.1.1'
from generate_series(0, %(things)s::int * %(states)s::int - 1) as s(n)"""


async def measure(ground: Ground) -> list[Measured]:
    async with ground.run() as run, connect(ground.dsn, run) as connection:
        rows = await _fill(connection, ground)
        took, floor, shown = list[float](), list[float](), list[int]()
        instants = [crowd.OPENS + timedelta(days=crowd.DAYS) * ((no * 0.618) % 1.0) for no in range(ground.size(60, 4))]
        for at in instants:
            floor.append(await _now(connection))
            began = monotonic()
            shown.append(len(await pictures.instant(connection, at, ["office"])))
            took.append(monotonic() - began)
        await _end(connection, run)
        with web(ground) as port:
            asked, played, changes = _ask(f"http://127.0.0.1:{port}/r/{run}", instants)
    assert min(shown) == sum(things for things, _ in FULL.values())
    query = "the same query without the web server"
    return [
        _measured(
            "any instant of an edition on the map, p99",
            took,
            (middle(floor), "what is shown now, by its own small index"),
            "the range index: the more often a thing changes, the more pages it reads",
            {"pictures": rows, "p50_s": middle(took), "things": shown[0]},
        ),
        _measured(
            "any instant of an edition over HTTP, p99",
            asked,
            (middle(took), query),
            "the query, then JSON and compression in the web server",
            {"pictures": rows, "p50_s": middle(asked)},
        ),
        _measured(
            f"the next {FRAMES} frames of a play at 600 times over HTTP, p99",
            played,
            (middle(took), query),
            "finding the last change of each thing in each frame among all of an hour",
            {"pictures": rows, "p50_s": middle(played), "changes": changes},
        ),
    ]


def _measured(
    what: str, took: list[float], floor: tuple[float, str], limited_by: str, detail: Mapping[str, float]
) -> Measured:
    return Measured(
        bench="instant",
        what=what,
        unit="s",
        better="low",
        value=percentile(took, 0.99),
        floor=floor[0],
        floor_is=floor[1],
        bar=BAR_S,
        limited_by=limited_by,
        detail=dict(detail),
    )


async def _end(connection: Connection, run: str) -> None:
    """The edition is over: all of it is past."""
    over = RunClock(edition_at=crowd.OPENS + timedelta(days=crowd.DAYS + 1), wall_at=datetime.now(UTC), speed=0.0)
    await runs.beat(connection, run, over, reached=0.0, lag_s=0.0)


def _ask(run: str, instants: list[datetime]) -> tuple[list[float], list[float], int]:
    """Seconds of each instant, seconds of each stretch of play, and the most changes of one."""
    asked, played, most = list[float](), list[float](), 0
    with httpx.Client(timeout=30, trust_env=False) as client:
        for at in instants:
            began = monotonic()
            client.get(f"{run}/picture.json", params={"at": at.isoformat()}).raise_for_status()
            asked.append(monotonic() - began)
            span = {"from": at.isoformat(), "to": (at + timedelta(seconds=FRAMES * FRAME_S)).isoformat()}
            began = monotonic()
            answer = client.get(f"{run}/changes.json", params=span | {"every_s": str(FRAME_S)}).raise_for_status()
            played.append(monotonic() - began)
            most = max(most, len(answer.json()["changes"]))
    return asked, played, most


async def _now(connection: Connection) -> float:
    began = monotonic()
    await pictures.now(connection, ["office"])
    return monotonic() - began


async def _fill(connection: Connection, ground: Ground) -> int:
    rows = 0
    for layer, (things, full) in FULL.items():
        states = ground.size(full, 5)
        values = {"layer": layer, "things": things, "states": states, "opens": crowd.OPENS}
        await connection.execute(_FILL.encode(), values | {"step": timedelta(days=crowd.DAYS) / states})
        rows += things * states
    await connection.execute("vacuum analyze picture_change")
    return rows
