# SPDX-License-Identifier: Apache-2.0
"""Images: decoded and encoded anew, so that nothing is left but the picture. No place, no camera, no passenger."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageOps

from fourleaf.blobs.sniff import JPEG, PNG, WEBP
from fourleaf.kernel.refusal import Refusal

# Unit: pixels. A telephone takes 12 to 50 million; what is larger is refused before it is decoded.
MAX_PIXELS = 52_000_000
# What is kept is made no larger than this on its longer side.
MAX_SIDE = 4096
# What a list shows.
SMALL = 320

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
_SAVING: dict[str, dict[str, int | bool]] = {
    JPEG: {"quality": 88, "optimize": True},
    PNG: {"compress_level": 6},
    WEBP: {"quality": 88, "method": 2},
}
# What the decoders raise for broken files.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, struct.error, zlib.error)


def cleaned(data: bytes, media: str) -> bytes | Refusal:
    """The picture alone, upright, in the same format; the same bytes in give the same bytes out."""
    if media == WEBP and (refusal := _webp(data)):
        return refusal
    try:
        return _encoded_anew(data, media)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return Refusal("blobs.too-many-pixels", {"most": MAX_PIXELS // 1_000_000})
    except _BROKEN:
        return Refusal("blobs.damaged")


def small(data: bytes, media: str) -> bytes:
    """The same picture no larger than a stamp. data: of a picture that was cleaned."""
    with Image.open(BytesIO(data), formats=[_FORMATS[media]]) as image:
        image.draft(None, (SMALL, SMALL))
        image.thumbnail((SMALL, SMALL))
        out = BytesIO()
        image.save(out, _FORMATS[media], **_SAVING[media])
    return out.getvalue()


def _encoded_anew(data: bytes, media: str) -> bytes | Refusal:
    with Image.open(BytesIO(data), formats=[_FORMATS[media]]) as image:
        if image.width * image.height > MAX_PIXELS:
            return Refusal("blobs.too-many-pixels", {"most": MAX_PIXELS // 1_000_000})
        if media != JPEG and getattr(image, "is_animated", False):
            return Refusal("blobs.animated")
        image.draft(None, (MAX_SIDE, MAX_SIDE))  # lets a large JPEG be decoded at half its size
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((MAX_SIDE, MAX_SIDE))
        picture = upright.convert(_mode(upright, media))
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = BytesIO()
    bare.save(out, _FORMATS[media], **_SAVING[media])
    return out.getvalue()


def _mode(image: Image.Image, media: str) -> str:
    if image.mode in ("1", "L", "I", "I;16", "F"):
        return "L" if media != WEBP else "RGB"
    return "RGBA" if image.has_transparency_data and media != JPEG else "RGB"


def _webp(data: bytes) -> Refusal | None:
    """Look at the header first: the decoder makes room for the whole canvas as soon as it is asked for its size.

    Source: WebP container specification, RFC 9649, section 2.
    """
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        return Refusal("blobs.damaged")
    if kind == b"VP8X":
        if head[0] & 0x02:
            return Refusal("blobs.animated")
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (4, 7))
    elif kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    too_many = width * height > MAX_PIXELS
    return Refusal("blobs.too-many-pixels", {"most": MAX_PIXELS // 1_000_000}) if too_many else None
