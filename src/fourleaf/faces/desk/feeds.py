# SPDX-License-Identifier: Apache-2.0
"""Feeds on the desk: how each stands, one of them with its deliveries and what was wrong, and tokens for those that are pushed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import Provide
from litestar.exceptions import NotFoundException, PermissionDeniedException

from fourleaf.engines.sensing.actions import feeds as actions
from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.picture.feed_words import ROW, STATES, reason
from fourleaf.engines.sensing.store import feeds as store
from fourleaf.engines.sensing.store.feeds import Delivered, FeedView
from fourleaf.engines.sensing.web.devices import Mint
from fourleaf.engines.sensing.web.feeds import FeedName, may_send, seen
from fourleaf.faces.desk.pages import ROOM, shell
from fourleaf.faces.desk.said import said
from fourleaf.faces.desk.visits import Form, once
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.pages import Page

Anything = Request[Any, Any, Any]
_AT = "/r/{run:str}/desk/feeds"
LISTED = 12
WRONG = 60
_SHAPES = {
    "fresh": "calm",
    "late": "unknown",
    "broken": "unknown",
    "suspicious": "watch",
    "awaited": "info",
    "ended": "closed",
}
_ORDER = ("broken", "late", "suspicious", "ended", "awaited", "fresh")


class FeedVisit:
    """Who is at which feed, and the page he gets."""

    def __init__(
        self, *, site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], name: str, view: FeedView
    ) -> None:
        self.site, self.principal, self.page, self.run_info = site, principal, page, run_info
        self.name, self.view = name, view

    @property
    def feed(self) -> Feed:
        return self.view.declared

    @property
    def may_send(self) -> bool:
        return may_send(self.principal, self.feed)

    async def html(self, template: str, *, status_code: int = 200, **values: Any) -> Response[str]:
        """A page of this feed; what is shown once is kept by no browser."""
        return self.page.html(
            ROOM,
            template,
            status_code=status_code,
            headers={"Cache-Control": "no-store"},
            **await shell(self.site, self.principal, self.run_info, "feeds"),
            **_words(),
            name=self.name,
            view=self.view,
            feed=self.feed,
            may_send=self.may_send,
            **values,
        )


async def provide_feed(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], feed: FeedName
) -> FeedVisit:
    """Raises: NotFoundException for whoever may not see the feed."""
    view = (await seen(site, principal)).get(feed)
    if view is None:
        raise NotFoundException(feed)
    return FeedVisit(site=site, principal=principal, page=page, run_info=run_info, name=feed, view=view)


async def provide_sender(
    site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any], feed: FeedName
) -> FeedVisit:
    """Raises: NotFoundException; PermissionDeniedException for whoever may not send."""
    visit = await provide_feed(site, principal, page, run_info, feed)
    if not visit.may_send:
        raise PermissionDeniedException("only some may send this feed by hand")
    return visit


LOOKING = {"visit": Provide(provide_feed)}
SENDING = {"visit": Provide(provide_sender)}


@get(_AT, include_in_schema=False)
async def table(site: Site, principal: Principal, page: Page, run_info: Mapping[str, Any]) -> Response[str]:
    """Every feed that one may see, those that fell first."""
    views = await seen(site, principal)
    async with site.connection() as connection:
        last = await store.last_deliveries(connection)
    return page.html(
        ROOM,
        "feeds.html",
        **await shell(site, principal, run_info, "feeds"),
        **_words(),
        views=sorted(views.items(), key=lambda one: (_ORDER.index(one[1].state), one[0])),
        counts={state: sum(view.state == state for view in views.values()) for state in _ORDER},
        last=last,
    )


@get(f"{_AT}/{{feed:str}}", include_in_schema=False, dependencies=LOOKING)
async def one(visit: FeedVisit, done: str = "") -> Response[str]:
    """One feed: how it stands, its newest values, its deliveries and what was wrong with the last of them."""
    return await feed_page(visit, done=done if done in ("taken", "partly", "repeated") else "")


@post(f"{_AT}/{{feed:str}}/token", include_in_schema=False, dependencies=SENDING, status_code=200, needs_proof=True)
async def token(visit: FeedVisit, request: Anything, mint: Mint) -> Response[str]:
    """Make a token, which is shown once."""
    asked, fresh = (await Form.of(request)).request(visit.name, "token"), mint()
    answer = await actions.make_token(visit.site, visit.principal, asked, visit.name, visit.feed, fresh)
    if isinstance(answer, Refusal):
        return await feed_page(visit, refusal=answer)
    return await feed_page(visit, token=once(answer, fresh))


async def feed_page(
    visit: FeedVisit, *, done: str = "", refusal: Refusal | None = None, token: str | None = ""
) -> Response[str]:
    """token: to be shown once; None: it was shown already."""
    async with visit.site.connection() as connection:
        found = await store.deliveries(connection, visit.name, LISTED)
    return await visit.html(
        "feed.html",
        status_code=422 if refusal else 200,
        deliveries=found,
        wrong=next((one for one in found if one.problems), None),
        most=WRONG,
        values=_values(visit.view),
        done=done,
        refusal=told(refusal),
        token=token,
        address=f"/r/{visit.site.run.run}/sensing/feeds/{visit.name}",
    )


def told(refusal: Refusal | None) -> Mapping[str, str] | None:
    """The sentence of a refusal, of whichever room. Shape: language -> sentence."""
    if refusal is None or "code" not in refusal.detail:
        return said(refusal)
    why = reason(refusal.detail["code"], 1, refusal.detail["about"])
    return {lang: (said(Refusal(refusal.code, {"code": text, "about": ""})) or {})[lang] for lang, text in why.items()}


def _values(view: FeedView) -> Sequence[tuple[Any, list[tuple[datetime, float] | None]]]:
    """Things with their newest values, in the order of the declaration; those that never told are left out."""
    rows = [
        (thing, [view.values.get((thing.key, quantity.key)) for quantity in view.declared.quantities])
        for thing in view.declared.things
    ]
    return [row for row in rows if any(row[1])]


def _words() -> dict[str, Any]:
    return {"states": STATES, "shapes": _SHAPES, "why": reason, "row_words": ROW, "why_of": why_of}


def why_of(one: Delivered) -> dict[str, str]:
    """What is to be said of a delivery: why it was refused, or what was suspicious."""
    if one.code:
        return reason(one.code, 1, one.about)
    found = [reason(*finding) for finding in one.findings]
    return {lang: ("；" if lang == "zh" else "; ").join(each[lang] for each in found) for lang in ("zh", "en")}


HANDLERS = (table, one, token)
