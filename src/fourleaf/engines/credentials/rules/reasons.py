# SPDX-License-Identifier: Apache-2.0
"""Reasons: the closed list of why; words of people are not for the log. Pure."""

from fourleaf.kernel.refusal import Refusal

PASS = frozenset({"met", "checked-by-hand", "urgent"})
REJECT = frozenset({"not-of-organization", "not-needed", "false-details", "background-hit", "already-covered", "late"})
RETURN = frozenset({"document-illegible", "document-missing", "photo-unusable", "details-differ", "wrong-category"})
APPEAL = frozenset({"new-documents", "mistaken-identity", "decision-unclear"})
AGAIN = frozenset({"lost", "stolen", "damaged", "details-changed", "to-phone", "to-badge"})
STOP = frozenset({"lost", "stolen", "misuse", "holder-left", "office-order", "issued-in-error"})
RESUME = frozenset({"found", "cleared", "office-order"})
WITHDRAW = frozenset({"not-coming", "applied-in-error"})

ALL = PASS | REJECT | RETURN | APPEAL | AGAIN | STOP | RESUME | WITHDRAW


def among(reason: str, allowed: frozenset[str]) -> Refusal | None:
    """Why this reason is none of those that fit."""
    if reason in allowed:
        return None
    return Refusal("credentials.unknown-reason", {"reason": reason[:40], "known": ", ".join(sorted(allowed))}, "reason")
