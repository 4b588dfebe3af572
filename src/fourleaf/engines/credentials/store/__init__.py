# SPDX-License-Identifier: Apache-2.0
"""Credentials: named queries over applications, queues and what is taken."""

from fourleaf.engines.credentials.store.checks import answered, ask_again, checkers, due_checks, queue_checks
from fourleaf.engines.credentials.store.listing import PAGE, Asked, Queue, ages, counts, is_cursor, issued, queue, waits
from fourleaf.engines.credentials.store.reading import (
    STRIPES,
    applicant,
    book,
    credential,
    credentials,
    held,
    hold,
    issued_lately,
    numbers,
    of_holder,
    organizations,
    over,
    places,
    slots_of,
    types,
    used,
)

__all__ = [
    "CONSTRAINTS",
    "KEPT",
    "PAGE",
    "STRIPES",
    "Asked",
    "Queue",
    "ages",
    "answered",
    "applicant",
    "ask_again",
    "book",
    "checkers",
    "counts",
    "credential",
    "credentials",
    "due_checks",
    "held",
    "hold",
    "is_cursor",
    "issued",
    "issued_lately",
    "numbers",
    "of_holder",
    "organizations",
    "over",
    "places",
    "queue",
    "queue_checks",
    "slots_of",
    "types",
    "used",
    "waits",
]
CONSTRAINTS = {
    "credentials_place": "credentials.place-taken",
    "credentials_earlier_once": "credentials.already-reused",
    "credentials_index_once": "credentials.index-taken",
}
# Tables that outlive a rebuild.
KEPT = ("credentials_number", "credentials_check")
