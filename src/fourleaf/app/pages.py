# SPDX-License-Identifier: Apache-2.0
"""Pages that belong to no engine: runs, clock, venue, picture, stream."""

import gzip
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from litestar import MediaType, Request, Response, get
from litestar.response import Redirect, Stream
from psycopg import sql
from psycopg.errors import UndefinedColumn, UndefinedTable

from fourleaf.app import past
from fourleaf.app.description import REFUSED, UNCHANGED, Listed, Reading, Shown, VenueDocument, answers
from fourleaf.app.places import hold_a_place
from fourleaf.app.sign_in.gate import who_of
from fourleaf.app.sign_in.standing import while_seated
from fourleaf.app.squeezed import squeezed
from fourleaf.engines.admission import store as admission
from fourleaf.kernel.principal import Principal
from fourleaf.postgres import venues
from fourleaf.postgres.pool import Connection
from fourleaf.postgres.runs import Beat
from fourleaf.ui import TEMPLATES
from fourleaf.ui.pages import Page

# Handlers get the process's Office as a dependency; its type lives in web.py, which imports this file.
Office = Any
Anything = Request[Any, Any, Any]


@get("/", include_in_schema=False)
async def home(office: Office, request: Anything) -> Redirect:
    """The newest run's wall."""
    newest = await _opened(office, request)
    return Redirect(f"/r/{newest[0].run.run}/wall" if newest else "/runs")


@get("/runs", include_in_schema=False)
async def runs_page(office: Office, request: Anything, page: Page) -> Response[str]:
    """Every run that one may enter, with its day totals side by side."""
    return page.html(TEMPLATES.parent, "runs.html", runs=await _listed(office, request))


@get("/runs.json", tags=["runs"], responses=answers(list[Listed], "Newest first."))
async def runs_json(office: Office, request: Anything) -> list[dict[str, Any]]:
    """Every run that one may enter, with its totals, newest first."""
    return await _listed(office, request)


@get("/r/{run:str}/clock", tags=["runs"], responses=answers(Reading, "The clock."))
async def clock(office: Office, run: str) -> dict[str, Any]:
    """Edition time of a run: everything outside goes by it."""
    await office.directory.refresh()
    return told(office, await office.directory.beat(run))


@get("/r/{run:str}/venue.json", tags=["map"], responses={**answers(VenueDocument, "The venue."), **UNCHANGED})
async def venue_json(office: Office, run: str, request: Anything) -> Response[bytes]:
    """The venue: levels and features by kind."""
    await office.directory.beat(run)
    venue = await office.venues.of(run)
    tag = f'"{venue.hash}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=60", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(gzip.decompress(venue.body_gzip), media_type=MediaType.JSON, headers=headers)
    return Response(venue.body_gzip, media_type=MediaType.JSON, headers=headers | {"Content-Encoding": "gzip"})


@get("/r/{run:str}/picture.json", tags=["map"], responses={**answers(Shown, "All that is shown."), **REFUSED})
async def picture_json(office: Office, run: str, principal: Principal, at: past.Moment | None = None) -> dict[str, Any]:
    """What the map shows now to the one who asks, or what it showed at an instant."""
    await office.directory.beat(run)
    if at is not None:
        return await past.picture(office, run, principal, at)
    whole: dict[str, Any] = (await office.feeds.of(run).snapshot(frozenset(principal.labels)))[1]
    return whole


