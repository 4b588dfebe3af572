# SPDX-License-Identifier: Apache-2.0
"""Door: lets in whoever shows the right password, code or card, and makes whoever guesses wait."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec

from fourleaf.app.sign_in import codes
from fourleaf.app.sign_in.passwords import Passwords
from fourleaf.app.sign_in.sealed import Seal
from fourleaf.engines.people import actions, rules, store
from fourleaf.engines.people.facts import SignedIn, SignInLocked
from fourleaf.engines.people.state import Account
from fourleaf.kernel.patience import pause, pauses
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins, sessions
from fourleaf.postgres.journal import Site
from fourleaf.postgres.logins import Login, Tried

# A shift and what comes before and after it.
SESSION_LASTS = timedelta(hours=16)
_PAUSES = pauses(rules.FREE_FAILURES)
_PAUSES_OF_ADDRESS = pauses(rules.FREE_FAILURES_OF_ADDRESS)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed, and from where."""

    name: str
    password: str
    code: str
    address: str
    about: str

    def __repr__(self) -> str:
        return "<what was typed at the door>"


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """token: for the cookie, and kept nowhere."""

    token: str
    account: str
    temporary: bool

    def __repr__(self) -> str:
        return f"<entered {self.account}>"


class Keys(Protocol):
    """What the door needs of the process it stands in."""

    passwords: Passwords
    seal: Seal


async def by_password(keys: Keys, site: Site, given: Given) -> Entered | Refusal:
    """The same time and the same words whatever is wrong."""
    now, name = datetime.now(UTC), given.name.strip().lower()
    theirs = logins.attempt_key("account", site.run.run, name)
    tried = await tries(site, theirs, given.address, now)
    if isinstance(tried, Refusal):
        return tried
    async with site.connection() as connection:
        login = await logins.by_name(connection, site.run.run, name) if rules.check_login(name) is None else None
        account = await store.account(connection, login.account) if login else Account(account="")
    plain = rules.plain_password(given.password[: rules.LONGEST * 2])
    right = await keys.passwords.right(login.password if login and account.is_open else None, plain)
    if login is None or not right or not await is_code_right(keys, site, login, given.code, now):
        if login:
            await _note_lock(site, login.account, tried, now)
        return rules.wrong_sign_in()
    await forgive(site, tried, theirs)
    return await enter(site, login, "password", given.about, now, proved_at=now)


async def by_card(site: Site, card: str, address: str, about: str) -> Entered | Refusal:
    """A card opens only accounts whose every role allows it."""
    now = datetime.now(UTC)
    tried = await tries(site, logins.attempt_key("cards", address), address, now)
    if isinstance(tried, Refusal):
        return tried
    async with site.connection() as connection:
        login = await logins.by_card(connection, card)
        if login is None or login.run != site.run.run:
            return rules.wrong_sign_in()
        account, roles = await store.account(connection, login.account), await store.roles(connection)
    issued = rules.issue_card(account, rules.standing(account, roles, rehearsal=True))
    if isinstance(issued, Refusal):
        return issued
    await forgive(site, tried)
    return await enter(site, login, "card", about, now, proved_at=None)


async def tries(site: Site, theirs: bytes | None, address: str, now: datetime) -> Tried | Refusal:
    """Count this try, or say how long to wait. theirs: what is tried, counted beside the address."""
    asked = [(logins.attempt_key("address", address), _PAUSES_OF_ADDRESS), *([(theirs, _PAUSES)] if theirs else [])]
    async with site.connection() as connection:
        found = await logins.begin_tries(connection, asked, now)
    return found if isinstance(found, Tried) else rules.locked(found)


async def forgive(site: Site, tried: Tried, account: bytes | None = None) -> None:
    """It was right. Only the failures of the account it opened are over: an address and its cards keep theirs.

    account: the key of the tries of that account.
    """
    async with site.connection() as connection:
        await logins.was_right(connection, tried, account)


async def is_code_right(keys: Keys, site: Site, login: Login, code: str, now: datetime) -> bool:
    """Right too where none is set up: then the account opens nothing until it is."""
    if login.totp is None:
        return True
    secret = keys.seal.open(login.totp, f"{login.run}/{login.account}").decode()
    step = codes.step_of(secret, code[:20], now)
    if step is None:
        return False
    async with site.connection() as connection:
        return await logins.use_step(connection, login.run, login.account, step)


async def _note_lock(site: Site, account: str, tries: Tried, now: datetime) -> None:
    """A fact at the first pause and at every fifth after it: enough to see an attack, too few to fill the log."""
    over = tries.failures - rules.FREE_FAILURES
    if over >= 0 and over % 5 == 0:
        until = now + pause(tries.failures, rules.FREE_FAILURES)
        body = SignInLocked(account=account, failures=tries.failures, until=until)
        await actions.note(site, "sign-in", account, body)


async def enter(
    site: Site, login: Login, method: str, about: str, now: datetime, *, proved_at: datetime | None
) -> Entered:
    """Begin a session, always with a new token: one that somebody planted before opens nothing.

    proved_at: when he last showed who he is. A card proves nothing: whoever holds it has it.
    """
    token, id_ = secrets.token_urlsafe(32), secrets.token_hex(8)
    values: list[Any] = [id_, login.run, login.account, method, about, now, now + SESSION_LASTS, proved_at]
    async with site.connection() as connection:
        await sessions.begin(connection, token, values)
    body = SignedIn(account=login.account, method=method, session=id_)
    await actions.note(site, f"account:{login.account}", login.account, body)
    return Entered(token=token, account=login.account, temporary=login.temporary)
