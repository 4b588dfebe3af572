# SPDX-License-Identifier: Apache-2.0
"""Binary: readings as rows of COPY in PostgreSQL's binary format, which the server reads without parsing a date or a number."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from struct import Struct
from zoneinfo import ZoneInfo

from fourleaf.engines.sensing.rules.intake import Measured

# Source: PostgreSQL manual, COPY, "Binary Format": signature, flags, length of the extension; a field count of -1 ends it.
_HEAD, _TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
COLUMNS = "day, source, thing, quantity, at, value, sequence, received_at"
# Each field with its length before it.
_DAY = Struct(">hii").pack
_MOMENT = Struct(">iq").pack
_VALUE = Struct(">id").pack
_REST = Struct(">iqiq").pack
_FIELDS = COLUMNS.count(",") + 1
# PostgreSQL counts days and microseconds from here.
_FIRST, _START = date(2000, 1, 1).toordinal(), datetime(2000, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def rows(measured: Iterable[Measured], zone: str) -> bytes:
    """What COPY of COLUMNS reads. A reading's day is that of its own time in the zone of the run."""
    there, parts = ZoneInfo(zone), [_HEAD]
    for source, thing, at, sequence, received, values in measured:
        day = _DAY(_FIELDS, 4, at.astimezone(there).toordinal() - _FIRST)
        named = day + _text(source) + _text(thing)
        moment = _MOMENT(8, (at - _START) // _TICK)
        rest = _REST(8, sequence, 8, (received - _START) // _TICK)
        for quantity, value in values.items():
            parts += (named, _text(quantity), moment, _VALUE(8, value), rest)
    parts.append(_TAIL)
    return b"".join(parts)


@lru_cache(maxsize=16_384)
def _text(text: str) -> bytes:
    said = text.encode()
    return len(said).to_bytes(4, "big") + said
