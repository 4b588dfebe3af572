# SPDX-License-Identifier: Apache-2.0
"""Scrape: who may read the metrics: a watcher by its token, people by a permission, and anybody where nobody signs in."""

import hmac
import stat
from typing import Any

from litestar import Request
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

from fourleaf.app.settings import Settings
from fourleaf.app.sign_in.gate import who_of
from fourleaf.app.speech import shown
from fourleaf.engines.people.declares import METRICS
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.answers import Refused

# The rights of others than the owner.
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Watcher:
    """Knows the token, which is read once: a new one is taken with the next start."""

    def __init__(self, settings: Settings) -> None:
        file = settings.metrics_token
        self._token = file.read_text("utf-8").strip().encode() if file else None

    def shows(self, authorization: str) -> bool:
        scheme, _, told = authorization.partition(" ")
        given = told.strip().encode("utf-8", "replace")
        return self._token is not None and scheme.lower() == "bearer" and hmac.compare_digest(given, self._token)


def check(request: Request[Any, Any, Any], watcher: Watcher, *, unsigned: bool) -> None:
    """unsigned: nobody has to sign in here.

    Raises: NotAuthorizedException, PermissionDeniedException, Refused
    """
    authorization, who = request.headers.get("authorization"), who_of(request)
    if authorization is not None:
        if not watcher.shows(authorization):
            raise NotAuthorizedException("unknown watcher")
    elif who is not None:
        found = who.principal(rehearsal=False)
        if found is None or METRICS not in found.permissions:
            raise PermissionDeniedException
    elif not unsigned:
        raise Refused(Refusal("request.sign-in"), 401, headers={"WWW-Authenticate": "Bearer"})


def examined(settings: Settings) -> tuple[bool, str, str] | None:
    """What the doctor says of the token's file. Shape: ok, zh, en; None where there is none."""
    file = settings.metrics_token
    if file is None:
        return None
    if not file.stat().st_mode & _OTHERS:
        return True, f"指标令牌 {shown(file)} 仅所有者可读", f"Only its owner reads the token of metrics, {shown(file)}"
    mend = f"chmod 600 {file}"
    return (
        False,
        f"指标令牌 {shown(file)} 可被其他用户读取。请执行 {mend}",
        f"The token of metrics, {shown(file)}, can be read by others. Run {mend}",
    )
