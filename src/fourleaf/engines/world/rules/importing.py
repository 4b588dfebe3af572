# SPDX-License-Identifier: Apache-2.0
"""Importing: what each line of a table would do to a register: something new, a change, nothing, or what is wrong with it. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from fourleaf.engines.world.declares.register import Register
from fourleaf.engines.world.facts import Added, Changed
from fourleaf.engines.world.rules.columns import ID, column_of
from fourleaf.engines.world.rules.tables import plain
from fourleaf.engines.world.rules.things import Known, against, difference, named, spoken
from fourleaf.engines.world.state import Item
from fourleaf.pack.complaint import Wrong
from fourleaf.pack.register_sentences import told
from fourleaf.standards.spreadsheets import Line, Odd, column_name

# The head stands among the first lines; above it a table may have a title.
HEAD_WITHIN = 10
# A line whose id begins so is a note to people.
NOTE = "#"
_ODD = {Odd.FORMULA: "cell.formula", Odd.ERROR: "cell.sheet-error", Odd.MERGED: "cell.merged"}

What = Literal["new", "changed", "same", "wrong"]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """columns: where each field and the id stand; unread: columns no field is called like; twice: fields named twice."""

    columns: Mapping[str, int]
    unread: Sequence[str] = ()
    twice: Sequence[str] = ()


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What one line says. empty: fields it has a column for and no word."""

    line: int
    id: str
    values: Mapping[str, Any]
    empty: Collection[str]
    wrong: Sequence[Wrong]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a line would do. item: the thing as it stands; fact: what would happen to it."""

    line: int
    what: What
    item: Item
    fact: Added | Changed | None = None
    wrong: Sequence[Wrong] = ()


class Wrongness(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake as people are told of it. cell: such as C12. Shape of what, mend: language -> sentence."""

    cell: str
    field: str
    code: str
    what: Mapping[str, str]
    mend: Mapping[str, str]


def head_of(register: Register, cells: Sequence[object]) -> Head | None:
    """The head, if these cells are one: they name the id, by key or by name in any language."""
    columns, unread, twice = dict[str, int](), list[str](), list[str]()
    for index, cell in enumerate(cells):
        text = plain(str(cell).strip()) if cell is not None else ""
        if not text:
            continue
        key = column_of(register, text)
        if key is None:
            unread.append(text[:60])
        elif key in columns:
            twice.append(text[:60])
        else:
            columns[key] = index
    return Head(columns=columns, unread=unread, twice=twice) if ID in columns else None


def is_note(head: Head, line: Line) -> bool:
    cell = _at(line, head.columns[ID])
    return isinstance(cell, str) and cell.lstrip().startswith(NOTE)


def read_line(register: Register, head: Head, line: Line, zone: str) -> Said:
    """What a line says, and what is wrong with it by itself."""
    wrong, given = list[Wrong](), dict[str, Any]()
    for field in register.fields:
        if field.key in head.columns:
            cell = _at(line, head.columns[field.key])
            if isinstance(cell, Odd):
                wrong.append(Wrong(field.key, _ODD[cell], {}))
            else:
                given[field.key] = plain(cell) if isinstance(cell, str) else cell
    values, misread = register.read_some(given, zone)
    key, bad = _id(register, _at(line, head.columns[ID]))
    return Said(
        line=line.number,
        id=key,
        values=values,
        empty=[field for field in given if field not in values and field not in {one.field for one in misread}],
        wrong=[*bad, *wrong, *misread],
    )


def _id(register: Register, cell: object) -> tuple[str, list[Wrong]]:
    if isinstance(cell, Odd):
        return "", [Wrong(ID, _ODD[cell], {})]
    text = plain(cell.strip()) if isinstance(cell, str) else "" if cell is None else _number(cell)
    key = register.id_of(text)
    if key:
        return key, []
    return "", [Wrong(ID, register.BAD_ID if text else "cell.required", {"value": text[:80]})]


def _number(cell: object) -> str:
    """A spreadsheet makes 12.0 of an id 12."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def judge(register: Register, name: str, said: Said, item: Item, known: Known) -> Verdict:
    """What a line would do to its thing. item: as it stands, or as nothing was ever said of it."""
    wrong = [*said.wrong, *against(register, said.values, known, item.thing)]
    named_wrong = {one.field for one in wrong}
    empty = said.empty if item.present else [f.key for f in register.fields if f.key not in said.values]
    wrong += [
        Wrong(key, "cell.required", {}) for key in empty if register.by_key[key].required and key not in named_wrong
    ]
    if wrong:
        return Verdict(line=said.line, what="wrong", item=item, wrong=wrong)
    unique = list(register.unique())
    if not item.present:
        added = Added(register=name, item=said.id, values=dict(said.values), unique=unique)
        return Verdict(line=said.line, what="new", item=item, fact=added)
    changed = difference(item.fields, {**said.values, **dict.fromkeys(said.empty)})
    if not changed:
        return Verdict(line=said.line, what="same", item=item)
    fact = Changed(register=name, item=item.item, changed=changed, unique=unique)
    return Verdict(line=said.line, what="changed", item=item, fact=fact)


class Alone:
    """What only one line of a table may say: its id, and what only one thing may say."""

    def __init__(self, register: Register) -> None:
        self._unique, self._first = register.unique(), dict[tuple[str, str], int]()

    def check(self, said: Said) -> Said:
        """The same line, and what an earlier one says already."""
        wrong = list[Wrong]()
        if said.id:
            wrong += self._take(ID, said.id, said.line, "cell.id-twice")
        for field in self._unique:
            if field in said.values:
                wrong += self._take(field, str(said.values[field]), said.line, "cell.value-twice")
        return msgspec.structs.replace(said, wrong=[*said.wrong, *wrong]) if wrong else said

    def _take(self, field: str, value: str, line: int, code: str) -> Iterator[Wrong]:
        first = self._first.setdefault((field, value), line)
        if first != line:
            yield Wrong(field, code, {"value": value[:80], "line": first})


def asks(register: Register, said: Sequence[Said]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What to ask the house about these lines: (of, id) that they name, and (field, value) that they want alone."""
    wanted = {(of, id_) for one in said for _, of, id_ in named(register, one.values)}
    alone = {(key, str(one.values[key])) for one in said for key in register.unique() if key in one.values}
    return sorted(wanted), sorted(alone)


def tell(register: Register, head: Head, verdict: Verdict) -> Iterator[Wrongness]:
    """Every mistake of a line: in which cell, what, and how to mend it."""
    for one in verdict.wrong:
        index = head.columns.get(one.field)
        at = f"{column_name(index)}{verdict.line}" if index is not None else str(verdict.line)
        blanks = (
            spoken(one, register)
            if one.field != ID
            else {"field": dict(zip(("zh", "en"), register.IDS, strict=True)), **one.blanks}
        )
        yield Wrongness(cell=at, field=one.field, code=one.code, **told(one.code, blanks))


def _at(line: Line, index: int) -> object:
    return line.cells[index] if index < len(line.cells) else None