@get("/r/{run:str}/stream", tags=["map"], media_type="text/event-stream", middleware=[hold_a_place])
async def stream(office: Office, run: str, principal: Principal, request: Anything, after: str | None = None) -> Stream:
    """Server-sent events: a snapshot or what was missed, then changes and pulses."""
    beat = await office.directory.beat(run)
    resume = request.headers.get("last-event-id") or after
    messages = office.feeds.of(run).screen(frozenset(principal.labels), resume)
    who = who_of(request)
    if who is not None:
        messages = while_seated(messages, office.standings, who, principal, rehearsal=beat.run.kind != "live")
    headers = {"X-Accel-Buffering": "no", "Vary": "Accept-Encoding, Cookie"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        messages, headers["Content-Encoding"] = squeezed(messages), "gzip"
    return Stream(messages, media_type="text/event-stream", headers=headers)


async def run_info(office: Office, run: str) -> Mapping[str, Any]:
    """What a page says of its run."""
    beat: Beat = await office.directory.beat(run)
    pool = await office.pools.of(run)
    async with pool.connection() as connection:
        edition = await venues.declared(connection, "edition", "edition") or {}
        days = await _days(connection)
    return {
        "run": run,
        "kind": beat.run.kind,
        "edition": edition.get("name", _unnamed(beat)),
        "short": edition.get("short") or edition.get("name", _unnamed(beat)),
        "day": beat.run.day.isoformat() if beat.run.day else None,
        "sample": beat.run.sample_ppm / 1_000_000,
        "seed": beat.run.seed,
        "speed": beat.wanted,
        "zone": beat.run.zone,
        "days": days,
    }


async def _days(connection: Connection) -> list[dict[str, Any]]:
    cursor = await connection.execute(
        "select value from declared where kind = 'day' and value is not null order by key_name"
    )
    return [row[0] for row in await cursor.fetchall()]


async def _listed(office: Office, request: Anything) -> list[dict[str, Any]]:
    return [await _row(office, beat) for beat in await _opened(office, request)]


async def _opened(office: Office, request: Anything) -> list[Beat]:
    """The runs that one may enter: those of one's own edition, once the account is in its owner's hands; on loopback all."""
    await office.directory.refresh()
    who, found = who_of(request), office.directory.listed()
    if who is None:  # where one has to sign in, the gate lets nobody come so far without
        return list(found)
    return [
        beat
        for beat in found
        if beat.run.edition == who.session.run and who.is_ready and who.principal(rehearsal=beat.run.kind != "live")
    ]


def _unnamed(beat: Beat) -> dict[str, str]:
    return {"zh": beat.run.edition, "en": beat.run.edition}


async def _row(office: Office, beat: Beat) -> dict[str, Any]:
    name, totals = await _name_and_totals(office, beat)
    return {
        "run": beat.run.run,
        "edition": beat.run.edition,
        "name": name,
        "kind": beat.run.kind,
        "state": beat.run.state,
        "seed": beat.run.seed,
        "sample": beat.run.sample_ppm / 1_000_000,
        "speed": beat.wanted,
        "speed_reached": round(beat.reached, 1),
        "day": beat.run.day,
        "started_at": beat.run.created_at,
        "now": office.directory.now(beat),
        "ends_at": beat.clock.ends_at if beat.clock else None,
        "totals": totals,
    }


async def _name_and_totals(office: Office, beat: Beat) -> tuple[dict[str, str], dict[str, Any]]:
    """The short name of the edition, and the day totals of a run, all its days together; the peak is the highest of them.

    No totals of a run whose tables another release made: it needs a rebuild, and the list of the others stands.
    """
    pool = await office.pools.of(None)
    try:
        async with pool.connection() as connection, connection.transaction():
            path = sql.SQL("set local search_path to {}, fourleaf").format(sql.Identifier(beat.run.run))
            await connection.execute(path)
            edition: Any = await venues.declared(connection, "edition", "edition") or {}
            days = await admission.days(connection)
    except (UndefinedTable, UndefinedColumn):
        return _unnamed(beat), {}
    return edition.get("short") or edition.get("name", _unnamed(beat)), {
        "entries": sum(day.entries for day in days),
        "exits": sum(day.exits for day in days),
        "peak_inside": max((day.peak_inside for day in days), default=0),
    }


def told(office: Office, beat: Beat) -> dict[str, Any]:
    zone = ZoneInfo(beat.run.zone)
    return {
        "now": office.directory.now(beat).astimezone(zone),
        "speed": beat.wanted,
        "speed_reached": round(beat.reached, 1),
        "waiting_s": round(beat.backlog.at(datetime.now(UTC)), 1) if beat.backlog else None,
        "state": beat.run.state,
        "ends_at": beat.clock.ends_at.astimezone(zone) if beat.clock and beat.clock.ends_at else None,
        "kind": beat.run.kind,
        "sample": beat.run.sample_ppm / 1_000_000,
        "seed": beat.run.seed,
    }


HANDLERS = (home, runs_page, runs_json, clock, venue_json, picture_json, stream)
