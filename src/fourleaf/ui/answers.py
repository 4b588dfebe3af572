# SPDX-License-Identifier: Apache-2.0
"""Answers of JSON handlers: refusals that become problem details, and sentences in both languages."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from litestar import Response
from litestar.exceptions import PermissionDeniedException

from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui import words
from fourleaf.ui.format import LANGS


class Refused(Exception):
    """Carries a refusal to the edge, where it becomes an RFC 9457 problem."""

    def __init__(self, refusal: Refusal, status: int = 422, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(refusal.code)
        self.refusal, self.status, self.headers = refusal, status, headers


class Answered(Protocol):
    """What a command was told: the log's `Answer`, seen from here. Pages and log do not know each other."""

    @property
    def value(self) -> Any: ...

    @property
    def replayed(self) -> bool: ...


def respond(
    answer: Answered | Refusal, say: Callable[[dict[str, Any]], dict[str, Any]] = dict
) -> Response[dict[str, Any]]:
    """The answer of a command over HTTP; a repeated request is told that this is its first answer.

    say: adds words to the answer that is kept.
    Raises: Refused
    """
    if isinstance(answer, Refusal):
        raise Refused(answer)
    return Response(say(answer.value), headers={"Idempotent-Replayed": "true"} if answer.replayed else {})


def device(principal: Principal, kind: str) -> str:
    """The id of the device of this kind that asks.

    Raises: PermissionDeniedException for anybody else.
    """
    found, _, name = principal.id.partition(":")
    if found != kind or not name:
        raise PermissionDeniedException(f"only a {kind} may do this")
    return name


def require(principal: Principal, permission: str) -> None:
    """Raises: PermissionDeniedException when the principal lacks the permission."""
    if permission not in principal.permissions:
        raise PermissionDeniedException(f"this needs the permission {permission}")


@cache
def _words(room: Path) -> dict[str, words.Words]:
    return {lang: words.read(lang, room / "messages") for lang in LANGS}


def sentence(room: Path, key: str, **values: object) -> dict[str, str]:
    """A sentence of a room in every language. Shape: language -> text."""
    return {lang: spoken(key, **values) for lang, spoken in _words(room).items()}
