# SPDX-License-Identifier: Apache-2.0
"""Attaching: a file is kept for a field of a register, for those who may see the register."""

from collections.abc import AsyncIterable
from typing import Protocol

from fourleaf.blobs.keep import Blobs
from fourleaf.blobs.sniff import ALLOWED, IMAGES
from fourleaf.engines.world.declares.register import FILES, Register
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site


class Keeping(Protocol):
    """Where files of a run are kept; the application knows where that is."""

    def blobs(self, site: Site) -> Blobs: ...


async def attach(
    site: Site, safe: Keeping, register: Register, field: str, chunks: AsyncIterable[bytes]
) -> str | Refusal:
    """Keep a file. Gives what the field is to say; until something says so it is nobody's, and goes after a day."""
    declared = register.by_key.get(field)
    if declared is None or declared.type not in FILES:
        return Refusal("world.no-file-field", {"field": field[:60]}, "field")
    allowed = IMAGES if declared.type == "photo" else ALLOWED
    async with site.connection() as connection:
        kept = await safe.blobs(site).keep(connection, chunks, labels=register.see, allowed=allowed)
    if isinstance(kept, Refusal):
        no_photo = declared.type == "photo" and kept.code == "blobs.type-not-allowed"
        return Refusal("world.not-a-photo", {"field": field}, field) if no_photo else kept
    return kept.name
