# SPDX-License-Identifier: Apache-2.0
"""Sniff: what a file is, by its first bytes alone. Names and declared types are never asked. Pure."""

import re

JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
PDF, CSV = "application/pdf", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP, GIF, MARKUP, UNKNOWN = "application/zip", "image/gif", "text/markup", "application/octet-stream"

IMAGES = frozenset({JPEG, PNG, WEBP})
# What is kept at all. A ZIP becomes an XLSX only by what is inside.
ALLOWED = IMAGES | {PDF, XLSX, CSV}
ENDINGS = {JPEG: "jpg", PNG: "png", WEBP: "webp", PDF: "pdf", XLSX: "xlsx", CSV: "csv"}

_STARTS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"PK\x03\x04", ZIP),
)
# Signs that no line of text holds.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
HEAD = 4096


def sniff(data: bytes) -> str:
    """The media type of these bytes; UNKNOWN for whatever we have no name for."""
    for start, media in _STARTS:
        if data.startswith(start):
            return media
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    if re.match(rb"%PDF-[12]\.\d", data):
        return PDF
    return _text(data[:HEAD])


def _text(head: bytes) -> str:
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not bare or _BINARY.search(head):
        return UNKNOWN
    return MARKUP if bare.startswith(b"<") else CSV
