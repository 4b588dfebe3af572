# SPDX-License-Identifier: Apache-2.0
"""Codes of credentials: FL1 on printed badges, FL2 on phones that prove themselves (docs/adr/0019)."""

from fourleaf.standards.badge.claims import Claims
from fourleaf.standards.badge.issuing import issue, printed
from fourleaf.standards.badge.proof import SLOT_S, shown, slot_at, to_be_proved
from fourleaf.standards.badge.reading import Problem, Reason, Verified, read

__all__ = [
    "SLOT_S",
    "Claims",
    "Problem",
    "Reason",
    "Verified",
    "issue",
    "printed",
    "read",
    "shown",
    "slot_at",
    "to_be_proved",
]
