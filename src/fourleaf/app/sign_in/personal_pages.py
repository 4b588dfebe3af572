# SPDX-License-Identifier: Apache-2.0
"""The pages of names behind accounts: looked at with a purpose, as a list, a workbook or one by one."""

from typing import Any

from litestar import Response, post

from fourleaf.app.sign_in import personal
from fourleaf.app.sign_in.forms import ROOM, Anything, field
from fourleaf.app.sign_in.office_pages import accounts_list, one_account, who_asks
from fourleaf.app.sign_in.own_pages import posts_of
from fourleaf.engines.people import store
from fourleaf.engines.people.declares import PERSONAL
from fourleaf.engines.world.web.exports import XLSX, download
from fourleaf.kernel.refusal import Refusal
from fourleaf.standards.spreadsheets import Sheet, write_workbook
from fourleaf.ui.pages import Page

Office = Any
_HEAD = {"zh": ["登录名", "姓名", "电话", "邮箱"], "en": ["Login name", "Name", "Phone", "E-mail"]}


@post("/accounts/people", include_in_schema=False, needs_proof=True)
async def people(office: Office, request: Anything, page: Page) -> Response[str]:
    """Who stands behind the accounts."""
    site, by = await who_asks(office, request, PERSONAL)
    found = await personal.owners(site, office.safe.vault(site), by, await field(request, "purpose"))
    if isinstance(found, Refusal):
        return await accounts_list(site, by, page, refusal=found)
    async with site.connection() as connection:
        roles, groups = await store.roles(connection), await store.groups(connection)
    rows = [{"one": one, "posts": posts_of(one.account.posts, roles, groups)} for one in found]
    return page.html(ROOM, "people.html", run=site.run.run, rows=rows)


@post("/accounts/people.xlsx", include_in_schema=False, needs_proof=True)
async def people_book(office: Office, request: Anything, page: Page) -> Response[Any]:
    """The same as a workbook."""
    site, by = await who_asks(office, request, PERSONAL)
    found = await personal.owners(site, office.safe.vault(site), by, await field(request, "purpose"))
    if isinstance(found, Refusal):
        return await accounts_list(site, by, page, refusal=found)
    lines = [[one.login, *(one.values.get(key) for key in ("name", "phone", "email"))] for one in found]
    book = write_workbook(Sheet(name="accounts", head=_HEAD[page.lang], rows=lines))
    return download(book, "accounts.xlsx", XLSX)


@post("/accounts/{account:str}/person", include_in_schema=False, needs_proof=True)
async def person(office: Office, request: Anything, page: Page, account: str) -> Response[str]:
    """Who stands behind one account."""
    site, by = await who_asks(office, request, PERSONAL)
    vault, purpose = office.safe.vault(site), await field(request, "purpose")
    found = await personal.owners(site, vault, by, purpose, only=[account])
    if isinstance(found, Refusal):
        return await one_account(site, by, page, account, refusal=found)
    return await one_account(site, by, page, account, values=found[0].values if found else {})


HANDLERS = (people, people_book, person)
