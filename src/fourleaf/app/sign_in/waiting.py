# SPDX-License-Identifier: Apache-2.0
"""Waiting: the form that waits until it is proved who sends it.

It stands in the page that asks. While its sender is away at another sign-in service it lies sealed in a cookie, for him alone.
"""

import base64
import binascii
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from litestar.datastructures import Cookie

from fourleaf.app.sign_in import forms
from fourleaf.app.sign_in.forms import Anything
from fourleaf.app.sign_in.gate import Cookies
from fourleaf.app.sign_in.sealed import SealedAway
from fourleaf.app.sign_in.standing import Who, same

Office = Any
Fields = Sequence[tuple[str, str]]
PATH = "/account/prove"
HOLDS = timedelta(minutes=10)
# A browser keeps 4,096 bytes of a cookie with its name and all. No form that waits here comes near.
_MOST = 3_600
_ABOUT = "form that waits"


class Waiting(msgspec.Struct, frozen=True):
    """back: the page it stood on; again: where it was sent, "" for no form at all."""

    back: str
    again: str = ""
    fields: Fields = ()

    @classmethod
    def of(cls, back: str, again: str = "", fields: Fields = ()) -> "Waiting":
        """With ways of this server only."""
        where = forms.way_back(back[:600])
        return cls(where, forms.way_back(again), fields) if again else cls(where)


class _Carried(msgspec.Struct, frozen=True, kw_only=True):
    """path: where it is asked for; nobody who did not see the page that asked can lead there."""

    path: str
    until: datetime
    run: str
    account: str
    waiting: Waiting


def carry(office: Office, who: Who, waiting: Waiting) -> tuple[str, list[Cookie]]:
    """Where to come back to from another service, and the cookie that brings the form along; no form, or one too long, none."""
    carried = _Carried(
        path=f"{PATH}/{secrets.token_urlsafe(16)}",
        until=datetime.now(UTC) + HOLDS,
        run=who.session.run,
        account=who.session.account,
        waiting=waiting,
    )
    sealed = base64.urlsafe_b64encode(office.seal.close(msgspec.json.encode(carried), _ABOUT)).decode()
    if office.oidc is None or not waiting.again or len(sealed) > _MOST:
        return waiting.back, []
    return carried.path, [_cookie(office, sealed)]


def carried(office: Office, request: Anything, who: Who) -> Waiting | None:
    """The form that this one sent from this browser, if this is where it is asked for."""
    try:
        sealed = base64.urlsafe_b64decode(request.cookies.get(_name(office), ""))
        found = msgspec.json.decode(office.seal.open(sealed, _ABOUT), type=_Carried)
    except (SealedAway, binascii.Error, ValueError):
        return None
    his = (found.run, found.account) == (who.session.run, who.session.account)
    return found.waiting if his and same(request.url.path, found.path) and found.until > datetime.now(UTC) else None


def gone(office: Office) -> Cookie:
    """It is sent on once."""
    return _cookie(office, "", gone=True)


def _name(office: Office) -> str:
    return f"{Cookies(office.settings).form}-waiting"


def _cookie(office: Office, value: str, *, gone: bool = False) -> Cookie:
    return forms.cookie(_name(office), value, secure=Cookies(office.settings).secure, gone=gone)
