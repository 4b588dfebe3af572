# SPDX-License-Identifier: Apache-2.0
"""Things of registers: what may be added, changed, removed, restored and undone, and why not. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from fourleaf.engines.world.declares.register import FILES, Field, Register
from fourleaf.engines.world.declares.values import find_key
from fourleaf.engines.world.facts import Acted, Added, Changed, Removed, Restored
from fourleaf.engines.world.state import Item, merged
from fourleaf.kernel.refusal import Refusal
from fourleaf.pack.complaint import Wrong
from fourleaf.pack.register_sentences import told

Fact = Added | Changed | Removed | Restored


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the database knows of the values that are asked for.

    missing: (of, id) that do not exist; taken: (field, value) -> the thing that has it; registers: what those are
    called, by language, of which something is missing.
    """

    missing: Collection[tuple[str, str]] = ()
    taken: Mapping[tuple[str, str], str] = {}
    registers: Mapping[str, Mapping[str, str]] = {}


def add(item: Item, register: Register, key: str, said: Mapping[str, Any], known: Known, zone: str) -> Added | Refusal:
    name, _, id_ = item.thing.partition(".")
    if find_key(key) != id_:
        return Refusal("world.bad-id", {"item": key}, "id")
    if item.present:
        return Refusal("world.already-there", {"item": id_, "register": name}, "id")
    values, wrong = register.read(said, zone)
    wrong += against(register, values, known, item.thing)
    if wrong:
        return _bad(wrong, register)
    return Added(register=name, item=id_, values=values, unique=list(register.unique()))


def change(
    item: Item, register: Register, said: Mapping[str, Any], known: Known, zone: str, version: int | None = None
) -> Changed | Refusal:
    """said: only the fields to change; an empty one becomes empty. version: of the thing as it was read, if that matters."""
    if not item.present:
        return _no_such(item)
    if version is not None and version != item.version:
        return Refusal("world.changed-meanwhile", {"item": item.item}, "version")
    values, wrong = register.read_some(said, zone)
    wrong += against(register, values, known, item.thing)
    empty = [
        key for key in said if key in register.by_key and key not in values and key not in {w.field for w in wrong}
    ]
    wrong += [Wrong(key, "cell.required", {}) for key in empty if register.by_key[key].required]
    if wrong:
        return _bad(wrong, register)
    changed = difference(item.fields, {**values, **dict.fromkeys(empty)})
    if not changed:
        return Refusal("world.nothing-changed", {"item": item.item})
    return Changed(register=item.register, item=item.item, changed=changed, unique=list(register.unique()))


def remove(item: Item) -> Removed | Refusal:
    return Removed(register=item.register, item=item.item) if item.present else _no_such(item)


def restore(item: Item) -> Restored | Refusal:
    if item.present or not item.version:
        return Refusal("world.not-removed", {"item": item.thing.partition(".")[2]})
    return Restored(register=item.register, item=item.item)


def undo(item: Item, before: Item, last: object, version: int) -> Fact | Refusal:
    """Take the last fact back. before: the thing without it; version: of the thing as the one who asks saw it."""
    if version != item.version:
        return Refusal("world.changed-meanwhile", {"item": item.item}, "version")
    match last:
        case Added() | Restored():
            return remove(item)
        case Removed():
            return restore(item)
        case Changed(changed=changed) | Acted(changed=changed):
            back = {key: before.fields.get(key) for key in changed}
            return Changed(register=item.register, item=item.item, changed=back, unique=before.claims)
    return Refusal("world.nothing-to-undo", {"item": item.thing})


