# SPDX-License-Identifier: Apache-2.0
"""A credential's code verified offline: what it takes of the processor beside the two bare signatures in it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from time import process_time_ns

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from bench.ground import Ground
from bench.result import Measured, percentile
from fourleaf.standards import cose
from fourleaf.standards.badge import Claims, Verified, issue, printed, read, shown, slot_at, to_be_proved
from fourleaf.standards.keyring import Keyring, SigningKey

CODES, BAR_MS = 5_000, 1.0
NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
# Phones that take turns, so that no key is warm.
PHONES = 100


async def measure(ground: Ground) -> list[Measured]:
    codes = ground.size(CODES, 50)
    issuer = SigningKey(bytes(range(40)))
    ring = Keyring([issuer.published(NOW - timedelta(days=1), NOW + timedelta(days=1))])
    paper = [printed(issue(_said(number), issuer)) for number in range(PHONES)]
    phones = [_phone(number, issuer) for number in range(PHONES)]
    return [
        _told("of a phone, both signatures", codes, phones, ring, 2),
        _told("of a printed badge", codes, paper, ring, 1),
    ]


def _told(what: str, codes: int, texts: list[str], ring: Keyring, signatures: int) -> Measured:
    def verify(number: int) -> None:
        assert isinstance(read(texts[number % PHONES], ring, NOW), Verified)

    took, floor = _beside(codes, verify, _bare(signatures))
    return Measured(
        bench="credential_code",
        what=f"code {what}, verified offline, CPU p99",
        unit="ms",
        better="low",
        value=percentile(took, 0.99),
        floor=percentile(floor, 0.99),
        floor_is=f"the bare ECDSA, {signatures} of P-256, p99",
        bar=BAR_MS,
        limited_by="ECDSA in OpenSSL; then base45 and CBOR in Python",
        detail={
            "p50_ms": percentile(took, 0.5),
            "floor_p50_ms": percentile(floor, 0.5),
            "codes": codes,
            "signs": len(texts[0]),
        },
    )


def _beside(count: int, work: Callable[[int], None], least: Callable[[int], None]) -> tuple[list[float], list[float]]:
    """Turn by turn, so that whatever else the machine does falls on both. Unit: ms of CPU."""
    took, floor = list[float](), list[float]()
    for number in range(count):
        for one, into in ((work, took), (least, floor)):
            began = process_time_ns()
            one(number)
            into.append((process_time_ns() - began) / 1e6)
    return took, floor


def _bare(signatures: int) -> Callable[[int], None]:
    """So many verifications of signatures that are there as the library wants them, with keys that are there too."""
    key = ec.derive_private_key(7, ec.SECP256R1())
    said, ecdsa = sha256(b"bench").digest(), ec.ECDSA(SHA256())
    public, signature = key.public_key(), key.sign(said, ecdsa)

    def verify(_: int) -> None:
        for _turn in range(signatures):
            public.verify(signature, said, ecdsa)

    return verify


def _said(number: int, phone: ec.EllipticCurvePublicKey | None = None) -> Claims:
    return Claims(
        index=600_000 + number,
        holder=900_000 + number,
        category=number % 12,
        zones=0b1011,
        days=0b111111,
        expires_at=NOW + timedelta(days=1),
        device=phone,
    )


def _phone(number: int, issuer: SigningKey) -> str:
    key = ec.derive_private_key(number + 1, ec.SECP256R1())
    badge, slot = issue(_said(number, key.public_key()), issuer), slot_at(NOW)
    return shown(badge, slot, cose.signature(key, to_be_proved(badge, slot)))
