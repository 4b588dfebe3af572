# SPDX-License-Identifier: Apache-2.0
"""What the office does to accounts, for its pages and for the command line. Secrets are made here and shown once."""

import secrets
from datetime import UTC, datetime
from typing import Any

import msgspec

from fourleaf.app.sign_in.passwords import Passwords
from fourleaf.engines.people import actions, rules, store
from fourleaf.engines.people.facts import CardRevoked
from fourleaf.engines.people.state import Account
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins, sessions
from fourleaf.postgres.journal import Site
from fourleaf.postgres.logins import Login

# Read aloud and typed without a mistake: no 0 o 1 l i.
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"


# What opens an account anew, or takes something from its owner for good.
_GRAVE = frozenset({"take", "password", "card", "codes", "close"})
# What one's own page does after it asked for what opens the account now, or what only a colleague gives.
_OF_OTHERS = frozenset({"password", "card", "codes"})


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was done. password, card: shown this once."""

    account: str = ""
    done: str = ""
    password: str = ""
    card: str = ""

    def __repr__(self) -> str:
        return f"<{self.done} {self.account}>"


def fresh_password() -> str:
    """Four groups of four signs: 79 bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(4))


def fresh_id() -> str:
    """Of an account: it says nothing of its owner."""
    return "".join(secrets.choice(_SIGNS) for _ in range(12))


async def open_account(
    passwords: Passwords, site: Site, by: Principal, name: str, role: str, group: str, *, synthetic: bool = False
) -> Said | Refusal:
    """Open an account under a login name and give it its first role. A login whose account was never opened is taken over."""
    async with site.connection() as connection:
        refusal = rules.check_login(name) or await _wrong_post(connection, role, group, by)
        login = await logins.by_name(connection, site.run.run, name) if refusal is None else None
        if login and (await store.account(connection, login.account)).version:
            refusal = Refusal("people.login-taken", {}, "login")
        if refusal:
            return refusal
        account = login.account if login else fresh_id()
        if login is None and not await logins.add(connection, site.run.run, account, name):
            return Refusal("people.login-taken", {}, "login")
    opened = await _change(site, by.id, account, lambda found: rules.open_account(found, synthetic=synthetic))
    if isinstance(opened, Refusal):
        return opened
    given = await actions.give(site, by, request_id=secrets.token_hex(8), account=account, role=role, group=group)
    if isinstance(given, Refusal):
        return given
    return await new_password(passwords, site, by.id, account)


async def _wrong_post(connection: Any, role: str, group: str, by: Principal) -> Refusal | None:
    roles, groups = await store.roles(connection), await store.groups(connection)
    found = rules.give(Account(account="", is_open=True), roles.get(role), group, groups, by)
    return found if isinstance(found, Refusal) else None


async def new_password(passwords: Passwords, site: Site, actor: str, account: str) -> Said | Refusal:
    """A password of the office's choice, to be changed at once; every session ends."""
    password = fresh_password()
    encoded = await passwords.hash(password)
    said = await _change(site, actor, account, lambda found: rules.new_password(found, by_office=True))
    if isinstance(said, Refusal):
        return said
    async with site.connection() as connection:
        await logins.set_password(connection, site.run.run, account, encoded, temporary=True)
        await sessions.revoke(connection, site.run.run, account, datetime.now(UTC))
    return Said(account=account, done="password", password=password)


class Acts:
    """One thing done to one account, by name."""

    def __init__(self, passwords: Passwords, site: Site, by: Principal, login: Login) -> None:
        self._passwords, self._site, self._by, self._actor, self._login = passwords, site, by, by.id, login
        self._account, self._run = login.account, site.run.run

    async def do(self, act: str, post: str, session: str) -> Said | Refusal | None:
        """None for an act that is not known."""
        if act in _OF_OTHERS and self._actor == f"account:{self._account}":
            return Refusal("people.own-account")
        refusal = await actions.beyond(self._site, self._by, self._account) if act in _GRAVE else None
        return refusal or await self._done(act, post, session)

    async def _done(self, act: str, post: str, session: str) -> Said | Refusal | None:
        role, _, group = post.partition("@")
        match act:
            case "give" | "take":
                return await self._post(act, role, group)
            case "password":
                return await new_password(self._passwords, self._site, self._actor, self._account)
            case "card":
                return await self._card()
            case "card-revoke":
                return await self._card_revoked()
            case "codes":
                return await self._codes()
            case "end":
                return await self._end(session)
            case "close":
                return await self._close()
        return None

    async def _post(self, act: str, role: str, group: str) -> Said | Refusal:
        asked = {"request_id": secrets.token_hex(8), "account": self._account, "role": role, "group": group}
        if act == "give":
            said = await actions.give(self._site, self._by, **asked)
        else:
            said = await actions.take(self._site, self._actor, **asked)
        return said if isinstance(said, Refusal) else Said(done="given" if act == "give" else "taken")

    async def _card(self) -> Said | Refusal:
        card = f"{self._run}.{secrets.token_urlsafe(32)}"
        async with self._site.connection() as connection:
            roles = await store.roles(connection)
        said = await self._happen(lambda found: rules.issue_card(found, rules.standing(found, roles, rehearsal=True)))
        if isinstance(said, Refusal):
            return said
        async with self._site.connection() as connection:
            await logins.set_card(connection, self._run, self._account, card)
        return Said(done="card", card=card)

    async def _card_revoked(self) -> Said | Refusal:
        said = await self._happen(lambda found: rules.happened(found, CardRevoked(account=found.account)))
        if isinstance(said, Refusal):
            return said
        async with self._site.connection() as connection:
            await logins.set_card(connection, self._run, self._account, None)
            await sessions.revoke(connection, self._run, self._account, datetime.now(UTC))
        return Said(done="card-revoked")

    async def _codes(self) -> Said | Refusal:
        said = await self._happen(rules.clear_codes)
        if isinstance(said, Refusal):
            return said
        async with self._site.connection() as connection:
            await logins.set_totp(connection, self._run, self._account, None)
        return Said(done="codes")

    async def _end(self, session: str) -> Said | Refusal:
        async with self._site.connection() as connection:
            await sessions.revoke(connection, self._run, self._account, datetime.now(UTC), only=session or None)
        said = await self._happen(lambda found: rules.end_sessions(found, session or "all"))
        return said if isinstance(said, Refusal) else Said(done="ended")

    async def _close(self) -> Said | Refusal:
        said = await self._happen(lambda found: rules.close(found, self._actor))
        if isinstance(said, Refusal):
            return said
        async with self._site.connection() as connection:
            await logins.set_card(connection, self._run, self._account, None)
            await sessions.revoke(connection, self._run, self._account, datetime.now(UTC))
        return Said(done="closed")

    async def _happen(self, rule: Any) -> Any:
        return await _change(self._site, self._actor, self._account, rule)


async def _change(site: Site, actor: str, account: str, rule: Any) -> Any:
    id_ = secrets.token_hex(8)
    return await actions.change(site, actor, request_id=id_, account=account, given=[id_], rule=rule)
