# SPDX-License-Identifier: Apache-2.0
"""Credentials: what may happen to one next, and why not. Pure: no clock, no database."""

from fourleaf.engines.credentials.rules.applying import (
    Applicant,
    Book,
    Places,
    add_documents,
    appeal,
    apply,
    may_apply,
    missing,
    resubmit,
    withdraw,
)
from fourleaf.engines.credentials.rules.issuing import expire, issue, reissue, resume, revoke, suspend
from fourleaf.engines.credentials.rules.vetting import Outcome, Said, check, decide, decide_appeal

__all__ = [
    "Applicant",
    "Book",
    "Outcome",
    "Places",
    "Said",
    "add_documents",
    "appeal",
    "apply",
    "check",
    "decide",
    "decide_appeal",
    "expire",
    "issue",
    "may_apply",
    "missing",
    "reissue",
    "resubmit",
    "resume",
    "revoke",
    "suspend",
    "withdraw",
]