def difference(fields: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Only what differs; null where a field becomes empty."""
    return {key: value for key, value in wanted.items() if fields.get(key) != value}


def against(register: Register, values: Mapping[str, Any], known: Known, thing: str) -> Iterator[Wrong]:
    """What the rest of the house says against values that are well formed."""
    for field, of, id_ in named(register, values):
        if (of, id_) in known.missing:
            code = "cell.no-such-file" if of in FILES else "cell.unknown-reference"
            yield Wrong(field, code, {"value": id_, "of": known.registers.get(of, of)})
    for field in register.unique():
        owner = known.taken.get((field, str(values[field]))) if field in values else None
        if owner is not None and owner != thing:
            yield Wrong(field, "cell.not-unique", {"value": values[field], "first": owner})


def named(register: Register, values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What the values name: field, of what, id. Of what: a register or kind, photo, file, "" for any thing of the venue."""
    for field in register.fields:
        for of, id_ in named_by(field, values.get(field.key)):
            yield field.key, of, id_


def named_by(field: Field, value: Any) -> Iterator[tuple[str, str]]:
    """The same of one field."""
    if not value:
        return
    if field.type in FILES:
        yield field.type, value
    elif field.of:
        for id_ in value if isinstance(value, list | tuple) else (value,):
            yield field.of, id_
    elif isinstance(value, Mapping):
        if value.get("at"):
            yield "", value["at"]
        elif value.get("level"):
            yield "level", value["level"]


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """What a load of the pack changes in one register, and what the desk keeps. kept: things the desk changed since."""

    facts: list[Fact]
    kept: list[str]


def pulled(
    register: Register,
    name: str,
    items: Mapping[str, Item],
    things: Mapping[str, Mapping[str, Any]],
    taken: Mapping[tuple[str, str], str],
) -> Pulled:
    """What to append so that the register says what the pack says, but where the desk has said otherwise since.

    items, things: by id, as they stand and as the pack has them.
    """
    found = Pulled(facts=[], kept=[])
    for key, values in things.items():
        item = items.get(key) or Item(thing=f"{name}.{key}")
        free = all(taken.get((field, str(values.get(field))), item.thing) == item.thing for field in register.unique())
        fact = _pull(item, name, key, values, register) if free else None
        if fact is not None:
            found.facts.append(fact)
        if (fact is None and not item.present) or after(item, fact) != values:
            found.kept.append(key)
    for key, item in items.items():
        if key not in things and item.present and item.said is not None:
            if item.fields == item.said:
                found.facts.append(Removed(register=name, item=key))
            else:
                found.kept.append(key)
    return found


def _pull(item: Item, name: str, key: str, values: Mapping[str, Any], register: Register) -> Added | Changed | None:
    unique = list(register.unique())
    if not item.version or (not item.present and item.said is None):
        return Added(register=name, item=key, values=dict(values), unique=unique)
    if not item.present:
        return None
    said = item.said or {}
    wanted = {field: values.get(field) for field in {*said, *values}}
    # What the desk changed stays: there the thing no longer says what the pack said last.
    changed = {
        field: value
        for field, value in sorted(wanted.items())
        if said.get(field) != value and item.fields.get(field) == said.get(field)
    }
    return Changed(register=name, item=key, changed=changed, unique=unique) if changed else None


def _bad(wrong: Sequence[Wrong], register: Register) -> Refusal:
    errors = [{"field": one.field, "code": one.code, **told(one.code, spoken(one, register))} for one in wrong]
    return Refusal("world.bad-fields", {"count": len(errors), "errors": errors}, wrong[0].field)


def spoken(one: Wrong, register: Register) -> dict[str, Any]:
    """The blanks of a mistake, with the field's own name in both languages."""
    field = register.by_key.get(one.field)
    name = {"zh": field.name.zh, "en": field.name.en} if field else one.field
    return {"field": name, **one.blanks}


def _no_such(item: Item) -> Refusal:
    register, _, id_ = item.thing.partition(".")
    return Refusal("world.no-such-item", {"item": id_, "register": register})


def after(item: Item, fact: Fact | None) -> Mapping[str, Any]:
    """What a thing says after a fact: for a preview."""
    match fact:
        case Added(values=values):
            return values
        case Changed(changed=changed):
            return merged(item.fields, changed)
    return item.fields
