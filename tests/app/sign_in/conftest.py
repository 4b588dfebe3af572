# SPDX-License-Identifier: Apache-2.0
"""A fair of one's own for each test of sign-in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fourleaf.app.settings import Settings
from fourleaf.postgres.pool import Connection, Pools
from tests.app.sign_in.fair import Fair
from tests.app.sign_in.house import ROLES, House


@pytest.fixture
async def fair(dsn: str, connection: Connection, run_name: str, tmp_path: Path, vault_key: Path) -> AsyncIterator[Fair]:
    settings = Settings(database_url=dsn, data=tmp_path, sign_in="required", vault_key=vault_key)
    async with Fair(settings, connection, run_name) as opened:
        yield opened


@pytest.fixture
async def house(fair: Fair, dsn: str) -> AsyncIterator[House]:
    for name, role in ROLES.items():
        wanted = {key: role.get(key, False) for key in ("in_group", "card")}
        await fair.declare(
            "role", f"{name}", name=role["name"], labels=role["labels"], may=role["may"], totp=False, **wanted
        )
    await fair.declare("role", "nobody", name={"zh": "n", "en": "n"}, labels=["public"], may=[])
    await fair.declare("level", "L1", ordinal=0)
    pools = Pools(dsn)
    yield House(fair, pools)
    await pools.close()
