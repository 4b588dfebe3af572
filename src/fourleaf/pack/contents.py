# SPDX-License-Identifier: Apache-2.0
"""Contents: the first things of what is declared, in a CSV beside its TOML; each cell is read as the declaration says."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, NamedTuple, Protocol, runtime_checkable

import msgspec

from fourleaf.pack.complaint import Complaint, Others, Wrong
from fourleaf.pack.edition import Contents
from fourleaf.pack.fields import check_value
from fourleaf.pack.files import Folder
from fourleaf.pack.names import Both, kind_name
from fourleaf.pack.positions import Path
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Row, Toml, read_csv


@runtime_checkable
class Complaining(Protocol):
    """A declared type that finds mistakes its types do not catch."""

    def complaints(self) -> Iterable[Complaint]: ...


@runtime_checkable
class Standing(Protocol):
    """A declared type that names things of the venue, each at a key of its file."""

    def venue_things(self) -> Iterable[tuple[Path, str]]: ...


@runtime_checkable
class Agreeing(Protocol):
    """A declared type that must agree with the rest of the pack."""

    def complaints_among(self, key: str, others: Others) -> Iterable[Complaint]: ...


@runtime_checkable
class Holding(Protocol):
    """A declared type whose first things may stand in a CSV beside it."""

    def unique(self) -> Sequence[str]: ...

    def columns(self) -> Sequence[str]: ...

    def refers(self) -> Mapping[str, str]: ...

    def read(self, said: Mapping[str, Any], zone: str) -> tuple[dict[str, Any], list[Wrong]]: ...


class Declared(NamedTuple):
    """A declaration as its type, and the file it stands in."""

    toml: Toml
    value: Any

    def at_field(self, key: str) -> Place:
        """Where a field names what it refers to."""
        keys = [one.get("key") for one in self.toml.data.get("field", [])]
        return self.toml.at("field", keys.index(key), "of") if key in keys else self.toml.at()


class Known(NamedTuple):
    """What else of the pack may be named. venue: id -> its kind, or its kinds where it stands twice; declared: kind -> keys."""

    venue: Mapping[str, Collection[str]]
    declared: Mapping[str, Collection[str]]

    def has(self, of: str, id_: str) -> bool:
        return id_ in self.declared.get(of, ()) or (id_ in self.venue and (not of or of in self.venue[id_]))


# id of a thing -> its values; and where it stands.
Things = dict[str, dict[str, Any]]


def read_contents(
    texts: Folder,
    held: Mapping[str, Declared],
    known: Known,
    zone: str,
    problems: Problems,
) -> list[Contents]:
    """The first things of each register. held: register -> declaration.

    Report every mistake; the answer counts only when there was none.
    """
    files = {PurePosixPath(declared.toml.file).with_suffix(".csv").as_posix(): key for key, declared in held.items()}
    found, places = dict[str, Things](), dict[str, dict[str, Place]]()
    for file in [name for name in texts.under("", ".csv") if "registers" in PurePosixPath(name).parts]:
        if file not in files:
            wanted = PurePosixPath(file).with_suffix(".toml")
            if wanted.as_posix() not in texts.names:
                problems.add("register.no-declaration", Place(file), name=wanted.name)
            continue
        key = files[file]
        found[key], places[key] = _things(texts, file, held[key].value, zone, problems)
    _check_references(held, found, places, known, problems)
    return [Contents(of=key, hash=_hash(things), things=things) for key, things in found.items()]


def _things(
    texts: Folder, file: str, holding: Holding, zone: str, problems: Problems
) -> tuple[Things, dict[str, Place]]:
    found, places = Things(), dict[str, Place]()
    taken: dict[tuple[str, str], Place] = {}
    for row in read_csv(texts, file, ("id",), tuple(holding.columns()), problems):
        key = str(row.data.pop("id", ""))
        if not key:
            problems.add("pack.missing-key", row.at, key="id")
            continue
        if not row.whole:
            found.setdefault(key, {})
            places.setdefault(key, row.at)
            continue
        if key in found:
            problems.add("pack.duplicate-id", row.at, id=key, first=places[key])
        check_value(problems, row.at, "id", key, "id")
        values, wrong = holding.read(row.data, zone)
        for one in wrong:
            problems.add(one.code, row.at, field=one.field, **one.blanks)
        _check_unique(problems, holding, row, values, taken)
        found[key], places[key] = values, row.at
    return found, places


def _check_unique(
    problems: Problems, holding: Holding, row: Row, values: Mapping[str, Any], taken: dict[tuple[str, str], Place]
) -> None:
    for field in holding.unique():
        if field in values:
            spot = (field, str(values[field]))
            if spot in taken:
                problems.add("cell.not-unique", row.at, field=field, value=values[field], first=taken[spot])
            taken.setdefault(spot, row.at)


def _check_references(
    held: Mapping[str, Declared],
    found: Mapping[str, Things],
    places: Mapping[str, Mapping[str, Place]],
    known: Known,
    problems: Problems,
) -> None:
    called = {key: Both(said.zh, said.en) for key, one in held.items() if (said := getattr(one.value, "name", None))}
    kinds = {kind for some in known.venue.values() for kind in some}
    for key, declared in held.items():
        refers = declared.value.refers()
        for field, of in refers.items():
            if of and of not in held and of not in kinds and of not in known.declared:
                at, near = declared.at_field(field), (of, {*held, *kinds, *known.declared})
                problems.add("register.unknown-of", at, near, unless=causes_of(of), field=field, of=of)
        for id_, values in found.get(key, {}).items():
            for field, value, of in _named(values, refers):
                if value not in found.get(of, ()) and not known.has(of, value):
                    blanks: Any = {"field": field, "value": value, "of": called.get(of) or kind_name(of)}
                    at = places[key][id_]
                    problems.add("cell.unknown-reference", at, unless=causes_of(of), once=True, **blanks)


def causes_of(of: str) -> tuple[str, ...]:
    """Patterns of the files in which things of a kind may stand: of the venue, of a register, declared. "" is any of the venue."""
    if not of:
        return ("venue/*",)
    return (f"venue/{of}.geojson", f"registers/{of}.*", f"groups/*/registers/{of}.*", f"groups/*/{of}*")


def _named(values: Mapping[str, Any], refers: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    """What a thing names: field, id, and of what; "" is any thing of the venue, "level" a level of it."""
    for field, of in refers.items():
        said = values.get(field, ())
        for id_ in said if isinstance(said, list | tuple) else (said,):
            yield field, id_, of
    for field, value in values.items():
        if isinstance(value, dict):
            if value.get("at"):
                yield field, value["at"], ""
            elif value.get("level"):
                yield field, value["level"], "level"


def _hash(things: Things) -> str:
    """Tells whether a load has anything to do."""
    return sha256(msgspec.json.encode(things, order="sorted")).hexdigest()
