# SPDX-License-Identifier: Apache-2.0
"""Health: whether each run can be trusted, for whoever watches the server from outside."""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from litestar import HttpMethod, MediaType, Request, Response, route
from psycopg.errors import UndefinedTable

from fourleaf.app import scrape
from fourleaf.postgres import broker, pictures, watches
from fourleaf.postgres.broker import BrokerSeen
from fourleaf.postgres.pictures import Freshness
from fourleaf.postgres.runs import Beat
from fourleaf.postgres.watches import Watched

# As in pages: the process's Office, whose type lives in web.py.
Office = Any

# From this share of things whose reports do not come any more the outside counts as silent.
SILENT_SHARE = 0.5


@route("/healthz", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def healthz(office: Office) -> Response[dict[str, Any]]:
    """200 when the database answers; whether all is well: of each run its worker, its watches, whether anybody reports; the broker."""
    await office.directory.refresh()
    fallen = {one.run for one in await _watches(office) if one.fallen_at}
    told = {beat.run.run: await _state(office, beat, fallen) for beat in office.directory.listed()}
    seen = await _broker(office)
    post = "none" if seen is None else "silent" if datetime.now(UTC) - seen.told_at > broker.SILENT_AFTER else "well"
    well = set(told.values()) <= {"well"} and post != "silent"
    return Response({"status": "well" if well else "unwell", "runs": told, "broker": post})


async def _broker(office: Office) -> BrokerSeen | None:
    """What the worker last saw of the broker; None where there is none."""
    if office.settings.nats_url is None:
        return None
    pool = await office.pools.of(None)
    async with pool.connection() as connection:
        return await broker.seen(connection)


async def _watches(office: Office) -> list[Watched]:
    pool = await office.pools.of(None)
    async with pool.connection() as connection:
        return await watches.seen(connection)


async def _state(office: Office, beat: Beat, fallen: Collection[str]) -> str:
    why: str | None = office.directory.why_unknown(beat)
    if why is not None:
        return why
    if beat.run.run in fallen:
        return "watch-fallen"
    return "sources-silent" if _silent(await _freshness(office, beat)) else "well"


async def _freshness(office: Office, beat: Beat) -> Mapping[str, Freshness]:
    """Nothing of a run that stands still: nobody is expected to report to it."""
    if beat.run.state != "running":
        return {}
    pool = await office.pools.of(beat.run.run)
    try:
        async with pool.connection() as connection:
            return await pictures.freshness(connection, office.directory.now(beat))
    except UndefinedTable:  # it is dropped or made at this moment; the others are told all the same
        return {}


def _silent(layers: Mapping[str, Freshness]) -> bool:
    fed, stale = sum(one.fed for one in layers.values()), sum(one.stale for one in layers.values())
    return fed > 0 and stale >= fed * SILENT_SHARE


@route("/metrics", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False, media_type=MediaType.TEXT)
async def metrics(office: Office, request: Request[Any, Any, Any]) -> str:
    """Prometheus text. Screens and failures are those of the process that answers."""
    scrape.check(request, office.watcher, unsigned=not office.settings.requires_sign_in)
    lines: list[str] = []
    process = os.getpid()
    for status, times in sorted(office.failures.items()):
        lines.append(f'fourleaf_failures_total{{process="{process}",status="{status}"}} {times}')
    lines += _of_broker(await _broker(office))
    lines += _of_watches(await _watches(office))
    screens = office.feeds.screens()
    for beat in office.directory.listed():
        lines += _of_run(beat, await _freshness(office, beat))
        lines.append(f'fourleaf_screens{{process="{process}",run="{beat.run.run}"}} {screens.get(beat.run.run, 0)}')
    return exposition(lines)


def exposition(lines: Iterable[str]) -> str:
    """The same lines as one group a metric, each below its help and type, as the text format asks."""
    groups: dict[str, list[str]] = {}
    for line in lines:
        groups.setdefault(re.split("[{ ]", line, maxsplit=1)[0].removeprefix("fourleaf_"), []).append(line)
    told = [
        [f"# HELP fourleaf_{name} {says}", f"# TYPE fourleaf_{name} {kind}", *groups.pop(name)]
        for name, (kind, says) in _KINDS.items()
        if name in groups
    ]
    assert not groups, f"metrics without a type: {sorted(groups)}"
    return "".join(f"{line}\n" for group in told for line in group)


# Shape: metric -> (type, help).
_KINDS = {
    "tail_lag_seconds": ("gauge", "How far what is drawn of a run is behind its log."),
    "speed": ("gauge", "Edition seconds that pass in a second, as reached."),
    "waiting_seconds": ("gauge", "How long the world outside of a rehearsal has waited to be answered."),
    "screens": ("gauge", "Screens that follow a run through this process."),
    "fed_things": ("gauge", "Things of a layer that somebody reports of."),
    "stale_things": ("gauge", "Those of them of which nobody has reported in time."),
    "failures_total": ("counter", "Answers of this process that say that it failed."),
    "watch_falls_total": ("counter", "How often a watch over a run has fallen."),
    "watch_fallen": ("gauge", "1 while a watch over a run has fallen."),
    "broker_connected": ("gauge", "1 while the intake hears the broker of the devices."),
    "broker_waiting": ("gauge", "Messages that were delivered and are not kept yet."),
    "broker_taken_total": ("counter", "Messages of devices by what became of them."),
}


def _of_broker(seen: BrokerSeen | None) -> Iterator[str]:
    if seen is None:
        return
    yield f"fourleaf_broker_connected {seen.connected}"
    yield f"fourleaf_broker_waiting {seen.waiting}"
    for outcome, times in sorted(seen.taken.items()):
        yield f'fourleaf_broker_taken_total{{outcome="{outcome}"}} {times}'


def _of_watches(seen: Iterable[Watched]) -> Iterator[str]:
    for one in seen:
        which = f'run="{one.run}",watch="{one.watch}"'
        yield f"fourleaf_watch_falls_total{{{which}}} {one.falls}"
        yield f"fourleaf_watch_fallen{{{which}}} {int(one.fallen_at is not None)}"


def _of_run(beat: Beat, layers: Mapping[str, Freshness]) -> Iterator[str]:
    run = beat.run.run
    yield f'fourleaf_tail_lag_seconds{{run="{run}"}} {beat.lag_s:.3f}'
    yield f'fourleaf_speed{{run="{run}"}} {beat.reached:.2f}'
    if beat.backlog:
        yield f'fourleaf_waiting_seconds{{run="{run}"}} {beat.backlog.at(datetime.now(UTC)):.3f}'
    for layer, found in layers.items():
        yield f'fourleaf_fed_things{{run="{run}",layer="{layer}"}} {found.fed}'
        yield f'fourleaf_stale_things{{run="{run}",layer="{layer}"}} {found.stale}'


HANDLERS = (healthz, metrics)
