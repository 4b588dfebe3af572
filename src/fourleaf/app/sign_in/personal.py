# SPDX-License-Identifier: Apache-2.0
"""Personal: the names behind accounts. Whoever looks says what for, may do so, and leaves a fact."""

from collections.abc import Sequence

import msgspec

from fourleaf.app.sign_in.roll import PERSONAL, person_of
from fourleaf.engines.people import store
from fourleaf.engines.people.state import Account
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins
from fourleaf.postgres.journal import Site
from fourleaf.vault.persons import Vault
from fourleaf.vault.rules import MAX_PERSONS, Value


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """An account and what the vault says of its owner."""

    account: Account
    login: str
    values: dict[str, Value]

    def __repr__(self) -> str:
        return f"<owner of {self.account.account}>"


async def owners(
    site: Site, vault: Vault, by: Principal, purpose: str, only: Sequence[str] | None = None
) -> list[Owner] | Refusal:
    """Everybody of whom anything is kept. One fact, or one a thousand persons. only: these accounts."""
    async with site.connection() as connection:
        accounts = await store.accounts(connection, only)
        names = await logins.names(connection, site.run.run)
        kept = await vault.kept(connection, [person_of(one) for one in accounts])
        found = dict[str, dict[str, Value]]()
        for first in range(0, max(len(kept), 1), MAX_PERSONS):
            some = await vault.get(
                connection, kept[first : first + MAX_PERSONS], PERSONAL, actor=by.id, purpose=purpose
            )
            if isinstance(some, Refusal):
                return some
            found |= some
    return [
        Owner(account=one, login=names.get(name, name), values=found[person_of(name)])
        for name, one in accounts.items()
        if person_of(name) in found
    ]
