# SPDX-License-Identifier: Apache-2.0
"""Read a code and verify all of it, with nothing but the issuer's public keys and the time."""

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from fourleaf.standards import base45, cose
from fourleaf.standards.badge import claims, issuing, proof
from fourleaf.standards.badge.claims import Claims
from fourleaf.standards.cbor import Malformed
from fourleaf.standards.keyring import Keyring, Opened, Untrusted

Reason: TypeAlias = Untrusted | Literal["expired", "bad-proof", "stale-proof"]

# Three signs for two bytes.
_LONGEST_TEXT = len(proof.PREFIX) + proof.LONGEST_SHOWN * 3 // 2 + 3


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """A code that the issuer signed, that has not expired, and whose phone has proved itself.

    slot: of the proof; none on a printed badge. The same proof may be shown again inside its slots: that is for the lane
    to see, by index and slot, never by the bytes of the code.
    """

    claims: Claims
    kid: bytes
    slot: int | None = None


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a code does not count. claims: what the issuer signed, once that is certain; before, nothing in a code is believed."""

    code: Reason
    claims: Claims | None = None
    slot: int | None = None


def read(text: str, ring: Keyring, now: datetime, *, tolerance: int = 1) -> Verified | Problem:
    """Never raises for what a code holds.

    tolerance: how many slots of 15 s a proof may lie before or after this one. With 1 a screenshot is good for 30 s at most.
    """
    try:
        badge, slot, signature = _taken_apart(text)
    except ValueError:
        return Problem(code="bad-code")
    opened = ring.open(badge, now, longest=issuing.LONGEST_BADGE)
    if not isinstance(opened, Opened):
        return Problem(code=opened)
    try:
        said = claims.decode(opened.payload)
    except Malformed:
        return Problem(code="bad-code")
    if now >= said.expires_at:
        return Problem(code="expired", claims=said, slot=slot)
    if not _proved(said, badge, slot, signature):
        return Problem(code="bad-proof", claims=said, slot=slot)
    if slot is not None and abs(slot - proof.slot_at(now)) > tolerance:
        return Problem(code="stale-proof", claims=said, slot=slot)
    return Verified(claims=said, kid=opened.kid, slot=slot)


def _taken_apart(text: str) -> tuple[bytes, int | None, bytes]:
    if len(text) <= _LONGEST_TEXT:
        if text.startswith(issuing.PREFIX):
            return base45.decode(text.removeprefix(issuing.PREFIX)), None, b""
        if text.startswith(proof.PREFIX):
            return proof.parts(base45.decode(text.removeprefix(proof.PREFIX)))
    raise Malformed("no code of ours")


def _proved(said: Claims, badge: bytes, slot: int | None, signature: bytes) -> bool:
    """A badge of a phone needs its proof, or whoever read it once could print it; a printed one has nothing to prove with."""
    if said.device is None or slot is None:
        return said.device is None and slot is None
    return cose.signature_right(signature, said.device, proof.to_be_proved(badge, slot))
