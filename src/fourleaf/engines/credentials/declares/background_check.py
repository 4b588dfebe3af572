# SPDX-License-Identifier: Apache-2.0
"""Background check: the outside system that is asked about holders, and what it is told of them."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from fourleaf.engines.credentials.declares import complaints
from fourleaf.engines.credentials.declares.words import Words
from fourleaf.pack.complaint import Complaint, Others

Told = Literal["name", "name_latin", "document", "birth_date", "plate"]


class BackgroundCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one file `background_checks/<key>.toml` says. url: it is asked by POST, if the installation lets its host be asked.

    types: the categories it answers for; tells: what it is told of a holder; purpose: as each read of it is recorded.
    tries: after so many without an answer the check counts as unknown, and a person looks.
    """

    name: Words
    url: str
    types: tuple[str, ...]
    tells: tuple[Told, ...]
    purpose: str
    tries: int = 6
    timeout_s: int = 10
    group: str = ""
    note: Words | None = None
    source: str = ""

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the declaration beyond its types."""
        return complaints.of_check(self)

    def complaints_among(self, key: str, others: Others) -> Iterator[Complaint]:
        """What does not agree with the rest of the pack."""
        return complaints.of_check_among(self, others)
