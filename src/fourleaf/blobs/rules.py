# SPDX-License-Identifier: Apache-2.0
"""Rules: which bytes are kept, and in which form. Pure but for the decoders it asks."""

from collections.abc import Collection

import msgspec

from fourleaf.blobs import documents, images
from fourleaf.blobs.sniff import CSV, IMAGES, PDF, ZIP, sniff
from fourleaf.kernel.refusal import Refusal

# Unit: bytes of an upload.
MAX_BYTES = 30 * 1024 * 1024


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of an upload."""

    media: str
    data: bytes


def fit(data: bytes, allowed: Collection[str]) -> Fit | Refusal:
    """Look into an upload and clean it. Only its bytes count, whatever it is called."""
    media = sniff(data)
    if media == ZIP:
        found = documents.xlsx(data)
        if isinstance(found, Refusal):
            return found
        media = found
    if media not in allowed:
        return Refusal("blobs.type-not-allowed")
    if media in IMAGES:
        return _image(data, media)
    refusal = documents.pdf(data) if media == PDF else documents.csv(data) if media == CSV else None
    return refusal or Fit(media=media, data=data)


def _image(data: bytes, media: str) -> Fit | Refusal:
    if documents.two_in_one(data):
        return Refusal("blobs.two-in-one")
    picture = images.cleaned(data, media)
    return picture if isinstance(picture, Refusal) else Fit(media=media, data=picture)
