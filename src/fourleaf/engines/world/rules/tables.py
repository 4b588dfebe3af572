# SPDX-License-Identifier: Apache-2.0
"""Tables: things of a register as rows that a spreadsheet opens safely and that read back as they were. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from fourleaf.engines.world.declares.register import Field, Lang, Register
from fourleaf.engines.world.declares.values import read, written
from fourleaf.engines.world.state import Item

# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_NUMBERS = ("integer", "decimal")
_YES_NO: Mapping[str, tuple[str, str]] = {"zh": ("是", "否"), "en": ("Yes", "No")}


def rows(register: Register, items: Sequence[Item]) -> Iterator[list[str]]:
    """The head, then a row a thing: the words of the files of a pack, so that a table reads back where it came from."""
    yield ["id", *(field.key for field in register.fields)]
    for item in items:
        cells = [(field, written(field, item.fields.get(field.key))) for field in register.fields]
        yield [safe(item.item), *(text if field.type in _NUMBERS else safe(text) for field, text in cells)]


def safe(text: str) -> str:
    """A text no spreadsheet computes: an apostrophe before what would be a formula, and before one that stands there."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain(text: str) -> str:
    """The text that was made safe."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def typed(register: Register, items: Sequence[Item], lang: Lang, zone: str) -> Iterator[list[object]]:
    """A row a thing for a workbook: numbers, days and moments as such, choices in words. Each reads back as it was."""
    for item in items:
        yield [item.item, *(_typed(field, item.fields.get(field.key), lang, zone) for field in register.fields)]


def _typed(field: Field, value: Any, lang: Lang, zone: str) -> object:
    match field.type:
        case _ if value is None:
            return None
        case "integer":
            return int(value)
        case "decimal":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case "moment":
            return _local(value, zone)
        case "boolean":
            return _YES_NO[lang][0 if value else 1]
        case "choice":
            name = next((getattr(one.name, lang) for one in field.choices if one.key == value), value)
            return name if read(field, name, zone) == value else value
    text = written(field, value)
    return f"'{text}" if plain(text) != text else text


def _local(value: str, zone: str) -> object:
    """A moment on the clocks of the fair; as text where a spreadsheet's own moments would not say it exactly."""
    moment = datetime.fromisoformat(value)
    local = moment.astimezone(ZoneInfo(zone))
    plain_local = local.replace(tzinfo=None, fold=0)
    exact = not local.microsecond and plain_local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) == moment
    return plain_local if exact else value


def geojson(register: Register, items: Sequence[Item], lang: str) -> dict[str, Any]:
    """The things that stand somewhere by themselves; those that stand at a thing of the venue name it."""
    return {"type": "FeatureCollection", "features": [_feature(register, item, lang) for item in items]}


def _feature(register: Register, item: Item, lang: str) -> dict[str, Any]:
    spot: Mapping[str, Any] = (item.fields.get(register.place.key) if register.place else None) or {}
    stands = {"type": "Point", "coordinates": [float(spot["lon"]), float(spot["lat"])]} if spot.get("lon") else None
    said = {"name": register.called(item.item, item.fields, lang), "level": spot.get("level"), "at": spot.get("at")}
    return {"type": "Feature", "id": item.item, "geometry": stands, "properties": {**item.fields, **said}}
