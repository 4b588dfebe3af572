# SPDX-License-Identifier: Apache-2.0
"""A filtered page of a register of a hundred thousand things, asked as a desk asks for it."""

from random import Random
from time import monotonic

import msgspec
from psycopg.types.json import Jsonb

from bench.ground import Ground
from bench.result import Measured, middle, percentile
from fourleaf.engines.world import store
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.rules.asking import asking
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.pool import Connection, connect

FULL = 100_000
BAR_MS = 150
HALLS, KINDS = 17, ("lift", "escalator", "walkway")
_FIELDS = (
    ("name", "text"),
    ("hall", "reference"),
    ("kind", "choice"),
    ("load", "integer"),
    ("since", "date"),
    ("maker", "text"),
)
REGISTER = msgspec.convert(
    {
        "name": {"zh": "电梯", "en": "Lifts"},
        "field": [
            {"key": key, "name": {"zh": key, "en": key}, "type": type_, "label": key == "name"}
            | ({"of": "hall"} if type_ == "reference" else {})
            | (
                {"choices": [{"key": one, "name": {"zh": one, "en": one}} for one in KINDS]}
                if type_ == "choice"
                else {}
            )
            for key, type_ in _FIELDS
        ],
    },
    Register,
)
# What a desk asks: every page in turn, each filter alone and together, each order, a word out of the middle.
QUERIES = (
    {"page": ["3"]},
    {"hall": ["5.1"]},
    {"hall": ["5.1"], "sort": ["-load"]},
    {"hall": ["5.1"], "kind": ["lift"], "load.min": ["900"], "sort": ["name"]},
    {"kind": ["lift"], "sort": ["since"]},
    {"load.min": ["1200"], "load.max": ["1300"]},
    {"q": ["梯 7123"]},
    {"q": ["工厂3"], "hall": ["5.1"], "sort": ["-since"]},
    {"maker": ["厂7"]},
    {"sort": ["load"]},
)


async def measure(ground: Ground) -> list[Measured]:
    async with ground.run() as run, connect(ground.dsn, run) as connection:
        size = ground.size(FULL, 50)
        await _fill(connection, size)
        took, floor, slowest = list[float](), list[float](), dict[str, float]()
        for _ in range(ground.size(20, 1)):
            floor.append(await _count(connection))
            for query in QUERIES:
                asked = asking(query, "bench", REGISTER, "Asia/Shanghai")
                assert not isinstance(asked, Refusal)
                began = monotonic()
                await store.page(connection, asked, REGISTER)
                took.append((monotonic() - began) * 1000)
                name = "&".join(f"{key}={value[0]}" for key, value in query.items())
                slowest[name] = max(slowest.get(name, 0), took[-1])
    worst = max(slowest, key=lambda name: slowest[name])
    return [
        Measured(
            bench="register_page",
            what=f"a filtered page of a register of {size:,} things, p95",
            unit="ms",
            better="low",
            value=percentile(took, 0.95),
            floor=middle(floor),
            floor_is="counting the things of the register by its index",
            bar=BAR_MS,
            limited_by=f"reading what each thing says where no index helps: {worst}",
            detail={"p50_ms": middle(took), "worst_ms": slowest[worst], "queries": len(QUERIES)},
        )
    ]


async def _count(connection: Connection) -> float:
    began = monotonic()
    await store.counts(connection)
    return (monotonic() - began) * 1000


async def _fill(connection: Connection, size: int) -> None:
    rng = Random(7)
    columns = "thing, version, register, item, present, words, claims, fields, changed_at"
    async with connection.cursor() as cursor, cursor.copy(f"copy world_item ({columns}) from stdin".encode()) as copy:
        for number in range(size):
            fields = {
                "name": f"{number}号梯 {rng.randrange(10**6)}",
                "hall": f"{rng.randrange(HALLS) // 2 + 1}.{rng.randrange(2) + 1}",
                "kind": KINDS[rng.randrange(3)],
                "load": rng.randrange(100, 5000),
                "since": f"20{rng.randrange(10, 25)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}",
                "maker": f"第{rng.randrange(40)}工厂{rng.randrange(40)}",
                "tags": [f"标签{rng.randrange(9)}", "年检合格"],
                "place": {"level": "L1", "lon": f"121.{rng.randrange(10**6)}", "lat": f"31.{rng.randrange(10**6)}"},
            }
            words = f"i{number:06} {fields['name']} {fields['hall']} {fields['kind']} {fields['since']} {fields['maker']} 年检合格"
            await copy.write_row(
                [
                    f"bench.I{number:06}",
                    1,
                    "bench",
                    f"I{number:06}",
                    True,
                    words,
                    [],
                    Jsonb(fields),
                    "2024-11-05T01:00Z",
                ]
            )
    await connection.execute("vacuum analyze world_item")
