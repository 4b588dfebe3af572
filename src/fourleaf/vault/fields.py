# SPDX-License-Identifier: Apache-2.0
"""Fields: what may be kept of a person, and how a value is brought to one form to be found again. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping

# Everything the vault keeps, and the kind by which it can be found without being shown. No other field is taken.
FIELDS: Mapping[str, str | None] = {
    "name": None,
    "name_latin": None,
    "document": "document",
    "phone": "phone",
    "plate": "plate",
    "email": "email",
    "birth_date": None,
    "address": None,
    "emergency_contact": None,
    "note": None,
}


def normal(kind: str, value: str, *, country: str) -> str:
    """The one form of a value of this kind; empty when there is nothing to find it by.

    country: the calling code of numbers that are written without one.
    """
    return _FORMS[kind](unicodedata.normalize("NFKC", value), country)


def _document(value: str, country: str) -> str:
    return re.sub(r"[\W_]+", "", value).upper()


def _phone(value: str, country: str) -> str:
    """Method: E.164, with 00 for + and the trunk zero dropped."""
    written = re.sub(r"\(0\)", "", value.strip())
    digits = re.sub(r"\D", "", written)
    if written.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    national = digits.lstrip("0")
    return f"{country}{national}" if national else ""


def _email(value: str, country: str) -> str:
    """Limits: providers differ in what they ignore before the @; only case is ignored here."""
    return value.strip().casefold()


_FORMS: Mapping[str, Callable[[str, str], str]] = {
    "document": _document,
    "phone": _phone,
    "plate": _document,
    "email": _email,
}
