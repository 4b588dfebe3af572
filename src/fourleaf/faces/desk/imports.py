# SPDX-License-Identifier: Apache-2.0
"""Imports on the desk: send a table, see what it would do, say so. The file waits among the files of the run; nothing else does."""

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Protocol
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import Dependency
from litestar.response import Redirect, Stream

from fourleaf.blobs.keep import Blobs
from fourleaf.blobs.rules import MAX_BYTES
from fourleaf.blobs.sniff import CSV, XLSX
from fourleaf.engines.world import actions
from fourleaf.engines.world.actions import Outlook
from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.web.registers import written
from fourleaf.engines.world.web.venue import Name
from fourleaf.faces.desk.outlooks import choose_page, look_page, part
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.standards.spreadsheets import Table, open_text, open_workbook
from fourleaf.ui.pages import Page

Anything = Request[Any, Any, Any]
# The form around the file.
ROOM_FOR_FORM = 256 * 1024
# So many bytes are read through while the page is awaited: some thousand lines. A longer table tells how far it is.
BRIEF = {XLSX: 120_000, CSV: 300_000}
_AT = "/r/{run:str}/desk/registers/{register:str}/imports"
_ONE = f"{_AT}/{{blob:str}}"


class Keeping(Protocol):
    """Where files of a run are kept; the application knows where that is."""

    def blobs(self, site: Site) -> Blobs: ...


Safe = Annotated[Keeping, Dependency(skip_validation=True)]


@get(_AT, include_in_schema=False)
async def choose(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], register: Name
) -> Response[str]:
    """Choose a file; templates to fill in."""
    declared = await written(site, principal, register)
    return await choose_page(site, principal, page, run_info, register, declared, None)


@post(_AT, include_in_schema=False, request_max_body_size=MAX_BYTES + ROOM_FOR_FORM)
async def send(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    request: Anything,
    register: Name,
    safe: Safe,
) -> Response[Any]:
    """Keep the file among those of the run, for those who may write to the register. Nothing is read yet."""
    declared = await written(site, principal, register)
    file = (await request.form()).get("file")
    if not isinstance(file, UploadFile):
        return await choose_page(site, principal, page, run_info, register, declared, Refusal("blobs.empty"))
    async with site.connection() as connection:
        kept = await safe.blobs(site).keep(connection, _chunks(file), labels=declared.write, allowed={XLSX, CSV})
    if isinstance(kept, Refusal):
        return await choose_page(site, principal, page, run_info, register, declared, kept)
    return Redirect(f"imports/{kept.blob}", status_code=303)


@get(_ONE, include_in_schema=False)
async def outlook(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    register: Name,
    blob: Name,
    safe: Safe,
    wait: bool = False,
) -> Response[str]:
    """What the table would do: at once if it is short, else with the number of lines read so far."""
    declared = await written(site, principal, register)
    opened = await _opened(site, principal, safe, blob)
    found: Outlook | Refusal | None = None
    if isinstance(opened, Refusal):
        found = opened
    elif opened.brief or wait:
        found = await _last(actions.look(site, declared, register, opened))
    return await look_page(site, principal, page, run_info, register, declared, blob, found)


@get(f"{_ONE}/stream", include_in_schema=False)
async def outlook_stream(
    site: Site, principal: Principal, page: Page, register: Name, blob: Name, safe: Safe
) -> Stream:
    """The same line by line as JSON: how many lines are read, at last the part of the page."""
    declared = await written(site, principal, register)
    opened = await _opened(site, principal, safe, blob)

    async def steps() -> AsyncIterator[bytes]:
        if isinstance(opened, Refusal):
            yield _line(html=part(page, register, declared, site, opened))
            return
        async for step in actions.look(site, declared, register, opened):
            yield (
                _line(lines=step) if isinstance(step, int) else _line(html=part(page, register, declared, site, step))
            )

    return Stream(steps(), media_type="application/x-ndjson")


@post(_ONE, include_in_schema=False)
async def confirm(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    request: Anything,
    register: Name,
    blob: Name,
    safe: Safe,
) -> Response[Any]:
    """Take in what was seen."""
    declared = await written(site, principal, register)
    steps = await _carrying(site, principal, request, register, declared, blob, safe)
    done = steps if isinstance(steps, Refusal) else await _last(steps)
    if isinstance(done, Outlook):
        return Redirect(f"../../{quote(register)}?done={len(done.writes)}", status_code=303)
    return await look_page(site, principal, page, run_info, register, declared, blob, done)


@post(f"{_ONE}/stream", include_in_schema=False, status_code=200)
async def confirm_stream(
    site: Site, principal: Principal, page: Page, request: Anything, register: Name, blob: Name, safe: Safe
) -> Stream:
    """The same, telling how far it is."""
    declared = await written(site, principal, register)
    steps = await _carrying(site, principal, request, register, declared, blob, safe)

    async def told() -> AsyncIterator[bytes]:
        if isinstance(steps, Refusal):
            yield _line(html=part(page, register, declared, site, steps))
            return
        async for step in steps:
            match step:
                case int():
                    yield _line(lines=-step) if step < 0 else _line(written=step)
                case Outlook():
                    yield _line(see=f"/r/{site.run.run}/desk/registers/{quote(register)}?done={len(step.writes)}")
                case _:
                    yield _line(html=part(page, register, declared, site, step))

    return Stream(told(), media_type="application/x-ndjson")


async def _carrying(
    site: Site, principal: Principal, request: Anything, name: str, declared: Register, blob: str, safe: Keeping
) -> AsyncIterator[int | Outlook | Refusal] | Refusal:
    form = await request.form()
    opened = await _opened(site, principal, safe, blob)
    if isinstance(opened, Refusal):
        return opened
    seen, rest = str(form.get("seen", "")), form.get("rest") == "yes"
    return actions.carry_out(site, principal, declared, name, opened, seen=seen, rest=rest)


class _File(msgspec.Struct, frozen=True):
    """A table that waits to be read."""

    data: bytes
    media: str

    @property
    def brief(self) -> bool:
        return len(self.data) <= BRIEF[self.media]

    def __call__(self) -> Table:
        return open_workbook(self.data) if self.media == XLSX else open_text(self.data)


async def _opened(site: Site, principal: Principal, safe: Keeping, blob: str) -> _File | Refusal:
    async with site.connection() as connection:
        given = await safe.blobs(site).give(connection, blob, held=principal.labels, actor=principal.id)
    if isinstance(given, Refusal):
        return given
    return _File(given.data, given.blob.media) if given.blob.media in BRIEF else Refusal("world.table-damaged")


async def _last(steps: AsyncIterator[int | Outlook | Refusal]) -> Outlook | Refusal | None:
    """What comes at the end."""
    last: Outlook | Refusal | None = None
    async for step in steps:
        last = None if isinstance(step, int) else step
    return last


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(1 << 18):
        yield chunk


def _line(**said: object) -> bytes:
    return msgspec.json.encode(said) + b"\n"


HANDLERS = (choose, send, outlook, outlook_stream, confirm, confirm_stream)
