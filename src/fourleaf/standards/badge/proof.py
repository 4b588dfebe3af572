# SPDX-License-Identifier: Apache-2.0
"""Proof of a phone: it holds the credential's key, and holds it now. Time is cut into slots of 15 seconds; each is signed anew."""

from datetime import datetime
from hashlib import sha256

from fourleaf.standards import base45, cbor
from fourleaf.standards.badge.issuing import LONGEST_BADGE
from fourleaf.standards.cbor import Malformed
from fourleaf.standards.cose import SIGNATURE_BYTES

SLOT_S = 15
PREFIX = "FL2:"
LONGEST_SHOWN = LONGEST_BADGE + 128
_CONTEXT = b"fourleaf-slot-1"


def slot_at(now: datetime) -> int:
    return int(now.timestamp()) // SLOT_S


def to_be_proved(badge: bytes, slot: int) -> bytes:
    """What the phone signs: for this badge alone, for this slot alone, for nothing else."""
    return _CONTEXT + sha256(badge).digest() + slot.to_bytes(8, "big")


def shown(badge: bytes, slot: int, signature: bytes) -> str:
    """The text of a phone's code. signature: ES256 over `to_be_proved`, r and s."""
    return PREFIX + base45.encode(cbor.encode([badge, slot, signature]))


def parts(raw: bytes) -> tuple[bytes, int, bytes]:
    """Badge, slot and signature.

    Raises: Malformed
    """
    match cbor.decode(raw, longest=LONGEST_SHOWN, deepest=1):
        case [bytes() as badge, int() as slot, bytes() as signature]:
            if type(slot) is int and 0 <= slot < 1 << 32 and len(signature) == SIGNATURE_BYTES:
                return badge, slot, signature
    raise Malformed("no badge with its proof")
