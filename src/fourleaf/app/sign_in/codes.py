# SPDX-License-Identifier: Apache-2.0
"""Codes: one-time codes of RFC 6238, each taken once."""

import hmac
from datetime import datetime

import pyotp
import segno

STEP_S = 30
# Clocks of telephones are off by a little.
STEPS_OFF = (0, -1, 1)
ISSUER = "Fourleaf"


def fresh_secret() -> str:
    return pyotp.random_base32()


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step a code belongs to; None for a wrong code."""
    totp, given = pyotp.TOTP(secret), "".join(code.split())
    current = int(now.timestamp()) // STEP_S
    found = [
        current + off
        for off in STEPS_OFF
        if hmac.compare_digest(totp.generate_otp(current + off).encode(), given.encode("utf-8", "replace"))
    ]
    return found[0] if found else None


def picture(secret: str, name: str) -> str:
    """A QR code for an authenticator, as SVG."""
    return qr(pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))


def qr(text: str) -> str:
    """As SVG without a size of its own, so that it is never cut."""
    svg: str = segno.make(text, error="m").svg_inline(omitsize=True, dark="#000", light="#fff")
    return svg
