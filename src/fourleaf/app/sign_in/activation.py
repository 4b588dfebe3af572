# SPDX-License-Identifier: Apache-2.0
"""Activation: codes for accounts that nothing opens yet, printed once, and what their owners do with them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from fourleaf.app.sign_in import door
from fourleaf.app.sign_in.desk import fresh_password
from fourleaf.app.sign_in.door import Entered
from fourleaf.engines.people import actions, rules, store
from fourleaf.engines.people.facts import PasswordChanged
from fourleaf.engines.people.state import Account
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import activations, logins
from fourleaf.postgres.journal import Site
from fourleaf.postgres.pool import Connection


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """What one owner gets on paper, this once."""

    account: Account
    login: str
    code: str

    def __repr__(self) -> str:
        return f"<slip of {self.account.account}>"


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody typed who has a code, and from where."""

    code: str
    password: str
    again: str
    address: str
    about: str

    def __repr__(self) -> str:
        return "<what was typed with a code>"


async def waiting(site: Site, *, again: bool) -> dict[str, str]:
    """Open accounts that nothing opens yet. again: with those that have a code. Shape: account -> login name."""
    async with site.connection() as connection:
        names = await activations.waiting(connection, site.run.run, datetime.now(UTC), again=again)
        found = await store.accounts(connection, list(names))
    return {account: name for account, name in names.items() if account in found and found[account].is_open}


async def print_codes(site: Site, by: Principal, *, again: bool) -> list[Slip] | Refusal:
    """A fresh code for everybody who waits for one and may be opened by this keeper.

    again: also for who has one, which then opens nothing.
    """
    names, until = await waiting(site, again=again), datetime.now(UTC) + rules.INVITED_FOR
    async with site.connection() as connection:
        found: Mapping[str, Account] = await store.accounts(connection, list(names))
        roles = await store.roles(connection)
    names = {one: name for one, name in names.items() if not rules.beyond(found[one], roles, by)}
    if not names:
        return Refusal("people.nobody-waits")
    codes = {account: fresh_password() for account in names}

    async def also(connection: Connection) -> None:
        await activations.print_codes(connection, site.run.run, codes, until)

    refusal = await actions.invite_many(site, by, list(names), until, also)
    if refusal is not None:
        return refusal
    return [Slip(account=found[one], login=names[one], code=codes[one]) for one in names]


async def activate(keys: Any, site: Site, chosen: Chosen) -> Entered | Refusal:
    """Take the first password of whoever has a good code, and let him in. keys: an office, for passwords and other sites."""
    now = datetime.now(UTC)
    # A code cannot be guessed, and on its first morning a whole office stands behind one address.
    tries = await door.tries(site, None, chosen.address, now)
    if isinstance(tries, Refusal):
        return tries
    code = "".join(chosen.code.lower().split())
    async with site.connection() as connection:
        found = await activations.find(connection, code, now)
        login = await logins.by_account(connection, *found) if found else None
    if login is None:
        return Refusal("people.wrong-activation", {}, "code")
    refusal = rules.check_twice(chosen.password, chosen.again) or rules.check_password(chosen.password, login.name)
    its = await keys.site(login.run, writing=True)
    async with its.connection() as connection:
        account = await store.account(connection, login.account)
    if refusal or not account.is_open:
        return refusal or Refusal("people.wrong-activation", {}, "code")
    encoded = await keys.passwords.hash(rules.plain_password(chosen.password))
    async with its.connection() as connection:
        if not await activations.use(connection, code, encoded, now):
            return Refusal("people.wrong-activation", {}, "code")
    await door.forgive(its, tries)
    await actions.note(its, f"account:{login.account}", login.account, PasswordChanged(account=login.account))
    return await door.enter(its, login, "password", chosen.about, now, proved_at=now)
