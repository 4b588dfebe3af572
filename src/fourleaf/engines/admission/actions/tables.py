# SPDX-License-Identifier: Apache-2.0
"""Tables: the compiled table and the keys of a run, kept in each process and looked at again every second."""

from datetime import datetime
from time import monotonic

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from fourleaf.engines.admission import rules, store
from fourleaf.engines.admission.facts import KeyTrusted
from fourleaf.engines.admission.rules import Table
from fourleaf.engines.admission.state import KEYS, SigningKey
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer, Request
from fourleaf.postgres.journal import Ruled, Site
from fourleaf.postgres.pool import Connection
from fourleaf.standards import jwk
from fourleaf.standards.keyring import Keyring, PublicKey, key_id

# A policy that changes reaches all lanes within this.
LOOK_EVERY_S = 1.0
_MOST_RUNS = 64


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """stamp: changes with whatever the table or the ring was made of."""

    stamp: int
    looked_at: float
    table: Table
    ring: Keyring
    keys: tuple[SigningKey, ...]


_KEPT: dict[tuple[str, datetime], Kept] = {}


async def table_of(site: Site) -> Kept:
    """The table and the keys of a run, at most a second old."""
    name = (site.run.run, site.run.created_at)
    kept = _KEPT.get(name)
    if kept is not None and monotonic() - kept.looked_at < LOOK_EVERY_S:
        return kept
    async with site.connection() as connection:
        stamp = await store.stamp(connection, rules.KINDS)
        if kept is not None and kept.stamp == stamp:
            fresh = msgspec.structs.replace(kept, looked_at=monotonic())
        else:
            fresh = await _read(connection, stamp)
    if len(_KEPT) >= _MOST_RUNS:
        _KEPT.clear()
    _KEPT[name] = fresh
    return fresh


async def _read(connection: Connection, stamp: int) -> Kept:
    table = rules.table_of(await store.declared(connection, rules.KINDS))
    keys = await store.keys(connection)
    ring = Keyring(_public(one) for one in keys)
    return Kept(stamp=stamp, looked_at=monotonic(), table=table, ring=ring, keys=tuple(keys))


def _public(one: SigningKey) -> PublicKey:
    assert one.opens_at and one.closes_at
    key = jwk.key({"kty": "EC", "crv": "P-256", "x": one.x, "y": one.y})
    return PublicKey(key=key, opens_at=one.opens_at, closes_at=one.closes_at)


async def trust(
    site: Site, principal: Principal, key: ec.EllipticCurvePublicKey, *, opens_at: datetime, closes_at: datetime
) -> Answer | Refusal:
    """Let lanes believe what this key signs."""
    kid = key_id(key).hex()
    point = jwk.members(key)
    body = KeyTrusted(kid=kid, x=point["x"], y=point["y"], opens_at=opens_at, closes_at=closes_at)

    async def decide(connection: Connection, now: datetime) -> Ruled:
        return await store.key(connection, kid), body

    request = Request.of(principal.id, f"trust-{kid}-{closes_at.isoformat()}", [kid, opens_at, closes_at])
    return await site.decide(request, KEYS, kid, decide)
