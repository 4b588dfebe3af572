# SPDX-License-Identifier: Apache-2.0
"""Any instant of an edition on the map, from as many pictures as six days leave behind."""

from datetime import timedelta
from time import monotonic

from bench import crowd
from bench.ground import Ground
from bench.result import Measured, middle, percentile
from fourleaf.postgres import pictures
from fourleaf.postgres.pool import Connection, connect

# At most one picture of a gate for each of 1.7 million passages; seven figures every two seconds; 17 halls a minute.
FULL = {"gate": (20, 85_000), "figure": (7, 91_800), "hall": (17, 3_240)}
BAR_S = 2.0

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
        for number in range(ground.size(60, 4)):
            floor.append(await _now(connection))
            at = crowd.OPENS + timedelta(days=crowd.DAYS) * ((number * 0.618) % 1.0)
            began = monotonic()
            shown.append(len(await pictures.instant(connection, at, ["office"])))
            took.append(monotonic() - began)
    assert min(shown) == sum(things for things, _ in FULL.values())
    return [
        Measured(
            bench="instant",
            what="any instant of an edition on the map, p99",
            unit="s",
            better="low",
            value=percentile(took, 0.99),
            floor=middle(floor),
            floor_is="what is shown now, by its own small index",
            bar=BAR_S,
            limited_by="the range index: the more often a thing changes, the more pages it reads",
            detail={"pictures": rows, "p50_s": middle(took), "things": shown[0]},
        )
    ]


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
