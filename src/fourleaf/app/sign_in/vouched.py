# SPDX-License-Identifier: Apache-2.0
"""Vouched: lets in whom another sign-in service vouches for, and links such an identity to an account."""

import secrets
from datetime import UTC, datetime

from fourleaf.app.sign_in import door
from fourleaf.app.sign_in.door import Entered
from fourleaf.app.sign_in.oidc import Identity
from fourleaf.engines.people import actions, rules, store
from fourleaf.engines.people.facts import IdentityLinked
from fourleaf.engines.people.state import Account
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import logins
from fourleaf.postgres.journal import Site
from fourleaf.postgres.logins import Login

ACTOR = "sign-in"


async def enter(site: Site, identity: Identity, about: str) -> Entered | Refusal:
    """Through the account that is linked to him; one is opened where the pack gives a role for what is said of him."""
    async with site.connection() as connection:
        login = await logins.by_identity(connection, site.run.run, identity.issuer, identity.subject)
        account = await store.account(connection, login.account) if login else None
        roles = await store.roles(connection)
    if login is None or account is None or not account.version:
        if not rules.wanted_posts(identity.claimed, roles):
            return Refusal("people.not-linked")
        login = await _open(site, identity, login)
    account = await _follow(site, identity, login.account)
    standing = rules.standing(account, roles, rehearsal=True)
    refusal = rules.enter_by_identity(standing, codes=login.totp is not None, strong=identity.strong)
    return refusal or await door.enter(site, login, "oidc", about, datetime.now(UTC), proved_at=identity.shown_at)


async def link(site: Site, account: str, identity: Identity) -> Refusal | None:
    """From now on this identity opens this account too."""
    async with site.connection() as connection:
        if not await logins.link(connection, site.run.run, identity.issuer, identity.subject, account):
            return Refusal("people.identity-taken")
    await actions.note(site, f"account:{account}", account, IdentityLinked(account=account, issuer=identity.issuer))
    return None


async def _open(site: Site, identity: Identity, login: Login | None) -> Login:
    """The login comes first: without its fact it opens nothing, and the next try takes it over."""
    if login is None:
        fresh = secrets.token_hex(8)
        async with site.connection() as connection:
            login = await logins.add_linked(connection, site.run.run, identity.issuer, identity.subject, fresh)
    id_, account = secrets.token_hex(8), login.account
    await actions.change(
        site,
        ACTOR,
        request_id=id_,
        account=account,
        given=[id_],
        rule=lambda found: rules.open_account(found, synthetic=False),
    )
    await actions.note(site, ACTOR, account, IdentityLinked(account=account, issuer=identity.issuer))
    return login


async def _follow(site: Site, identity: Identity, name: str) -> Account:
    """Give and take the roles that depend on what the service says of him today."""
    async with site.connection() as connection:
        account, roles = await store.account(connection, name), await store.roles(connection)
    changes = rules.follow_claims(account, identity.claimed, roles) if account.is_open else []
    for body in changes:
        await actions.note(site, ACTOR, name, body)
    async with site.connection() as connection:
        return await store.account(connection, name) if changes else account
