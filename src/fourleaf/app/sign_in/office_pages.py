# SPDX-License-Identifier: Apache-2.0
"""The office's pages of accounts: list, open, give and take roles, passwords, cards, codes, sessions, close."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from fourleaf.app.guard import LOCAL, VISITOR
from fourleaf.app.sign_in import account_lists, activation, codes, desk, forms
from fourleaf.app.sign_in.forms import ROOM, Anything, field
from fourleaf.app.sign_in.gate import check_csrf, who_of
from fourleaf.app.sign_in.own_pages import posts_of
from fourleaf.app.sign_in.pages import live_runs
from fourleaf.app.sign_in.roll import person_of
from fourleaf.engines.people import rules, store
from fourleaf.engines.people.declares import PERSONAL, SEES
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins, sessions
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import Refused, require
from fourleaf.ui.pages import Page

Office = Any
# What opens an account in another way, or more through it. To shut something is never held up.
PROVED = frozenset({"give", "take", "password", "card", "codes"})
DONE = frozenset({"opened", "given", "taken", "ended", "closed", "codes", "card-revoked"})


@get("/accounts", include_in_schema=False)
async def accounts_page(office: Office, request: Anything, page: Page, opened: str = "") -> Response[str]:
    """Every account of the edition, and forms to open one, to bring a list, and to print codes."""
    site, principal = await who_asks(office, request, SEES)
    return await accounts_list(site, principal, page, opened=opened)


@post("/accounts", include_in_schema=False, needs_proof=True)
async def open_account(office: Office, request: Anything, page: Page) -> Response[Any]:
    """Open an account with its first role; its password is shown once."""
    site, principal = await who_asks(office, request, "people.manage")
    name = (await field(request, "login")).strip().lower()
    role, _, group = (await field(request, "post")).partition("@")
    opened = await desk.open_account(office.passwords, site, principal, name, role, group)
    if isinstance(opened, Refusal):
        return await accounts_list(site, principal, page, refusal=opened, login=name)
    return _shown_once(page, name, opened.account, password=opened.password)


@get("/accounts/{account:str}", include_in_schema=False)
async def account_page(office: Office, request: Anything, page: Page, account: str, done: str = "") -> Response[str]:
    """One account: its roles, its sessions, and what can be done."""
    site, principal = await who_asks(office, request, SEES)
    return await one_account(site, principal, page, account, done=done if done in DONE else "")


@post("/accounts/{account:str}/{act:str}", include_in_schema=False, needs_proof={"act": PROVED})
async def change_account(office: Office, request: Anything, page: Page, account: str, act: str) -> Response[Any]:
    """Do one thing to one account."""
    site, principal = await who_asks(office, request, "people.manage")
    login = await _login(site, account)
    acts = desk.Acts(office.passwords, site, principal, login)
    said = await acts.do(act, await field(request, "post"), await field(request, "session", 40))
    if said is None:
        raise NotFoundException("no such act")
    if isinstance(said, Refusal):
        return await one_account(site, principal, page, account, refusal=said)
    if said.password:
        return _shown_once(page, login.name, account, password=said.password)
    if said.card:
        base = office.settings.url or str(request.base_url).rstrip("/")
        return _shown_once(page, login.name, account, card=codes.qr(f"{base}/sign-in/card#{said.card}"))
    return forms.see(f"/accounts/{account}?done={said.done}")


async def who_asks(office: Office, request: Anything, permission: str) -> tuple[Site, Principal]:
    """The edition whose accounts are asked for, and who asks: his own, or on loopback the newest.

    Raises: Refused; PermissionDeniedException; NotFoundException
    """
    who = who_of(request)
    if who is not None:
        await check_csrf(request, request.state.csrf)
        run, principal = who.session.run, who.principal(rehearsal=False) or VISITOR
    elif office.settings.requires_sign_in:
        raise Refused(Refusal("request.sign-in"), 401)
    else:
        found = await live_runs(office)
        if not found:
            raise NotFoundException("no edition")
        run, principal = found[0].run, LOCAL
    require(principal, permission)
    return await office.site(run, writing=request.method == "POST"), principal


async def _login(site: Site, account: str) -> logins.Login:
    """Raises: NotFoundException, for accounts of another edition too."""
    async with site.connection() as connection:
        found = await logins.by_account(connection, site.run.run, account)
    if found is None:
        raise NotFoundException("no such account")
    return found


async def accounts_list(
    site: Site, by: Principal, page: Page, *, opened: str = "", refusal: Refusal | None = None, login: str = ""
) -> Response[str]:
    async with site.connection() as connection:
        accounts = await store.accounts(connection)
        roles, groups = await store.roles(connection), await store.groups(connection)
        names = await logins.names(connection, site.run.run)
    every = [
        {"name": names.get(one.account, one.account), "one": one, "posts": posts_of(one.posts, roles, groups)}
        for one in sorted(accounts.values(), key=lambda one: (one.opened_at, names.get(one.account, "")))
    ]
    return page.html(
        ROOM,
        "accounts.html",
        status_code=422 if refusal else 200,
        run=site.run.run,
        listed=account_lists.chosen(every, page.query),
        choices=_choices(roles, groups),
        wrong=forms.told(refusal, page.lang),
        login=login[:64],
        manages="people.manage" in by.permissions,
        reads=PERSONAL in by.permissions,
        waiting=len(await activation.waiting(site, again=False)),
        waiting_all=len(await activation.waiting(site, again=True)),
        opened=int(opened) if opened.isascii() and opened.isdigit() and len(opened) < 8 else None,
    )


async def one_account(
    site: Site,
    principal: Principal,
    page: Page,
    account: str,
    *,
    refusal: Refusal | None = None,
    done: str = "",
    values: Mapping[str, Any] | None = None,
) -> Response[str]:
    login = await _login(site, account)
    async with site.connection() as connection:
        found = await store.account(connection, account)
        roles, groups = await store.roles(connection), await store.groups(connection)
        open_ = await sessions.of_account(connection, site.run.run, account, datetime.now(UTC))
    standing = rules.standing(found, roles, rehearsal=True)
    return page.html(
        ROOM,
        "one-account.html",
        status_code=422 if refusal else 200,
        login=login,
        account=found,
        posts=posts_of(found.posts, roles, groups),
        standing=standing,
        sessions=open_,
        choices=_choices(roles, groups),
        manages="people.manage" in principal.permissions,
        reads=PERSONAL in principal.permissions,
        values=values,
        person=person_of(account),
        own=principal.id == f"account:{account}",
        wrong=forms.told(refusal, page.lang),
        done=done,
    )


def _choices(roles: Any, groups: Any) -> list[dict[str, Any]]:
    """Every post that can be given. Shape: value, name, group_name or None."""
    found = list[dict[str, Any]]()
    for role in roles.values():
        if not role.present:
            continue
        for group in groups if role.in_group else [""]:
            value = f"{role.role}@{group}" if group else role.role
            found.append({"value": value, "name": role.name, "group_name": groups.get(group)})
    return found


def _shown_once(page: Page, name: str, account: str, *, password: str = "", card: str = "") -> Response[str]:
    """What is shown this once and kept nowhere: a password to hand over, a card to print."""
    return page.html(
        ROOM,
        "shown-once.html",
        name=name,
        account=account,
        password=password,
        card=card,
        serial=secrets.token_hex(2) if card else "",
    )


HANDLERS = (accounts_page, open_account, account_page, change_account)
