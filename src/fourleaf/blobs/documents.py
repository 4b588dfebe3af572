# SPDX-License-Identifier: Apache-2.0
"""Documents: PDF, XLSX and CSV are kept as they came, so they are refused when they hold what acts by itself.

Limits: this is no virus scanner. It knows the usual ways in which a document runs something.
"""

import re
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO

from fourleaf.blobs.sniff import XLSX
from fourleaf.kernel.refusal import Refusal

# Unit: bytes when unpacked.
MAX_UNPACKED = 300 * 1024 * 1024
MAX_ENTRIES = 5_000
_MAX_OBJECTS = 32 * 1024 * 1024
# More packed streams of objects than any document of this size has.
_MOST_STREAMS = 10_000
# Unit: bytes that are unpacked at once; what a stream leaves of them is copied.
_PIECE = 1 << 14

_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|SubmitForm|ImportData)(?![A-Za-z])")
_LOCKED_PDF = re.compile(rb"/Encrypt(?![A-Za-z])")
_OBJECTS = re.compile(rb"/ObjStm.{0,400}?stream\r?\n", re.S)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE_XLSX = re.compile(r"(?i)vbaProject|macrosheets/|activeX|embeddings/|oleObject|(?:^|/)\.\.(?:/|$)|^/|\\|:")
_SHEET = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_DOCTYPE = re.compile(rb"(?i)<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)")
_MARKUP = re.compile(rb"(?i)<(?:!doctype|html|script|svg|iframe|\?php)\b")
_CHUNK = 1 << 20


def two_in_one(data: bytes) -> bool:
    """Whether a file of one kind is a page or an archive as well."""
    return _MARKUP.search(data) is not None or zipfile.is_zipfile(BytesIO(data))


def pdf(data: bytes) -> Refusal | None:
    """A PDF that only shows pages."""
    if b"%%EOF" not in data[-2048:]:
        return Refusal("blobs.damaged")
    if zipfile.is_zipfile(BytesIO(data)):
        return Refusal("blobs.two-in-one")
    packed = _object_streams(data)
    if packed is None:
        return Refusal("blobs.bomb")
    texts = [data, *packed]
    plain = [_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text) for text in texts]
    if any(_LOCKED_PDF.search(text) for text in plain):
        return Refusal("blobs.locked")
    return Refusal("blobs.active") if any(_ACTIVE_PDF.search(text) for text in plain) else None


def _object_streams(data: bytes) -> list[bytes] | None:
    """Objects may lie in packed streams, where a name cannot be seen from outside.

    None where there is more than can be looked into: streams that overlap would be read again and again.
    """
    found, room, work = list[bytes](), _MAX_OBJECTS, 2 * len(data)
    for match in _OBJECTS.finditer(data):
        text, used = _unpacked(memoryview(data)[match.end() :], room, work)
        room, work = room - len(text), work - used
        found.append(text)
        if room <= 0 or work <= 0 or len(found) > _MOST_STREAMS:
            return None
    return found


def _unpacked(packed: memoryview, room: int, work: int) -> tuple[bytes, int]:
    """What a stream holds as far as it can be unpacked, and how much of it was read. room, work: at most so much of each."""
    stream, text, used = zlib.decompressobj(), bytearray(), 0
    with suppress(zlib.error):
        while not stream.eof and used < min(len(packed), work) and len(text) < room:
            piece = packed[used : used + _PIECE]
            text += stream.decompress(piece, room - len(text))
            used += len(piece) - len(stream.unused_data)
    return bytes(text), used


def xlsx(data: bytes) -> str | Refusal:
    """The media type of a workbook without macros and passengers, all of which really unpacks to a bearable size."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _archive(archive, data) or XLSX
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
        return Refusal("blobs.damaged")


def _archive(archive: zipfile.ZipFile, data: bytes) -> Refusal | None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        return Refusal("blobs.type-not-allowed")
    if len(entries) > MAX_ENTRIES or len(names) < len(entries):
        return Refusal("blobs.bomb")
    if min(entry.header_offset for entry in entries) != 0 or archive.comment or data[-22:-18] != b"PK\x05\x06":
        return Refusal("blobs.two-in-one")
    if any(entry.flag_bits & 0x1 for entry in entries):
        return Refusal("blobs.locked")
    if any(_ACTIVE_XLSX.search(name) for name in names):
        return Refusal("blobs.active")
    return _unpack(archive, entries)


def _unpack(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Refusal | None:
    """Read everything once and count: the sizes that an archive tells of itself may be lies."""
    room = MAX_UNPACKED
    for entry in entries:
        before, types = b"", b""
        with archive.open(entry) as file:
            while chunk := file.read(_CHUNK):
                room -= len(chunk)
                if room < 0:
                    return Refusal("blobs.bomb")
                if _DOCTYPE.search(before + chunk):
                    return Refusal("blobs.active")
                before, types = chunk[-32:], types + chunk if entry.filename == "[Content_Types].xml" else b""
        if entry.filename == "[Content_Types].xml" and (_SHEET not in types or b"macroEnabled" in types):
            return Refusal("blobs.active" if b"macroEnabled" in types else "blobs.type-not-allowed")
    return None


def csv(data: bytes) -> Refusal | None:
    """Text with lines, in UTF-8 or the national encoding."""
    if b"\x00" in data:
        return Refusal("blobs.type-not-allowed")
    if two_in_one(data):
        return Refusal("blobs.two-in-one")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None
    return Refusal("blobs.type-not-allowed")
