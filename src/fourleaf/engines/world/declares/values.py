# SPDX-License-Identifier: Apache-2.0
"""Values: one field of one thing, from what a table, a form or a program says to what the log keeps. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fourleaf.pack.complaint import Wrong

if TYPE_CHECKING:
    from fourleaf.engines.world.declares.register import Field

LONGEST = 1_000
MOST_ENTRIES = 100
# The largest whole number that every reader of JSON keeps exact.
LARGEST = 2**53

_YES = frozenset({"true", "yes", "y", "1", "是", "有", "√", "✓"})
_NO = frozenset({"false", "no", "n", "0", "否", "无", "×"})
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_INTEGER = re.compile(r"[-+]?\d{1,16}")
_DECIMAL = re.compile(r"[-+]?\d{1,16}(\.\d{1,12})?")
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
# Signs that no screen shows; tabs and line ends are ordinary.
_BAD_SIGN = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]")
# How a fact names a file of no person.
_BLOB = re.compile(r"blob:[0-9a-f]{64}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PLACE = re.compile(r"(?:([A-Za-z0-9][\w.-]*)[\s,;]+)?(-?\d{1,3}(?:\.\d{1,9})?)[\s,;]+(-?\d{1,2}(?:\.\d{1,9})?)")


def is_empty(given: Any) -> bool:
    return given is None or given in ("", []) or (isinstance(given, str) and not given.strip())


def read(field: Field, given: Any, zone: str) -> Any:
    """What the log keeps of a field, or what is wrong with it. zone: of moments that name none.

    Shape: text, integer, bool; decimals, days and moments (UTC) as text; a place is {level, lon, lat} or {at: id}.
    """
    text = as_text(given)
    if _BAD_SIGN.search(text):
        return Wrong(field.key, "cell.bad-sign", {})
    if len(text) > LONGEST * 4:
        return Wrong(field.key, "cell.too-long", {"limit": LONGEST})
    value = _moment(field, text, zone) if field.type == "moment" else READERS[field.type](field, text)
    return value


def as_text(given: Any) -> str:
    """What a table, a form or a program says, as it would be typed."""
    match given:
        case bool():
            return "true" if given else "false"
        case float():
            return f"{Decimal(repr(given)):f}".removesuffix(".0")
        case datetime():
            return given.isoformat()
        case date():
            return given.isoformat()
        case list() | tuple():
            return ";".join(map(as_text, given))
        case Mapping():
            if given.get("at"):
                return str(given["at"])
            return " ".join(str(given[key]) for key in ("level", "lon", "lat") if given.get(key))
    return str(given).strip()


def written(field: Field, value: Any) -> str:
    """The text that, read again, gives the same value."""
    return "" if value is None else as_text(value)


def find_key(text: str) -> str | None:
    """The id of a thing, if this can be one."""
    plain = _plain(text)
    return plain if _ID.fullmatch(plain) else None


def _plain(text: str) -> str:
    """Full-width signs as ordinary ones."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def _text(field: Field, text: str) -> Any:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())
    limit = field.most or LONGEST
    return text if len(text) <= limit else Wrong(field.key, "cell.too-long", {"limit": limit})


def _integer(field: Field, text: str) -> Any:
    number = _ungrouped(text)
    if number.endswith(".0"):
        number = number[:-2]
    if not _INTEGER.fullmatch(number) or abs(int(number)) > LARGEST:
        return Wrong(field.key, "cell.not-integer", {"value": text})
    return _limited(field, Decimal(number)) or int(number)


def _decimal(field: Field, text: str) -> Any:
    number = _ungrouped(text)
    if not _DECIMAL.fullmatch(number):
        return Wrong(field.key, "cell.not-decimal", {"value": text})
    value = Decimal(number)
    return _limited(field, value) or f"{value.normalize():f}"


def _ungrouped(text: str) -> str:
    plain = _plain(text).replace(" ", "")
    return plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain


def _limited(field: Field, value: Decimal) -> Wrong | None:
    if field.min is not None and value < field.min:
        return Wrong(field.key, "cell.too-small", {"value": value, "limit": field.min})
    if field.max is not None and value > field.max:
        return Wrong(field.key, "cell.too-large", {"value": value, "limit": field.max})
    return None


def _boolean(field: Field, text: str) -> Any:
    word = _plain(text).lower()
    if word in _YES or word in _NO:
        return word in _YES
    return Wrong(field.key, "cell.not-boolean", {"value": text})


def _choice(field: Field, text: str) -> Any:
    for choice in field.choices:
        if choice.key == text:  # as nearly always in a file
            return text
    word = _plain(text).casefold()
    for choice in field.choices:
        if word in (choice.key.casefold(), _plain(choice.name.zh).casefold(), _plain(choice.name.en).casefold()):
            return choice.key
    some = field.choices[:8]
    known = {"zh": "、".join(one.name.zh for one in some), "en": ", ".join(one.name.en for one in some)}
    return Wrong(field.key, "cell.not-choice", {"value": text, "known": known})


def _date(field: Field, text: str) -> Any:
    found = _day(_plain(text).split("T")[0].split(" ")[0])
    return found.isoformat() if found else Wrong(field.key, "cell.not-date", {"value": text})


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _moment(field: Field, text: str, zone: str) -> Any:
    try:
        found = datetime.fromisoformat(_plain(text).replace("/", "-"))
        aware = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
        return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return Wrong(field.key, "cell.not-moment", {"value": text})


def _place(field: Field, text: str) -> Any:
    plain = _plain(text)
    match = _PLACE.fullmatch(plain)
    if match:
        return _spot(field, text, match[1], match[2], match[3])
    at = find_key(plain)
    return {"at": at} if at and not at.isdigit() else Wrong(field.key, "cell.not-place", {"value": text})


def _spot(field: Field, text: str, level: str | None, lon: str, lat: str) -> Any:
    try:
        east, north = Decimal(lon), Decimal(lat)
    except InvalidOperation:
        return Wrong(field.key, "cell.not-place", {"value": text})
    if abs(east) > 180 or abs(north) > 90:
        return Wrong(field.key, "cell.not-place", {"value": text})
    return {"level": level, "lon": lon, "lat": lat}


def _reference(field: Field, text: str) -> Any:
    return find_key(text) or Wrong(field.key, "cell.bad-id", {"value": text})


def _file(field: Field, text: str) -> Any:
    return text if _BLOB.fullmatch(text) else Wrong(field.key, "cell.not-file", {"value": text[:80]})


def _texts(field: Field, text: str) -> Any:
    entries = [entry.strip() for entry in re.split(r"[;；\n]", text) if entry.strip()]
    limit = field.most or MOST_ENTRIES
    if len(entries) > limit:
        return Wrong(field.key, "cell.too-many", {"limit": limit})
    if any(len(entry) > LONGEST for entry in entries):
        return Wrong(field.key, "cell.too-long", {"limit": LONGEST})
    named = [(find_key(entry) if field.of else unicodedata.normalize("NFC", entry)) for entry in entries]
    if None in named:
        return Wrong(field.key, "cell.bad-id", {"value": entries[named.index(None)][:80]})
    return list(dict.fromkeys(named))


READERS: Mapping[str, Callable[[Field, str], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "choice": _choice,
    "date": _date,
    "place": _place,
    "reference": _reference,
    "texts": _texts,
    "photo": _file,
    "file": _file,
}
