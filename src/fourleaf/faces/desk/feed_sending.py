# SPDX-License-Identifier: Apache-2.0
"""Sending a feed by hand: a table is sent, what it would do is shown, and it is taken in when somebody says so."""

from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from fourleaf.blobs.keep import look_into
from fourleaf.blobs.sniff import XLSX
from fourleaf.engines.sensing.actions import feeds as actions
from fourleaf.engines.sensing.actions.feeds import Came
from fourleaf.engines.sensing.rules.feed_reading import Read
from fourleaf.engines.sensing.rules.feed_tables import MOST_BYTES
from fourleaf.engines.world.web.files import ROOM_FOR_FORM, Safe, file_of
from fourleaf.engines.world.web.venue import Name
from fourleaf.faces.desk.feeds import LOOKING, SENDING, WRONG, Anything, FeedVisit, feed_page, told
from fourleaf.faces.desk.intake import TABLES, File, sender, table_of
from fourleaf.faces.desk.visits import Form
from fourleaf.kernel.refusal import Refusal
from fourleaf.standards.spreadsheets import Sheet, write_workbook
from fourleaf.ui.pages import Page

_AT = "/r/{run:str}/desk/feeds/{feed:str}/imports"
_ONE = f"{_AT}/{{blob:str}}"
_FINER = frozenset({"too-fine", "no-group-size"})
SHOWN = 60


@get("/r/{run:str}/desk/feeds/{feed:str}/template.xlsx", include_in_schema=False, dependencies=LOOKING)
async def template(visit: FeedVisit, page: Page) -> Response[bytes]:
    """An empty table with the columns of the feed."""
    head = list(visit.feed.columns)
    made = Sheet(name=getattr(visit.feed.name, page.lang), head=head, rows=[])
    return Response(
        write_workbook(made),
        media_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{visit.name}.xlsx"'},
    )


@post(_AT, include_in_schema=False, request_max_body_size=MOST_BYTES + ROOM_FOR_FORM, dependencies=SENDING)
async def send(visit: FeedVisit, request: Anything, safe: Safe) -> Response[Any]:
    """Keep the file among those of the run, for who sent it alone. What is finer than allowed is not even kept."""
    sent = await file_of(request)
    data = await sent.read() if sent else b""
    if not data or visit.feed.way == "one-way":
        no = Refusal("sensing.feed-not-by-hand", {"feed": visit.name}) if data else Refusal("blobs.empty")
        return await feed_page(visit, refusal=no)
    looked = await look_into(data, TABLES)
    if isinstance(looked, Refusal):
        return await feed_page(visit, refusal=looked)
    found = await actions.look_feed(visit.site, visit.name, visit.feed, _came(visit, File(looked.data, looked.media)))
    if any(one.code in _FINER for one in found.problems):
        return await feed_page(visit, refusal=Refusal("sensing.too-fine"))
    async with visit.site.connection() as connection:
        kept = await safe.blobs(visit.site).keep(
            connection, _whole(looked.data), labels=[sender(visit.principal)], allowed=TABLES
        )
    if isinstance(kept, Refusal):
        return await feed_page(visit, refusal=kept)
    return Redirect(f"imports/{kept.blob}", status_code=303)


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data


@get(_ONE, include_in_schema=False, dependencies=SENDING)
async def outlook(visit: FeedVisit, blob: Name, safe: Safe) -> Response[str]:
    """What the table would do."""
    return await _outlook(visit, await _opened(visit, safe, blob))


async def _outlook(visit: FeedVisit, file: File | Refusal, refusal: Refusal | None = None) -> Response[str]:
    if isinstance(file, Refusal):
        return await feed_page(visit, refusal=file)
    found = await actions.look_feed(visit.site, visit.name, visit.feed, _came(visit, file))
    no = found.broken and Refusal("sensing.delivery-refused", {"code": found.broken.code, "about": found.broken.about})
    refusal = refusal or no or None
    return await visit.html(
        "feed-outlook.html",
        status_code=422 if refusal else 200,
        refusal=told(refusal),
        found=found,
        seen=_seen(found),
        shown=found.values[:SHOWN],
        most=WRONG,
    )


@post(_ONE, include_in_schema=False, dependencies=SENDING)
async def confirm(visit: FeedVisit, request: Anything, blob: Name, safe: Safe) -> Response[Any]:
    """Take in what was seen."""
    form, file = await Form.of(request), await _opened(visit, safe, blob)
    if isinstance(file, Refusal):
        return await feed_page(visit, refusal=file)
    came = _came(visit, file)
    found = await actions.look_feed(visit.site, visit.name, visit.feed, came)
    if found.refused and form["rest"] != "yes":
        return await _outlook(visit, file, Refusal("world.import-wrong", {"count": found.refused}))
    if form["seen"] != _seen(found):
        return await _outlook(visit, file, Refusal("world.import-other"))
    done = await actions.take_feed(visit.site, visit.name, visit.feed, came)
    if done.verdict == "refused":
        return await _outlook(visit, file)
    if done.verdict != "repeated":
        await actions.sent_by_hand(visit.site, visit.principal.id, visit.name, visit.feed, done)
    return Redirect(f"../../{visit.name}?done={done.verdict}", status_code=303)


def _seen(found: Read) -> str:
    """Names what a table would do. The file itself is named by its address."""
    return f"{len(found.values)}-{found.refused}"


def _came(visit: FeedVisit, file: File) -> Came:
    return Came(way="hand", name=visit.principal.id, body=file.data, format="xlsx" if file.media == XLSX else "csv")


async def _opened(visit: FeedVisit, safe: Any, blob: str) -> File | Refusal:
    async with visit.site.connection() as connection:
        given = await safe.blobs(visit.site).give(
            connection, blob, held=[sender(visit.principal)], actor=visit.principal.id
        )
    return table_of(given)


HANDLERS = (template, send, outlook, confirm)
