# SPDX-License-Identifier: Apache-2.0
"""Run by test_scaffold in a copy of the checkout: a new engine over HTTP on a real PostgreSQL. Prints what it answered."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from litestar.testing import AsyncTestClient

from fourleaf.app.rooms import rooms
from fourleaf.app.settings import Settings
from fourleaf.app.web import create_app
from fourleaf.kernel.clock import RunClock
from fourleaf.postgres import runs
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import connect

RUN = runs.Run(
    run="demo",
    edition="demo",
    kind="live",
    state="running",
    seed=None,
    sample_ppm=1_000_000,
    day=None,
    zone="Asia/Shanghai",
    created_at=datetime(2024, 11, 5, tzinfo=UTC),
)


async def answers(dsn: str, data: Path) -> list[object]:
    """Status and body of a small story: open, repeat, open again, finish twice, list."""
    async with connect(dsn) as connection:
        await migrate(connection)
        clock = RunClock(edition_at=RUN.created_at, wall_at=RUN.created_at, speed=1.0)
        await runs.create(connection, RUN, cache_schema=rooms().schema, clock=clock)
    story: list[tuple[str, dict[str, str]]] = [
        ("items", {"request_id": "r1", "item": "a"}),
        ("items", {"request_id": "r1", "item": "a"}),
        ("items", {"request_id": "r2", "item": "a"}),
        ("items/a/finish", {"request_id": "r3"}),
        ("items/a/finish", {"request_id": "r4"}),
        ("items", {"request_id": "r5", "item": "b"}),
    ]
    told: list[object] = []
    async with AsyncTestClient(create_app(Settings(database_url=dsn, data=data))) as client:
        for path, body in story:
            answer = await client.post(f"/r/demo/ferry/{path}", json=body)
            told.append([answer.status_code, answer.json().get("fact") or answer.json().get("code")])
        listed = await client.get("/r/demo/ferry/items")
        told.append([item["item"] for item in listed.json()])
    return told


if __name__ == "__main__":
    print(json.dumps(asyncio.run(answers(sys.argv[1], Path(sys.argv[2])))))
