# SPDX-License-Identifier: Apache-2.0
"""Past: any earlier instant of a run, its changes for play, and its marks, as far as the one who asks may see them now."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from litestar import get
from litestar.exceptions import ValidationException
from litestar.params import Parameter

from fourleaf.app.description import REFUSED, answers
from fourleaf.app.stream import as_thing
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import past, pictures
from fourleaf.postgres.past import After, Mark, Stretch
from fourleaf.postgres.pool import Connection
from fourleaf.postgres.runs import Beat
from fourleaf.ui.answers import Refused
from fourleaf.ui.sent import moment

# Handlers get the process's Office as a dependency; its type lives in web.py.
Office = Any

# One answer holds at most so many frames.
FRAMES = 120
# A picture is written so much later at most than the edition time it is from. Unit: wall time.
SETTLES = timedelta(seconds=3)
_LOST_PLUS = re.compile(r" (?=\d\d:?\d\d\Z)")

_AS: Any = {"description": "A moment with its zone.", "schema_extra": {"format": "date-time"}}
Moment = Annotated[str, Parameter(**_AS)]
From = Annotated[str, Parameter(query="from", **_AS)]
To = Annotated[str, Parameter(query="to", **_AS)]
# A name of the query is read off the whole annotation only: `From | None` would take `starts`.
FromOrNone = Annotated[str | None, Parameter(query="from", **_AS)]
ToOrNone = Annotated[str | None, Parameter(query="to", **_AS)]


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a thing by the end of a frame. props: null when it is gone."""

    at: datetime
    layer: str
    thing: str
    place: str
    props: dict[str, Any] | None
    stale_at: datetime | None
    gone: bool


class Changes(msgspec.Struct, frozen=True, kw_only=True, rename={"starts": "from", "ends": "to"}):
    """Changes after `from` up to `to`, which may be earlier than was asked. next: give it as `after` for the rest of them."""

    starts: datetime
    ends: datetime
    every_s: int
    changes: list[Going]
    next: str | None


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """Marks on the line of time, oldest first; the first and the last instant that can be shown."""

    first: datetime
    now: datetime
    marks: list[Mark]
    next: str | None


class Known(NamedTuple):
    """The instants of a run that can be shown, and up to where nothing can be added any more."""

    first: datetime
    settled: datetime
    now: datetime


async def picture(office: Office, run: str, principal: Principal, at: str) -> dict[str, Any]:
    """Raises: Refused; ValidationException"""
    asked = read(at, "at")
    pool = await office.pools.of(run)
    async with pool.connection() as connection:
        within(asked, await _known(office, connection, run), await _zone(office, run), "at")
        shown = await pictures.instant(connection, asked, principal.labels)
    things = [as_thing(one) for one in shown]
    return {"position": None, "at": asked, "things": things}


@get("/r/{run:str}/changes.json", tags=["map"], responses={**answers(Changes, "The changes."), **REFUSED})
async def changes_json(
    office: Office,
    run: str,
    principal: Principal,
    starts: From,
    ends: To,
    every_s: Annotated[int, Parameter(ge=1, le=3600, description="Seconds of edition time a frame.")] = 1,
    after: Annotated[str | None, Parameter(pattern=r"^\d{1,18}\.\d{1,18}$")] = None,
) -> Changes:
    """What changed, frame by frame: put over the picture at `from` it gives the picture at the end of each frame."""
    start, end = read(starts, "from"), read(ends, "to")
    if end < start:
        raise Refused(Refusal("past.ends-before-it-starts", field="to"))
    pool = await office.pools.of(run)
    async with pool.connection() as connection:
        known = await _known(office, connection, run)
        within(start, known, await _zone(office, run), "from")
        end = max(start, min(end, known.settled, start + timedelta(seconds=every_s) * FRAMES))
        stretch = Stretch(start=start, end=end, every_s=every_s)
        page, following = await past.frames(connection, stretch, principal.labels, _after(after))
    found = [Going(at=stretch.ends(frame), gone=one.props is None, **as_thing(one)) for frame, one in page]
    return Changes(starts=start, ends=end, every_s=every_s, changes=found, next=str(following) if following else None)


@get("/r/{run:str}/marks.json", tags=["map"], responses={**answers(Marks, "The marks."), **REFUSED})
async def marks_json(
    office: Office,
    run: str,
    principal: Principal,
    starts: FromOrNone = None,
    ends: ToOrNone = None,
    after: Annotated[str | None, Parameter(pattern=r"^\d{1,18}\.\d{1,18}$")] = None,
) -> Marks:
    """When something that matters began, changed or was over, and which instants there are."""
    start, end = (text and read(text, name) for text, name in ((starts, "from"), (ends, "to")))
    pool = await office.pools.of(run)
    async with pool.connection() as connection:
        known = await _known(office, connection, run)
        page, following = await past.marks(
            connection, start or known.first, end or known.now, principal.labels, _after(after)
        )
    return Marks(first=known.first, now=known.now, marks=page, next=str(following) if following else None)


def read(text: str, field: str) -> datetime:
    """The moment of a query. The plus of a zone that was typed into an address arrives as a space.

    Raises: ValidationException
    """
    try:
        found = datetime.fromisoformat(_LOST_PLUS.sub("+", text.strip()))
    except ValueError:
        raise _malformed(field, "Invalid RFC3339 encoded datetime") from None
    if found.tzinfo is None:
        raise _malformed(field, "Expected `datetime` with a timezone component")
    try:
        return moment(found).astimezone(UTC)
    except ValueError as error:
        raise _malformed(field, str(error)) from None


def within(asked: datetime, known: Known, zone: ZoneInfo, field: str) -> None:
    """Raises: Refused when this instant cannot be shown."""
    if asked < known.first:
        raise Refused(Refusal("past.before-first", {"first": _clock(known.first, zone)}, field))
    if asked > known.now:
        raise Refused(Refusal("past.after-now", {"now": _clock(known.now, zone)}, field))


def _malformed(field: str, says: str) -> ValidationException:
    return ValidationException(extra=[{"message": says, "key": field, "source": "query"}])


def _after(text: str | None) -> After:
    return After.parse(text) if text else past.BEGIN


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


async def _zone(office: Office, run: str) -> ZoneInfo:
    return ZoneInfo((await office.directory.beat(run)).run.zone)


async def _known(office: Office, connection: Connection, run: str) -> Known:
    """Raises: Refused while there is no picture yet; NotFoundException"""
    beat: Beat = await office.directory.beat(run)
    first = await past.first(connection)
    if first is None:
        raise Refused(Refusal("past.nothing-yet"))
    now: datetime = office.directory.now(beat)
    speed = 1.0 if beat.run.kind == "live" or beat.clock is None else beat.clock.speed
    return Known(first=first, settled=max(first, now - SETTLES * speed), now=max(first, now))


HANDLERS = (changes_json, marks_json)
