# SPDX-License-Identifier: Apache-2.0
"""What tests of codes share: an issuer, a phone, a badge of each kind."""

from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from fourleaf.standards import cose
from fourleaf.standards.badge import Claims, issue, printed, shown, slot_at, to_be_proved
from fourleaf.standards.keyring import Keyring, SigningKey

NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
ISSUER = SigningKey(bytes(range(40)))
RING = Keyring([ISSUER.published(NOW - timedelta(days=30), NOW + timedelta(days=30))])
PHONE = ec.derive_private_key(2026, ec.SECP256R1())
PAPER = Claims(
    index=431_007, holder=902_114, category=3, zones=0b1011, days=0b111111, expires_at=NOW + timedelta(days=6)
)
BADGE = issue(PAPER, ISSUER)
SLOT = slot_at(NOW)


def on_phone(said: Claims, phone: ec.EllipticCurvePrivateKey = PHONE) -> Claims:
    return Claims(**{name: getattr(said, name) for name in said.__struct_fields__} | {"device": phone.public_key()})


def proved(badge: bytes, slot: int = SLOT, phone: ec.EllipticCurvePrivateKey = PHONE) -> str:
    """What a phone shows in a slot."""
    return shown(badge, slot, cose.signature(phone, to_be_proved(badge, slot)))


PASS = issue(on_phone(PAPER), ISSUER)
FL1, FL2 = printed(BADGE), proved(PASS)
