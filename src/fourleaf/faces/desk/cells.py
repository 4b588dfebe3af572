# SPDX-License-Identifier: Apache-2.0
"""Cells: how the value of a field reads in a table, a form and a history, in the language of the page. Pure."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from fourleaf.engines.world.declares.register import FILES, Field, Register
from fourleaf.engines.world.declares.values import written
from fourleaf.engines.world.rules.things import named_by
from fourleaf.engines.world.state import Item
from fourleaf.ui import format
from fourleaf.ui.format import Lang

_YES_NO: Mapping[str, tuple[str, str]] = {"zh": ("是", "否"), "en": ("Yes", "No")}
_FILES: Mapping[str, Mapping[str, str]] = {
    "photo": {"zh": "照片", "en": "Photo"},
    "file": {"zh": "文件", "en": "File"},
}
_NUMBERS = ("integer", "decimal")


# What things are called that others refer to. Shape: (of what, id) -> name.
Names = Mapping[tuple[str, str], str]


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that another refers to. register: where its page is, if it is one."""

    text: str
    id: str
    register: str


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of a table. links: the things it names, with `between` between them; lang: of the text, if not that of the page."""

    key: str
    name: str
    text: str
    number: bool = False
    lang: str = ""
    links: Sequence[Link] = ()
    between: str = ""
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


def line(
    register: Register, item: Item, fields: list[Field], lang: Lang, zone: str, names: Names | None = None
) -> Line:  # fmt: skip
    """names: of what the thing refers to; what has none there stands with its id."""
    called = register.called(item.item, item.fields, lang)
    said = _said(register, item, fields, lang)
    return Line(
        item=item,
        called=called,
        cells=[cell(one, item.fields, lang, zone, names or {}, called) for one in said],
    )


def _said(register: Register, item: Item, fields: list[Field], lang: Lang) -> list[Field]:
    """The same fields; where one says nothing in its language, its twin in another that no column of its own shows."""

    def twin(field: Field) -> Field:
        found = (one for one in register.twins(field) if one not in fields and item.fields.get(one.key))
        return next(found, field)

    return [field if item.fields.get(field.key) else twin(field) for field in fields]


def cell(
    field: Field, fields: Mapping[str, Any], lang: Lang, zone: str, names: Names, called: str = ""
) -> Cell:  # fmt: skip
    """called: the thing itself; another of the same name stands with its id, by which the two are known apart."""
    value = fields.get(field.key)
    links = [_link(of, id_, names, called) for of, id_ in referred(field, value)]
    return Cell(
        key=field.key,
        name=unit(field, lang),
        text=_and(lang).join(link.text for link in links) if links else text(field, fields, lang, zone),
        number=field.type in _NUMBERS,
        lang=field.lang if field.lang and field.lang != lang else "",
        links=links,
        between=_and(lang),
        file=str(value).partition(":")[2] if field.type in FILES and value else "",
        photo=field.type == "photo",
    )


def referred(field: Field, value: Any) -> list[tuple[str, str]]:
    """What a value refers to: of what, id. Where a thing stands by itself, and what stands in its files, has no name."""
    return [(of, id_) for of, id_ in named_by(field, value) if of not in (*FILES, "level")]


def _link(of: str, id_: str, names: Names, called: str) -> Link:
    name = names.get((of, id_), id_)
    return Link(text=f"{name} {id_}" if name == called else name, id=id_, register=of)


def _and(lang: Lang) -> str:
    return "、" if lang == "zh" else ", "


def text(field: Field, fields: Mapping[str, Any], lang: Lang, zone: str) -> str:
    """What a thing says in one field, in words. Empty for nothing. fields: all that it says."""
    value = fields.get(field.key)
    if value is None:
        return ""
    match field.type:
        case "boolean":
            return _YES_NO[lang][0 if value else 1]
        case "choice":
            return next((getattr(choice.name, lang) for choice in field.choices if choice.key == value), str(value))
        case "integer" | "decimal":
            return str(value).replace("-", format.MINUS) if field.is_plain(fields) else _number(str(value))
        case "date" | "moment":
            return _when(field, value, lang, zone)
        case "photo" | "file":
            return f"{_FILES[field.type][lang]} {str(value).partition(':')[2][:8]}"
        case "texts":
            return _and(lang).join(value)
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
