# SPDX-License-Identifier: Apache-2.0
"""People: who may hold which role, what an account sees and may do, and what a password must be. Pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil

import msgspec

from fourleaf.engines.people.declares import ANY, GIVES, GROUPS
from fourleaf.engines.people.facts import (
    CardIssued,
    CardRevoked,
    Closed,
    CodesCleared,
    CodesSet,
    Invited,
    Opened,
    PasswordChanged,
    RoleGiven,
    RoleTaken,
    SessionRevoked,
)
from fourleaf.engines.people.state import Account, Role, post
from fourleaf.kernel.fact import Body
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
# NIST SP 800-63B: length counts, made-up rules of composition do not.
SHORTEST, LONGEST = 10, 128
# A code for the first password is good for so long.
INVITED_FOR = timedelta(days=14)
# So many mistakes are free; then comes a pause, and each further one doubles it, up to the longest.
FREE_FAILURES = 5
# An address may be that of a whole office behind one line.
FREE_FAILURES_OF_ADDRESS = 50


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What an account sees and may do through its posts. asks_codes: one of its roles asks for one-time codes."""

    labels: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    asks_codes: bool = False
    takes_card: bool = False


def standing(account: Account, roles: Mapping[str, Role], *, rehearsal: bool) -> Standing | None:
    """None for an account that opens nothing here: closed, not there, or made up and asked for in a live run."""
    if not account.is_open or (account.synthetic and not rehearsal):
        return None
    held = [(roles[role], group) for role, _, group in (one.partition("@") for one in account.posts) if role in roles]
    held = [(role, group) for role, group in held if role.present]
    labels = {label for role, group in held for label in _labels(role, group)}
    return Standing(
        labels=tuple(sorted(labels | {"public", f"person:{account.account}"})),
        permissions=tuple(sorted({one for role, _ in held for one in role.may})),
        roles=tuple(account.posts),
        asks_codes=any(role.totp for role, _ in held),
        takes_card=bool(held) and all(role.card for role, _ in held),
    )


def only_looks(account: Account, standing: Standing) -> bool:
    """A screen: it may do nothing, and holds no post of a group, behind which a person stands."""
    return not standing.permissions and not any("@" in post for post in account.posts)


def open_account(account: Account, *, synthetic: bool) -> Opened | Refusal:
    if account.version:
        return Refusal("people.already-open", {"account": account.account})
    return Opened(account=account.account, synthetic=synthetic)


def open_with(
    account: Account, role: Role | None, group: str, groups: Collection[str], by: Principal
) -> list[Opened | RoleGiven] | Refusal:
    """Open an account and give it its first role."""
    opened = open_account(account, synthetic=False)
    if isinstance(opened, Refusal):
        return opened
    given = give(Account(account=account.account, is_open=True), role, group, groups, by)
    return given if isinstance(given, Refusal) else [opened, given]


def close(account: Account, by: str) -> Closed | Refusal:
    if not account.is_open:
        return _not_open(account)
    if by == f"account:{account.account}":
        return Refusal("people.own-account")
    return Closed(account=account.account)


def give(
    account: Account, role: Role | None, group: str, groups: Collection[str], by: Principal
) -> RoleGiven | Refusal:
    """Nobody makes himself more than he is: posts are given by somebody else, one that gives posts only by who may
    himself do all that it may, and one that sees what not all the office sees only by who sees that too."""
    wrong = _wrong_post(account, role, group, groups, by.id)
    if wrong or role is None:
        return wrong or Refusal("people.unknown-role", {}, "role")
    if GIVES in role.may and not set(role.may) <= set(by.permissions):
        return Refusal("people.not-yours-to-give", {"role": role.role}, "role")
    hidden = _hidden(_labels(role, group), by)
    if hidden:
        return Refusal("people.sees-more-than-you", {"role": role.role, "labels": ", ".join(hidden)}, "role")
    if post(role.role, group) in account.posts:
        return Refusal("people.held-already", {"post": post(role.role, group)}, "role")
    return RoleGiven(account=account.account, role=role.role, group=group)


def beyond(account: Account, roles: Mapping[str, Role], by: Principal) -> Refusal | None:
    """Whoever opens an account anew can be its owner: one that gives posts is for those who may do all that it may, and one
    that sees what not all the office sees for those who see that too."""
    found = standing(account, roles, rehearsal=True)
    if found is None:
        return None
    if GIVES in found.permissions and not set(found.permissions) <= set(by.permissions):
        return Refusal("people.beyond-you")
    hidden = _hidden(set(found.labels) - {f"person:{account.account}"}, by)
    return Refusal("people.beyond-your-sight", {"labels": ", ".join(hidden)}) if hidden else None


def _hidden(labels: Collection[str], by: Principal) -> list[str]:
    """Of these labels those that are neither everybody's nor the giver's to pass on."""
    if ANY in by.permissions:
        return []
    above = set(labels) - {"public", "office", *by.labels}
    return sorted(one for one in above if GROUPS not in by.permissions or not one.startswith(("group:", "agency:")))


def _labels(role: Role, group: str) -> set[str]:
    return {label.replace("{group}", group) for label in role.labels}


