# SPDX-License-Identifier: Apache-2.0
"""The page of one's own account: sessions, password, one-time codes."""

import base64
import binascii
import secrets
from datetime import UTC, datetime
from typing import Any

from litestar import Response, get, post

from fourleaf.app.sign_in import codes, forms
from fourleaf.app.sign_in.forms import ROOM, Anything, field
from fourleaf.app.sign_in.gate import check_csrf, who_of
from fourleaf.app.sign_in.sealed import SealedAway
from fourleaf.app.sign_in.standing import Who
from fourleaf.engines.people import actions, rules, store
from fourleaf.kernel.patience import pauses
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins, sessions
from fourleaf.ui.answers import Refused
from fourleaf.ui.pages import Page

Office = Any
DONE = frozenset({"password", "codes", "revoked", "linked"})


@get("/account", include_in_schema=False)
async def account_page(office: Office, request: Anything, page: Page, done: str = "") -> Response[str]:
    """Who I am here, and where I am signed in."""
    return await _page(office, signed_in(request), page, done=done if done in DONE else "")


@post("/account/password", include_in_schema=False)
async def change_password(office: Office, request: Anything, page: Page) -> Response[Any]:
    """Choose another password; every other session of the account ends."""
    who = await acting(request)
    session, wanted = who.session, await field(request, "password", 1000)
    site = await office.site(session.run, writing=True)
    async with site.connection() as connection:
        login = await logins.by_account(connection, session.run, session.account)
    old = rules.plain_password((await field(request, "old", 1000))[: rules.LONGEST * 2])
    refusal = rules.check_twice(wanted, await field(request, "again", 1000))
    refusal = refusal or rules.check_password(wanted, session.name)
    tries = await counted(office, who)
    refusal = tries or refusal
    if refusal is None and not await office.passwords.right(login.password if login else None, old):
        refusal = rules.wrong_sign_in()
    if refusal is not None:
        return await _page(office, who, page, refusal=refusal)
    encoded = await office.passwords.hash(rules.plain_password(wanted))
    await _happen(site, who, lambda account: rules.new_password(account, by_office=False))
    async with site.connection() as connection:
        await logins.set_password(connection, session.run, session.account, encoded, temporary=False)
        await logins.forgive(connection, key_of(who))
        await sessions.revoke(connection, session.run, session.account, datetime.now(UTC), but=session.id)
    return forms.see("/account?done=password")


@post("/account/codes", include_in_schema=False, needs_proof=True)
async def set_codes(office: Office, request: Anything, page: Page) -> Response[Any]:
    """Set one-time codes up: the code of the secret that the page showed proves that the device has it."""
    who = await acting(request)
    session, shown = who.session, await field(request, "pending", 500)
    try:
        secret = office.seal.open(base64.urlsafe_b64decode(shown), _pending(who)).decode()
    except (SealedAway, binascii.Error, ValueError):
        raise Refused(Refusal("request.foreign-form"), 403) from None
    step = codes.step_of(secret, await field(request, "code", 20), datetime.now(UTC))
    site = await office.site(session.run, writing=True)
    answer = await _happen(site, who, lambda account: rules.set_codes(account, step is not None))
    if isinstance(answer, Refusal):
        return await _page(office, who, page, refusal=answer)
    async with site.connection() as connection:
        sealed = office.seal.close(secret.encode(), f"{session.run}/{session.account}")
        await logins.set_totp(connection, session.run, session.account, sealed, step or 0)
        await sessions.revoke(connection, session.run, session.account, datetime.now(UTC), but=session.id)
    return forms.see("/account?done=codes")


@post("/account/sessions", include_in_schema=False)
async def revoke_session(office: Office, request: Anything) -> Response[Any]:
    """End a session of one's own; nobody else's is found under its name."""
    who = await acting(request)
    named = await field(request, "session", 40)
    site = await office.site(who.session.run, writing=True)
    async with site.connection() as connection:
        ended = await sessions.revoke(connection, who.session.run, who.session.account, datetime.now(UTC), only=named)
    if ended:
        await _happen(site, who, lambda account: rules.end_sessions(account, named))
    return forms.see("/account?done=revoked")


def signed_in(request: Anything) -> Who:
    """Raises: Refused"""
    who = who_of(request)
    if who is None:
        raise Refused(Refusal("request.sign-in"), 401)
    return who


async def acting(request: Anything) -> Who:
    """Raises: Refused"""
    who = signed_in(request)
    await check_csrf(request, request.state.csrf)
    return who


async def _happen(site: Any, who: Who, rule: Any) -> Any:
    """A fact of one's own account."""
    actor = f"account:{who.session.account}"
    id_ = secrets.token_hex(8)
    return await actions.change(site, actor, request_id=id_, account=who.session.account, given=[id_], rule=rule)


def key_of(who: Who) -> bytes:
    return logins.attempt_key("own", who.session.run, who.session.account)


async def counted(office: Office, who: Who) -> Refusal | None:
    """A stolen session is no way to guess the password either."""
    now, pool = datetime.now(UTC), await office.pools.of(None)
    async with pool.connection() as connection:
        tries = await logins.begin_try(connection, key_of(who), now, pauses(rules.FREE_FAILURES))
    return rules.locked(tries.until - now) if tries.until else None


def _pending(who: Who) -> str:
    return f"pending/{who.session.run}/{who.session.account}"


async def _page(
    office: Office, who: Who, page: Page, *, refusal: Refusal | None = None, done: str = ""
) -> Response[str]:
    session = who.session
    pool = await office.pools.of(session.run)
    async with pool.connection() as connection:
        account = await store.account(connection, session.account)
        roles, groups = await store.roles(connection), await store.groups(connection)
        mine = await sessions.of_account(connection, session.run, session.account, datetime.now(UTC))
    secret = codes.fresh_secret()
    return page.html(
        ROOM,
        "account.html",
        status_code=422 if refusal else 200,
        who=who,
        account=account,
        oidc=office.oidc is not None,
        posts=posts_of(account.posts, roles, groups),
        sessions=mine,
        secret=secret,
        picture=codes.picture(secret, session.name),
        pending=base64.urlsafe_b64encode(office.seal.close(secret.encode(), _pending(who))).decode(),
        wrong=forms.told(refusal, page.lang),
        done=done,
    )


def posts_of(posts: list[str], roles: Any, groups: Any) -> list[dict[str, Any]]:
    """Posts with their names. Shape: role, group, name by language, group_name by language or None."""
    found = [(role, group) for role, _, group in (post.partition("@") for post in posts)]
    return [
        {
            "role": role,
            "group": group,
            "name": roles[role].name if role in roles else {"zh": role, "en": role},
            "group_name": groups.get(group),
        }
        for role, group in found
    ]


HANDLERS = (account_page, change_password, set_codes, revoke_session)
