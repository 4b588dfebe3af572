# SPDX-License-Identifier: Apache-2.0
"""Parsing: what may be sent, and which credentials somebody may see: all for the office, an organization its own."""

from collections.abc import Collection
from typing import Annotated, Any

import msgspec
from litestar import Request
from litestar.exceptions import NotFoundException
from litestar.params import Dependency

from fourleaf.engines.credentials import store
from fourleaf.engines.credentials.actions import Asked, Keeping
from fourleaf.engines.credentials.actions.writing import labels_of
from fourleaf.engines.credentials.state import Credential
from fourleaf.kernel.labels import visible
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.journal import Site
from fourleaf.ui.sent import Sent

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]
Text = Annotated[str, msgspec.Meta(max_length=200)]
Documents = Annotated[list[Code], msgspec.Meta(max_length=20)]
Names = Annotated[list[Name], msgspec.Meta(min_length=1, max_length=1_000)]
Safe = Annotated[Keeping, Dependency(skip_validation=True)]
Anything = Request[Any, Any, Any]
AT = "/r/{run:str}/credentials"
ONE = f"{AT}/applications/{{credential:str}}"
AGENCY = "agency:"


class Asking(Sent, frozen=True, kw_only=True):
    request_id: Name


class Reasoned(Asking, frozen=True, kw_only=True):
    reason: Code


def own(principal: Principal) -> Collection[str] | None:
    """The organizations whose credentials somebody sees; None for all of them."""
    if "office" in principal.labels:
        return None
    return [label.removeprefix(AGENCY) for label in principal.labels if label.startswith(AGENCY)]


async def seen(site: Site, principal: Principal, name: str) -> Credential:
    """The credential, for one who may see it.

    Raises: NotFoundException for anybody else, as if there were none.
    """
    async with site.connection() as connection:
        found = await store.credential(connection, name)
    if not found.version or not visible(labels_of(found.organization), principal.labels):
        raise NotFoundException(f"no credential {name[:60]}")
    return found


def asked(principal: Principal, request_id: str, *given: Any) -> Asked:
    return Asked(principal=principal, request_id=request_id, given=list(given))


def as_json(one: Credential) -> dict[str, Any]:
    """A credential as it goes out: nobody's name, and no empty fields of other times of its life."""
    found: dict[str, Any] = msgspec.to_builtins(one)
    return {key: value for key, value in found.items() if value not in ("", None, [], {})} | {"version": one.version}
