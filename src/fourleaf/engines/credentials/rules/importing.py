# SPDX-License-Identifier: Apache-2.0
"""Importing: the lines of an organization's table, from cells to applications. Pure.

The head may be Chinese or English; what a line says of its holder goes to the vault and into no message.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from fourleaf.kernel.refusal import Refusal

# Column -> what its head may say.
HEADS: Mapping[str, tuple[str, ...]] = {
    "type": ("type", "category", "证件类别", "类别"),
    "name": ("name", "姓名", "联系人"),
    "document": ("document", "document number", "证件号码", "证件号"),
    "plate": ("plate", "车牌", "车牌号"),
    "phone": ("phone", "电话", "手机"),
    "email": ("email", "e-mail", "邮箱"),
    "name_latin": ("name_latin", "latin name", "英文名", "拼音"),
    "birth_date": ("birth_date", "birth date", "出生日期"),
    "documents": ("documents", "材料"),
}
# The vault keeps longer values; no cell of a person is as long.
LONGEST = 200
# The head stands within the first lines.
HEAD_WITHIN = 10
_COLUMNS = {head.casefold(): column for column, heads in HEADS.items() for head in heads}
_OF_HOLDER = tuple(column for column in HEADS if column not in ("type", "documents"))


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One application of a table. number: as the spreadsheet counts; details: as the vault takes them."""

    number: int
    type: str
    documents: list[str]
    details: dict[str, str]


class Bad(msgspec.Struct, frozen=True):
    """A line that is not taken, and why."""

    number: int
    refusal: Refusal


def head_of(cells: Sequence[object]) -> dict[int, str] | None:
    """Which column stands where; None when this line is not the head."""
    found = {at: _COLUMNS[key] for at, cell in enumerate(cells) if (key := _text(cell).casefold()) in _COLUMNS}
    columns = list(found.values())
    fits = "name" in columns and ("document" in columns or "plate" in columns)
    return found if fits and len(set(columns)) == len(columns) else None


def read(head: Mapping[int, str], number: int, cells: Sequence[object], type_: str) -> Line | Bad:
    """One line. type_: the category where the table names none."""
    said = {column: _text(cells[at]) for at, column in head.items() if at < len(cells)}
    long = [column for column, text in said.items() if len(text) > LONGEST]
    if long:
        return Bad(number, Refusal("credentials.cell-too-long", {"column": long[0], "most": LONGEST}, long[0]))
    documents = said.get("documents", "").replace("；", ";").split(";")
    return Line(
        number=number,
        type=said.get("type") or type_,
        documents=[key for one in documents if (key := one.strip())],
        details={column: said[column] for column in _OF_HOLDER if said.get(column)},
    )


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case str():
            return cell.strip()
        case datetime() | date():
            return cell.isoformat()[:10]
        case float() if cell.is_integer():
            return str(int(cell))
    return str(cell)
