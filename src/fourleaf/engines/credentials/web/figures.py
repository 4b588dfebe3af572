# SPDX-License-Identifier: Apache-2.0
"""Figures over HTTP: how long each stage takes, what is open and how old, what is in use."""

from typing import Any

import msgspec
from litestar import get

from fourleaf.engines.credentials import figures as count
from fourleaf.engines.credentials import store
from fourleaf.engines.credentials.declares import FIGURES
from fourleaf.engines.credentials.web.parsing import AT
from fourleaf.kernel.figure import Figure
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import require


async def counted(site: Site) -> list[Figure]:
    now = await site.now()
    async with site.connection() as connection:
        waits, ages, issued = (
            await store.waits(connection),
            await store.ages(connection, now),
            await store.issued(connection),
        )
    return [*count.stage_times(waits, now), *count.open_by_age(ages, now), *count.by_category(issued, now)]


@get(f"{AT}/figures", tags=["credentials"])
async def figures(site: Site, principal: Principal) -> list[dict[str, Any]]:
    """Each with unit, scope, as-of and source."""
    require(principal, FIGURES)
    return [msgspec.to_builtins(one) for one in await counted(site)]


HANDLERS = (figures,)