def take(account: Account, role: str, group: str, by: str) -> RoleTaken | Refusal:
    if not account.is_open:
        return _not_open(account)
    if by == f"account:{account.account}":
        return Refusal("people.own-account")
    if post(role, group) not in account.posts:
        return Refusal("people.not-held", {"post": post(role, group)}, "role")
    return RoleTaken(account=account.account, role=role, group=group)


def _wrong_post(account: Account, role: Role | None, group: str, groups: Collection[str], by: str) -> Refusal | None:
    if not account.is_open:
        return _not_open(account)
    if by == f"account:{account.account}":
        return Refusal("people.own-account")
    if role is None or not role.present:
        return Refusal("people.unknown-role", {}, "role")
    if role.in_group != bool(group) or (group and group not in groups):
        return Refusal("people.wrong-group", {"role": role.role}, "group")
    return None


def happened(account: Account, body: Body) -> Body | Refusal:
    """What befalls an account that is open: a changed password, a card, codes."""
    if not account.is_open:
        return _not_open(account)
    if isinstance(body, CardRevoked) and not account.card:
        return Refusal("people.no-card")
    return body


def issue_card(account: Account, standing: Standing | None) -> CardIssued | Refusal:
    """Only where every role of the account allows it: a card is as good as its keeper."""
    if standing is None or not standing.takes_card:
        return Refusal("people.card-not-allowed")
    return CardIssued(account=account.account)


def end_sessions(account: Account, session: str) -> SessionRevoked | Refusal:
    return SessionRevoked(account=account.account, session=session) if account.version else _not_open(account)


def set_codes(account: Account, right: bool) -> CodesSet | Refusal:
    if not account.is_open:
        return _not_open(account)
    return CodesSet(account=account.account) if right else Refusal("people.wrong-code", {}, "code")


def clear_codes(account: Account) -> CodesCleared | Refusal:
    return CodesCleared(account=account.account) if account.codes else Refusal("people.no-codes")


def new_password(account: Account, *, by_office: bool) -> PasswordChanged | Refusal:
    if not account.is_open:
        return _not_open(account)
    return PasswordChanged(account=account.account, by_office=by_office)


def invite(account: Account, until: datetime) -> Invited | Refusal:
    """Whoever has the code chooses the first password."""
    return Invited(account=account.account, until=until) if account.is_open else _not_open(account)


def plain_password(given: str) -> str:
    """The same keys on two keyboards may send different code points (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", given)


def check_login(name: str) -> Refusal | None:
    return None if _LOGIN.fullmatch(name) else Refusal("people.bad-login", {}, "login")


def check_twice(first: str, second: str) -> Refusal | None:
    return None if first == second else Refusal("people.passwords-differ", {}, "again")


def wrong_sign_in() -> Refusal:
    """The same words whatever was wrong: which accounts there are is nobody's business."""
    return Refusal("people.wrong-sign-in")


def locked(wait: timedelta) -> Refusal:
    return Refusal("people.locked", {"seconds": max(1, ceil(wait.total_seconds()))})


def check_password(given: str, login: str) -> Refusal | None:
    """Why a password cannot be chosen."""
    plain = plain_password(given)
    if not SHORTEST <= len(plain) <= LONGEST:
        return Refusal("people.password-length", {"least": SHORTEST, "most": LONGEST}, "password")
    if len(set(plain)) < 5 or login in plain.lower() or plain.lower() in _COMMON:
        return Refusal("people.password-guessable", {}, "password")
    return None


def wanted_posts(claimed: Iterable[str], roles: Mapping[str, Role]) -> list[str]:
    """The roles that the pack gives to whoever another sign-in service says this of; only roles of no group."""
    said = set(claimed)
    return sorted(
        name for name, role in roles.items() if role.present and not role.in_group and said & set(role.claims)
    )


def follow_claims(account: Account, claimed: Iterable[str], roles: Mapping[str, Role]) -> list[RoleGiven | RoleTaken]:
    """What changes for an account because of what the sign-in service says of it today: roles that claims give, they also take."""
    wanted = set(wanted_posts(claimed, roles))
    held = {name for name in account.posts if name in roles and roles[name].claims}
    given = [RoleGiven(account=account.account, role=name) for name in sorted(wanted - held)]
    return [*given, *(RoleTaken(account=account.account, role=name) for name in sorted(held - wanted))]


def enter_by_identity(standing: Standing | None, *, codes: bool, strong: bool) -> Refusal | None:
    """Where a password alone would not do, the other service's password alone does not either.

    codes: one-time codes are set up here; strong: the service asked for more than a password.
    """
    if standing is None:
        return Refusal("people.not-linked")
    return Refusal("people.second-factor") if (standing.asks_codes or codes) and not strong else None


def _not_open(account: Account) -> Refusal:
    return Refusal("people.not-open", {"account": account.account})


# What is tried first.
_COMMON = frozenset(
    {
        "password123",
        "0987654321",
        "password12",
        "woaini1314",
        "qwertyuiop",
        "1234567890",
        "1qaz2wsx3edc",
        "ciie2024ciie",
        "abc1234567",
        "shanghai2024",
        "fourleaf12",
        "5201314520",
        "woaini1314520",
        "expo2024expo",
        "administrator",
        "1q2w3e4r5t",
        "a123456789",
        "abcd123456",
        "admin123456",
        "fourleaf123",
        "password1234",
        "iloveyou123",
    }
)
