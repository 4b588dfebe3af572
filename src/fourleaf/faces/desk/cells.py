# SPDX-License-Identifier: Apache-2.0
"""Cells: how the value of a field reads in a table, a form and a history, in the language of the page. Pure."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from fourleaf.engines.world.declares.register import FILES, Field, Register
from fourleaf.engines.world.declares.values import written
from fourleaf.engines.world.state import Item
from fourleaf.ui import format
from fourleaf.ui.format import Lang

_YES_NO: Mapping[str, tuple[str, str]] = {"zh": ("是", "否"), "en": ("Yes", "No")}
_FILES: Mapping[str, Mapping[str, str]] = {
    "photo": {"zh": "照片", "en": "Photo"},
    "file": {"zh": "文件", "en": "File"},
}
_NUMBERS = ("integer", "decimal")


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of a table. href: where its thing stands, relative to the desk; lang: of the text, if not that of the page."""

    key: str
    name: str
    text: str
    number: bool = False
    lang: str = ""
    href: str = ""
    # The id of a file, and whether it is a picture.
    file: str = ""
    photo: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a table."""

    item: Item
    called: str
    cells: list[Cell]


def columns(register: Register, chosen: Collection[str], lang: Lang) -> list[Field]:
    """The fields that somebody chose; where nobody did, those of the declaration."""
    return [field for field in register.fields if field.key in chosen] if chosen else register.listed(lang)


def line(register: Register, item: Item, fields: list[Field], lang: Lang, zone: str) -> Line:
    return Line(
        item=item,
        called=register.called(item.item, item.fields, lang),
        cells=[cell(one, item.fields.get(one.key), lang, zone) for one in _said(register, item, fields, lang)],
    )


def _said(register: Register, item: Item, fields: list[Field], lang: Lang) -> list[Field]:
    """The same fields; where a name is missing in a language, the name in another that no column of its own shows."""
    others = [one for one in register.labels(lang) if one not in fields and item.fields.get(one.key)]
    return [others[0] if field.label and others and not item.fields.get(field.key) else field for field in fields]


def cell(field: Field, value: Any, lang: Lang, zone: str) -> Cell:
    href = f"registers/{field.of}/things/{value}" if field.type == "reference" and value else ""
    return Cell(
        key=field.key,
        name=unit(field, lang),
        text=text(field, value, lang, zone),
        number=field.type in _NUMBERS,
        lang=field.lang if field.lang and field.lang != lang else "",
        href=href,
        file=str(value).partition(":")[2] if field.type in FILES and value else "",
        photo=field.type == "photo",
    )


def text(field: Field, value: Any, lang: Lang, zone: str) -> str:
    """A value in words. Empty for an empty one."""
    if value is None:
        return ""
    match field.type:
        case "boolean":
            return _YES_NO[lang][0 if value else 1]
        case "choice":
            return next((getattr(choice.name, lang) for choice in field.choices if choice.key == value), str(value))
        case "integer" | "decimal":
            return _number(str(value))
        case "date" | "moment":
            return _when(field, value, lang, zone)
        case "photo" | "file":
            return f"{_FILES[field.type][lang]} {str(value).partition(':')[2][:8]}"
        case "texts":
            return ("、" if lang == "zh" else ", ").join(value)
    return written(field, value)


def _when(field: Field, value: str, lang: Lang, zone: str) -> str:
    if field.type == "moment":
        return format.moment(datetime.fromisoformat(value), lang, ZoneInfo(zone))
    day = date.fromisoformat(value)
    return f"{day.year}年{format.day(day, lang)}" if lang == "zh" else f"{format.day(day, lang)} {day.year}"


def _number(value: str) -> str:
    digits = -Decimal(value).as_tuple().exponent if "." in value else 0  # type: ignore[operator]
    return format.number(Decimal(value), digits=digits)


def unit(field: Field, lang: Lang) -> str:
    """The name of a field with its unit, as the head of a column."""
    name: str = getattr(field.name, lang)
    return f"{name} ({field.unit})" if field.unit else name
