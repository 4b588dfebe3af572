# SPDX-License-Identifier: Apache-2.0
"""Issue: claims signed with a key of the issuer."""

from fourleaf.standards import base45
from fourleaf.standards.badge import claims
from fourleaf.standards.badge.claims import Claims
from fourleaf.standards.keyring import SigningKey

PREFIX = "FL1:"
# Ours have 121 bytes without a phone's key and 166 with one. More is not even looked at.
LONGEST_BADGE = 512


def issue(said: Claims, key: SigningKey) -> bytes:
    """A badge as bytes: what a printed code says, or what a phone keeps and adds its proof to.

    Raises: ValueError
    """
    return key.signed(claims.encode(said))


def printed(badge: bytes) -> str:
    """The text of a printed code. Only of a badge without a phone's key: another is refused in this form."""
    return PREFIX + base45.encode(badge)
