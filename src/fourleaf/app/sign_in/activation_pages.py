# SPDX-License-Identifier: Apache-2.0
"""The pages of codes for a first password: the sheet that is printed once, and the door for whoever has a code."""

from datetime import UTC, datetime
from typing import Any

from litestar import Response, get, post

from fourleaf.app.sign_in import activation, forms, pages
from fourleaf.app.sign_in.activation import Chosen
from fourleaf.app.sign_in.forms import ROOM, Anything, field
from fourleaf.app.sign_in.gate import Cookies
from fourleaf.app.sign_in.office_pages import accounts_list, who_asks
from fourleaf.app.sign_in.own_pages import posts_of
from fourleaf.engines.people import rules, store
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.pages import Page

Office = Any


@post("/accounts/codes", include_in_schema=False, needs_proof=True)
async def print_codes(office: Office, request: Anything, page: Page) -> Response[str]:
    """Codes on paper, shown this once."""
    site, by = await who_asks(office, request, "people.manage")
    slips = await activation.print_codes(site, by, again=await field(request, "again", 10) == "yes")
    if isinstance(slips, Refusal):
        return await accounts_list(site, by, page, refusal=slips)
    async with site.connection() as connection:
        roles, groups = await store.roles(connection), await store.groups(connection)
    return page.html(
        ROOM,
        "codes.html",
        run=site.run.run,
        slips=[{"one": slip, "posts": posts_of(slip.account.posts, roles, groups)} for slip in slips],
        address=f"{office.settings.url or str(request.base_url).rstrip('/')}/sign-in/activate",
        until=datetime.now(UTC) + rules.INVITED_FOR,
    )


@get("/sign-in/activate", include_in_schema=False)
async def activate_page(office: Office, request: Anything, page: Page) -> Response[str]:
    """For whoever got a code on paper."""
    return _form(office, request, page, None)


@post("/sign-in/activate", include_in_schema=False)
async def activate(office: Office, request: Anything, page: Page) -> Response[Any]:
    """Choose the first password and come in."""
    await forms.check_form(request, Cookies(office.settings))
    site = await office.site(await pages.live(office, ""), writing=True)
    chosen = Chosen(
        code=await field(request, "code", 60),
        password=await field(request, "password", 1000),
        again=await field(request, "again", 1000),
        address=forms.address_of(request, office.settings),
        about=forms.about(request),
    )
    entered = await activation.activate(office, site, chosen)
    if isinstance(entered, Refusal):
        return _form(office, request, page, entered, chosen.code)
    return await pages.enter(office, request, entered, "/account")


def _form(office: Office, request: Anything, page: Page, refusal: Refusal | None, code: str = "") -> Response[str]:
    csrf, cookies = forms.form_token(request, Cookies(office.settings))
    answer = page.html(
        ROOM,
        "activate.html",
        status_code=pages.status_of(refusal),
        csrf=csrf,
        wrong=forms.told(refusal, page.lang),
        code=code[:60],
    )
    answer.cookies.extend(cookies)
    return answer


HANDLERS = (print_codes, activate_page, activate)
