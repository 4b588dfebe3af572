# SPDX-License-Identifier: Apache-2.0
"""Personal data on the desk: who read it, when and what for; and a person is erased, with a report of what went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Protocol

from litestar import Response, get, post
from litestar.params import Dependency

from fourleaf.blobs.keep import Blobs
from fourleaf.engines.people.declares import ERASE, SEES
from fourleaf.faces.desk.pages import ROOM, shell
from fourleaf.faces.desk.said import said
from fourleaf.faces.desk.visits import Anything, Form
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import log
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import require
from fourleaf.ui.pages import Page
from fourleaf.ui.sent import asked
from fourleaf.vault.facts import Erased, Read
from fourleaf.vault.persons import Erasure, Vault

SHOWN = 100
_AT = "/r/{run:str}/desk/personal"


class Keeping(Protocol):
    """Where persons and files of a run are kept; the application knows where that is."""

    def blobs(self, site: Site) -> Blobs: ...

    def vault(self, site: Site) -> Vault: ...


Safe = Annotated[Keeping, Dependency(skip_validation=True)]


@get(_AT, include_in_schema=False)
async def reads(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], before: datetime | None = None
) -> Response[str]:
    """Every read, list, export and erasure of personal data, newest first."""
    require(principal, SEES)
    return await _page(site, principal, page, run_info, before=asked(before, "before"))


@post(_AT, include_in_schema=False)
async def erase(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], request: Anything, safe: Safe
) -> Response[str]:
    """Erase a person: the key, the values, the marks and the files; what happened stays, under an id that is nobody's."""
    require(principal, ERASE)
    form, blobs = await Form.of(request), safe.blobs(site)
    person, reason = form["person"].strip()[:64], form["reason"].strip()[:200]
    if not reason or form["sure"] != "yes":
        return await _page(site, principal, page, run_info, done=Refusal("vault.no-reason"), person=person)
    async with site.connection() as connection:
        done = await safe.vault(site).erase(
            connection, person, actor=principal.id, reason=reason, forget=[blobs.forget]
        )
    if isinstance(done, Erasure):
        blobs.remove(done.files)
    return await _page(site, principal, page, run_info, done=done, person=person)


async def _page(
    site: Site,
    principal: Principal,
    page: Page,
    run_info: Mapping[str, Any],
    *,
    before: datetime | None = None,
    done: Erasure | Refusal | None = None,
    person: str = "",
) -> Response[str]:
    async with site.connection() as connection:
        found = await log.latest(
            connection,
            site.journal.kinds,
            site.run.run,
            [Read.KIND, Erased.KIND],
            before=before,
            limit=SHOWN + 1,
        )
    return page.html(
        ROOM,
        "personal.html",
        status_code=422 if isinstance(done, Refusal) else 200,
        **await shell(site, principal, run_info),
        facts=found[:SHOWN],
        more=found[SHOWN - 1].occurred_at.isoformat() if len(found) > SHOWN else "",
        may_erase=ERASE in principal.permissions,
        refusal=said(done) if isinstance(done, Refusal) else None,
        gone=done if isinstance(done, Erasure) else None,
        person=person,
    )


HANDLERS = (reads, erase)
