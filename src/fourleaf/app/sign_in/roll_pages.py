# SPDX-License-Identifier: Apache-2.0
"""Lists of accounts: send a table, see what it would do, say so. The table lies sealed, for its sender alone, and goes afterwards."""

import secrets
from typing import Any

from litestar import Response, get, post
from litestar.response import Stream

from fourleaf.app.safekeeping import Safe
from fourleaf.app.sign_in import forms
from fourleaf.app.sign_in.forms import ROOM, Anything
from fourleaf.app.sign_in.office_pages import who_asks
from fourleaf.app.sign_in.roll import Roll
from fourleaf.blobs.rules import MAX_BYTES
from fourleaf.engines.world.actions import Outlook
from fourleaf.engines.world.declares.register import Lang
from fourleaf.engines.world.rules.columns import template
from fourleaf.engines.world.web.exports import CSV, XLSX, as_csv, download
from fourleaf.engines.world.web.files import ROOM_FOR_FORM, chunks, file_of
from fourleaf.faces.desk import intake, outlooks
from fourleaf.faces.desk.intake import TABLES, File
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.standards.spreadsheets import Sheet, write_workbook
from fourleaf.ui.pages import Page

Office = Any
AT = "/accounts/imports"
BACK = "/accounts"
PURPOSE = "accounts import"
RULES = ("login", "personal", "formula")


class _Desk:
    """One import as its sender sees it."""

    def __init__(self, site: Site, by: Principal, safe: Safe, roll: Roll, page: Page) -> None:
        self.site, self.by, self.safe, self.roll, self.page = site, by, safe, roll, page
        self.labels = (f"person:{by.id}",)

    async def opened(self, blob: str) -> tuple[File | Refusal, str]:
        """The table, and under which id it is sealed."""
        async with self.site.connection() as connection:
            given = await self.safe.blobs(self.site).give(
                connection, blob, held=self.labels, actor=self.by.id, purpose=PURPOSE, personal=True
            )
        return intake.table_of(given), "" if isinstance(given, Refusal) else str(given.blob.person)

    async def forget(self, person: str) -> None:
        """What was taken in is not kept twice."""
        vault, blobs = self.safe.vault(self.site), self.safe.blobs(self.site)
        async with self.site.connection() as connection:
            gone = await vault.erase(connection, person, actor=self.by.id, reason=PURPOSE, forget=[blobs.forget])
        if not isinstance(gone, Refusal):
            blobs.remove(gone.files)

    async def part(self, found: Outlook | Refusal) -> str:
        return outlooks.part(self.page, self.roll.register, self.roll.zone, found, back=BACK)


async def provide(office: Office, request: Anything, page: Page) -> _Desk:
    """Raises: Refused; PermissionDeniedException"""
    site, by = await who_asks(office, request, "people.manage")
    return _Desk(site, by, office.safe, await Roll.of(site, office.safe.vault(site), by), page)


@get(AT, include_in_schema=False)
async def choose(office: Office, request: Anything, page: Page) -> Response[str]:
    """Choose a list; templates to fill in."""
    await who_asks(office, request, "people.manage")
    return _choosing(page, None)


@get([f"{AT}/template.xlsx", f"{AT}/template.csv"], include_in_schema=False)
async def empty(office: Office, request: Anything, page: Page, lang: Lang = "zh") -> Response[Any]:
    """An empty list to fill in, with a line of hints."""
    head, *hints = template((await provide(office, request, page)).roll.register, lang)
    if request.url.path.endswith(".xlsx"):
        return download(write_workbook(Sheet(name="accounts", head=head, rows=hints)), "accounts-template.xlsx", XLSX)
    return download(as_csv([head, *hints]), "accounts-template.csv", CSV)


@post(AT, include_in_schema=False, request_max_body_size=MAX_BYTES + ROOM_FOR_FORM)
async def send(office: Office, request: Anything, page: Page) -> Response[Any]:
    """Seal the table for its sender. Nothing is read yet."""
    desk = await provide(office, request, page)
    file = await file_of(request)
    if file is None:
        return _choosing(page, Refusal("blobs.empty"))
    person = f"upload:{secrets.token_hex(8)}"
    async with desk.site.connection() as connection:
        refusal = await desk.safe.vault(desk.site).put(connection, {person: {}})
        kept = refusal or await desk.safe.blobs(desk.site).keep(
            connection, chunks(file), labels=desk.labels, person=person, allowed=TABLES
        )
    if isinstance(kept, Refusal):
        return _choosing(page, kept)
    return forms.see(f"{AT}/{kept.blob}")


@get(f"{AT}/{{blob:str}}", include_in_schema=False)
async def outlook(office: Office, request: Anything, page: Page, blob: str, wait: bool = False) -> Response[str]:
    """What the list would do: at once if it is short."""
    desk = await provide(office, request, page)
    opened, _ = await desk.opened(blob)
    at_once = isinstance(opened, Refusal) or opened.brief or wait
    return await _looking(desk, blob, await intake.last(intake.looking(desk.roll, opened)) if at_once else None)


@get(f"{AT}/{{blob:str}}/stream", include_in_schema=False)
async def outlook_stream(office: Office, request: Anything, page: Page, blob: str) -> Stream:
    """The same, telling how far it is."""
    desk = await provide(office, request, page)
    opened, _ = await desk.opened(blob)
    return intake.telling(intake.looking(desk.roll, opened), desk.part)


@post(f"{AT}/{{blob:str}}", include_in_schema=False, needs_proof=True)
async def confirm(office: Office, request: Anything, page: Page, blob: str) -> Response[Any]:
    """Open the accounts that were seen."""
    desk = await provide(office, request, page)
    opened, person = await desk.opened(blob)
    done = await intake.last(intake.carrying(desk.roll, opened, request))
    if not isinstance(done, Outlook):
        return await _looking(desk, blob, done)
    await desk.forget(person)
    return forms.see(_done(done))


@post(f"{AT}/{{blob:str}}/stream", include_in_schema=False, status_code=200, needs_proof=True)
async def confirm_stream(office: Office, request: Anything, page: Page, blob: str) -> Stream:
    """The same, telling how far it is."""
    desk = await provide(office, request, page)
    await request.form()  # read before the answer begins
    opened, person = await desk.opened(blob)

    async def steps() -> Any:
        async for step in intake.carrying(desk.roll, opened, request):
            if isinstance(step, Outlook):
                await desk.forget(person)
            yield step

    return intake.telling(steps(), desk.part, _done)


def _done(done: Outlook) -> str:
    return f"{BACK}?opened={len(done.writes)}"


def _choosing(page: Page, refusal: Refusal | None) -> Response[str]:
    part = outlooks.choosing(page, refusal, template=f"{AT}/template", back=BACK, rules=RULES)
    return page.html(ROOM, "roll.html", status_code=422 if refusal else 200, part=part, here="choose")


async def _looking(desk: _Desk, blob: str, found: Outlook | Refusal | None) -> Response[str]:
    shown = await desk.part(found) if found is not None else ""
    part = outlooks.looking(desk.page, shown, stream=f"{AT}/{blob}/stream")
    status = 422 if isinstance(found, Refusal) else 200
    return desk.page.html(ROOM, "roll.html", status_code=status, part=part, here="look")


HANDLERS = (choose, empty, send, outlook, outlook_stream, confirm, confirm_stream)
