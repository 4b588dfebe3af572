# SPDX-License-Identifier: Apache-2.0
"""Rooms: finds what every engine offers by the reserved names of its files. Adding an engine edits nothing here."""

import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from inspect import isclass
from types import ModuleType
from typing import Any, NamedTuple

import msgspec

import fourleaf.engines
import fourleaf.faces
from fourleaf.kernel.fact import Body, Kinds
from fourleaf.kernel.fold import Picture, Stream, Total
from fourleaf.pack import declared
from fourleaf.pack import facts as pack_facts
from fourleaf.postgres.rebuild import Folds
from fourleaf.vault import facts as vault_facts


class Watch(NamedTuple):
    """What the worker does every so many wall seconds. name: engine.function."""

    name: str
    every_s: float
    look: Any


class Rooms(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the engines offer."""

    engines: tuple[str, ...]
    kinds: Kinds
    streams: tuple[Stream, ...]
    totals: tuple[Total, ...]
    pictures: tuple[Picture, ...]
    views: Mapping[str, Any]
    watches: tuple[Watch, ...]
    # The same for what reaches outside of the database.
    collects: tuple[Watch, ...]
    declares: Mapping[str, type]
    # What a role may be allowed to do: a closed list, named in code.
    permissions: frozenset[str]
    handlers: tuple[Any, ...]
    schema: str
    kept_schema: str
    kept: tuple[str, ...]

    @property
    def inline(self) -> Sequence[Total]:
        return [total for total in self.totals if total.when == "inline"]

    @property
    def tailed(self) -> Sequence[Total]:
        return [total for total in self.totals if total.when == "tailed"]

    @property
    def folds(self) -> Folds:
        return Folds(
            streams=self.streams, totals=self.totals, schema=self.schema, kept=self.kept, kept_schema=self.kept_schema
        )


@cache
def rooms() -> Rooms:
    """Look into every room once a process."""
    names = tuple(sorted(module.name for module in pkgutil.iter_modules(fourleaf.engines.__path__)))
    faces = tuple(sorted(module.name for module in pkgutil.iter_modules(fourleaf.faces.__path__)))
    own = (*_bodies(pack_facts), *_bodies(vault_facts))
    bodies = (*own, *(body for name in names for body in _bodies(_file(name, "facts"))))
    return Rooms(
        engines=names,
        kinds=Kinds(bodies, _own_upcasts() | _merged(names, "facts", "UPCASTS")),
        streams=apart((*declared.STREAMS, *_all(names, "state", "STREAMS"))),
        totals=tuple(_all(names, "state", "TOTALS")),
        pictures=tuple(_all(names, "picture", "PICTURES")),
        views=_merged(names, "store", "VIEWS"),
        watches=tuple(_watches(names, "WATCHES")),
        collects=tuple(_watches(names, "COLLECTS")),
        declares=_merged(names, "declares", "DECLARES"),
        permissions=frozenset(_all(names, "declares", "PERMISSIONS")),
        handlers=(*_all(names, "web", "HANDLERS"), *_face_handlers(faces)),
        schema="\n".join(
            (_sql("fourleaf.pack", "schema.sql"), *(_sql(f"fourleaf.engines.{name}", "schema.sql") for name in names))
        ),
        kept_schema="\n".join(_sql(f"fourleaf.engines.{name}", "kept.sql") for name in names),
        kept=tuple(_all(names, "store", "KEPT")),
    )


def folded() -> tuple[Kinds, Folds]:
    """What a rebuild reads and folds."""
    return rooms().kinds, rooms().folds


def _file(engine: str, file: str) -> ModuleType | None:
    name = f"fourleaf.engines.{engine}.{file}"
    folder = files(f"fourleaf.engines.{engine}")
    return import_module(name) if folder.joinpath(f"{file}.py").is_file() or folder.joinpath(file).is_dir() else None


def _own_upcasts() -> dict[Any, Any]:
    """Of the facts that belong to no engine."""
    return getattr(pack_facts, "UPCASTS", {}) | getattr(vault_facts, "UPCASTS", {})


def _bodies(module: ModuleType | None) -> tuple[type[Body], ...]:
    found = vars(module).values() if module else ()
    return tuple(
        item
        for item in found
        if isclass(item) and issubclass(item, Body) and item is not Body and item.__module__ == module.__name__  # type: ignore[union-attr]
    )


def _all(engines: Sequence[str], file: str, symbol: str) -> Iterator[Any]:
    for engine in engines:
        yield from getattr(_file(engine, file), symbol, ())


def _watches(engines: Sequence[str], symbol: str) -> Iterator[Watch]:
    for engine in engines:
        for every_s, look in getattr(_file(engine, "feeds"), symbol, ()):
            yield Watch(f"{engine}.{look.__name__}", every_s, look)


def _merged(engines: Sequence[str], file: str, symbol: str) -> dict[Any, Any]:
    merged: dict[Any, Any] = {}
    for engine in engines:
        found = getattr(_file(engine, file), symbol, {})
        if double := merged.keys() & found.keys():
            raise ValueError(f"{engine}/{file}.py: {symbol} defined twice: {sorted(map(str, double))}")
        merged |= found
    return merged


def apart(streams: tuple[Stream, ...]) -> tuple[Stream, ...]:
    """Raises: ValueError when two engines call their streams the same: no fact would say whose it is."""
    prefixes = [stream.prefix for stream in streams]
    if double := {prefix for prefix in prefixes if prefixes.count(prefix) > 1}:
        raise ValueError(f"STREAMS: prefix used twice: {sorted(double)}")
    return streams


def _face_handlers(faces: Sequence[str]) -> Iterator[Any]:
    for face in faces:
        yield from import_module(f"fourleaf.faces.{face}.web").HANDLERS


def _sql(package: str, name: str) -> str:
    file = files(package).joinpath(name)
    return file.read_text("utf-8") if file.is_file() else ""
