# SPDX-License-Identifier: Apache-2.0
"""Rules of the vault: what may be put and read, and why not. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from fourleaf.kernel.refusal import Refusal
from fourleaf.vault.fields import FIELDS

Value = str | bytes
Values = Mapping[str, Mapping[str, Value | None]]

# Unit: bytes of one value.
MAX_VALUE = 64 * 1024
# So many persons at once; a larger list is asked for page by page, and each page is a fact.
MAX_PERSONS = 1_000
MAX_PURPOSE = 200


def may_put(people: Values) -> Refusal | None:
    """Whether these values may be kept, as far as one can say without looking at what is there."""
    if len(people) > MAX_PERSONS:
        return Refusal("vault.too-many", {"most": MAX_PERSONS})
    for person, values in people.items():
        if not _is_id(person):
            return Refusal("vault.bad-id", {"person": person[:64]})
        for field, value in values.items():
            if refusal := _may_keep(field, value):
                return refusal
    return None


def may_ask(persons: Sequence[str], fields: Sequence[str], purpose: str) -> Refusal | None:
    """Whether anybody may ask this."""
    if not 0 < len(purpose.strip()) <= MAX_PURPOSE:
        return Refusal("vault.no-purpose", {"most": MAX_PURPOSE})
    if len(persons) > MAX_PERSONS:
        return Refusal("vault.too-many", {"most": MAX_PERSONS})
    for person in persons:
        if not _is_id(person):
            return Refusal("vault.unknown-person", {"person": person[:64]})
    unknown = [field for field in fields if field not in FIELDS]
    return Refusal("vault.unknown-field", {"name": unknown[0][:60]}, field=unknown[0][:60]) if unknown else None


def may_open(person: str, *, known: bool, erased_at: datetime | None, has_key: bool) -> Refusal | None:
    """Whether what is stored of a person can be read."""
    about = {"person": person}
    if not known:
        return Refusal("vault.unknown-person", about)
    if erased_at:
        return Refusal("vault.erased", about)
    return None if has_key else Refusal("vault.key-away", about)


def _may_keep(field: str, value: Value | None) -> Refusal | None:
    if field not in FIELDS:
        return Refusal("vault.unknown-field", {"name": field[:60]}, field=field[:60])
    if value is None:
        return None
    if FIELDS[field] and isinstance(value, bytes):
        return Refusal("vault.not-text", {"name": field}, field=field)
    try:
        size = len(value.encode() if isinstance(value, str) else value)
    except UnicodeEncodeError:  # half of a character
        return Refusal("vault.not-text", {"name": field}, field=field)
    return (
        Refusal("vault.too-large", {"name": field, "most": MAX_VALUE // 1024}, field=field)
        if size > MAX_VALUE
        else None
    )


def _is_id(person: str) -> bool:
    fits = 0 < len(person) <= 64 and person[0].isalnum() and all(sign.isalnum() or sign in "._:-" for sign in person)
    return fits and person.isascii()
