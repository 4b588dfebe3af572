# SPDX-License-Identifier: Apache-2.0
"""Imports on the desk: send a table, see what it would do, say so. The file waits among the files of the run; nothing else does."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.response import Redirect, Stream

from fourleaf.blobs.rules import MAX_BYTES
from fourleaf.engines.world.actions import Keeping, Outlook, Things
from fourleaf.engines.world.web.files import ROOM_FOR_FORM, Safe, chunks, file_of
from fourleaf.engines.world.web.venue import Name
from fourleaf.faces.desk import intake
from fourleaf.faces.desk.intake import TABLES, File
from fourleaf.faces.desk.outlooks import choose_page, look_page, part_of
from fourleaf.faces.desk.visits import WRITING, Anything, Visit
from fourleaf.kernel.refusal import Refusal

_AT = "/r/{run:str}/desk/registers/{register:str}/imports"
_ONE = f"{_AT}/{{blob:str}}"


@get(_AT, include_in_schema=False, dependencies=WRITING)
async def choose(visit: Visit) -> Response[str]:
    """Choose a file; templates to fill in."""
    return await choose_page(visit, None)


@post(_AT, include_in_schema=False, request_max_body_size=MAX_BYTES + ROOM_FOR_FORM, dependencies=WRITING)
async def send(visit: Visit, request: Anything, safe: Safe) -> Response[Any]:
    """Keep the file among those of the run, for who sent it alone. Nothing is read yet."""
    file = await file_of(request)
    if file is None:
        return await choose_page(visit, Refusal("blobs.empty"))
    async with visit.site.connection() as connection:
        kept = await safe.blobs(visit.site).keep(
            connection, chunks(file), labels=[intake.sender(visit.principal)], allowed=TABLES
        )
    if isinstance(kept, Refusal):
        return await choose_page(visit, kept)
    return Redirect(f"imports/{kept.blob}", status_code=303)


@get(_ONE, include_in_schema=False, dependencies=WRITING)
async def outlook(visit: Visit, blob: Name, safe: Safe, wait: bool = False) -> Response[str]:
    """What the table would do: at once if it is short, else with the number of lines read so far."""
    opened = await _opened(visit, safe, blob)
    at_once = isinstance(opened, Refusal) or opened.brief or wait
    found = await intake.last(intake.looking(_book(visit), opened)) if at_once else None
    return await look_page(visit, blob, found)


@get(f"{_ONE}/stream", include_in_schema=False, dependencies=WRITING)
async def outlook_stream(visit: Visit, blob: Name, safe: Safe) -> Stream:
    """The same line by line as JSON: how many lines are read, at last the part of the page."""
    opened = await _opened(visit, safe, blob)
    return intake.telling(intake.looking(_book(visit), opened), lambda found: part_of(visit, found))


@post(_ONE, include_in_schema=False, dependencies=WRITING)
async def confirm(visit: Visit, request: Anything, blob: Name, safe: Safe) -> Response[Any]:
    """Take in what was seen."""
    done = await intake.last(intake.carrying(_book(visit), await _opened(visit, safe, blob), request))
    if isinstance(done, Outlook):
        return Redirect(f"../../{quote(visit.name)}?done={len(done.writes)}", status_code=303)
    return await look_page(visit, blob, done)


@post(f"{_ONE}/stream", include_in_schema=False, status_code=200, dependencies=WRITING)
async def confirm_stream(visit: Visit, request: Anything, blob: Name, safe: Safe) -> Stream:
    """The same, telling how far it is."""
    await request.form()  # read before the answer begins
    steps = intake.carrying(_book(visit), await _opened(visit, safe, blob), request)
    return intake.telling(
        steps, lambda found: part_of(visit, found), lambda done: f"{visit.at}?done={len(done.writes)}"
    )


def _book(visit: Visit) -> Things:
    return Things(visit.site, visit.principal, visit.register, visit.name)


async def _opened(visit: Visit, safe: Keeping, blob: str) -> File | Refusal:
    async with visit.site.connection() as connection:
        return intake.table_of(
            await safe.blobs(visit.site).give(
                connection, blob, held=[intake.sender(visit.principal)], actor=visit.principal.id
            )
        )


HANDLERS = (choose, send, outlook, outlook_stream, confirm, confirm_stream)
