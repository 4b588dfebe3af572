# SPDX-License-Identifier: Apache-2.0
"""People: what can happen to an account. No names and no secrets: those are not for the log."""

from datetime import datetime
from typing import ClassVar

from fourleaf.kernel.fact import Body


class Opened(Body, frozen=True, kw_only=True):
    """An account was opened. synthetic: made up, and good for rehearsals only."""

    KIND: ClassVar[str] = "people.Opened"
    account: str
    synthetic: bool = False


class Closed(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "people.Closed"
    account: str


class RoleGiven(Body, frozen=True, kw_only=True):
    """The account holds a role from now on: a post, if it is held in a group. group: "" where there is none."""

    KIND: ClassVar[str] = "people.RoleGiven"
    account: str
    role: str
    group: str = ""


class RoleTaken(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "people.RoleTaken"
    account: str
    role: str
    group: str = ""


class SignedIn(Body, frozen=True, kw_only=True):
    """method: `password`, `card` or `oidc`. session: its public name, which opens nothing."""

    KIND: ClassVar[str] = "people.SignedIn"
    account: str
    method: str
    session: str


class SignInLocked(Body, frozen=True, kw_only=True):
    """So many wrong passwords in a row that nobody may try again for a while."""

    KIND: ClassVar[str] = "people.SignInLocked"
    account: str
    failures: int
    until: datetime


class SessionRevoked(Body, frozen=True, kw_only=True):
    """A session was ended before its time, by its owner or by the office. session: `all` for every one."""

    KIND: ClassVar[str] = "people.SessionRevoked"
    account: str
    session: str


class Invited(Body, frozen=True, kw_only=True):
    """A code with which its owner chooses the first password was printed; any earlier one opens nothing."""

    KIND: ClassVar[str] = "people.Invited"
    account: str
    until: datetime


class PasswordChanged(Body, frozen=True, kw_only=True):
    """by_office: the office chose it, so that it must be changed."""

    KIND: ClassVar[str] = "people.PasswordChanged"
    account: str
    by_office: bool = False


class CodesSet(Body, frozen=True, kw_only=True):
    """One-time codes are asked at sign-in from now on; again: in the place of earlier ones."""

    KIND: ClassVar[str] = "people.CodesSet"
    account: str


class CodesCleared(Body, frozen=True, kw_only=True):
    """The office took the one-time codes away, because the device is lost."""

    KIND: ClassVar[str] = "people.CodesCleared"
    account: str


class CardIssued(Body, frozen=True, kw_only=True):
    """A card with a QR code opens the account; any earlier card does not."""

    KIND: ClassVar[str] = "people.CardIssued"
    account: str


class CardRevoked(Body, frozen=True, kw_only=True):
    KIND: ClassVar[str] = "people.CardRevoked"
    account: str


class IdentityLinked(Body, frozen=True, kw_only=True):
    """The account can be entered through another sign-in service. issuer: its address."""

    KIND: ClassVar[str] = "people.IdentityLinked"
    account: str
    issuer: str
