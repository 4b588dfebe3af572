# SPDX-License-Identifier: Apache-2.0
"""Groups: who is on duty, and what each group declares to the engines."""

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from fourleaf.kernel.labels import own
from fourleaf.pack.complaint import Complaint, Others
from fourleaf.pack.contents import Agreeing, Complaining, Declared, Holding, Standing, causes_of
from fourleaf.pack.edition import Declaration, plain
from fourleaf.pack.fields import check_table
from fourleaf.pack.kinds import GROUP, SUBGROUP
from fourleaf.pack.positions import Path
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Toml
from fourleaf.pack.reasons import of_type

FOLDER = "groups/"
FILE = "group.toml"
# Who sees, writes, sends and keeps what is declared: the desk and the group of its folder, where a file says nothing else.
OWN = ("see", "write", "send", "keep")
# Registers of no group.
REGISTERS = "registers/"


def read_groups(
    tomls: Mapping[str, Toml], declares: Mapping[str, type], problems: Problems
) -> list[tuple[str, Declaration]]:
    """Groups, subgroups and declarations, each with its file. The answer counts only when there was no mistake."""
    found = dict[tuple[str, str], tuple[Place, Declaration]]()
    for toml in (toml for file, toml in tomls.items() if file.startswith((FOLDER, REGISTERS))):
        parts = toml.file.split("/")
        if toml.file.startswith(REGISTERS):
            some = _declared(toml, "", parts[0], declares, problems)
        elif len(parts) == 3 and parts[2] == FILE:
            some = _group(toml, parts[1], problems)
        elif len(parts) == 4:
            some = _declared(toml, parts[1], parts[2], declares, problems)
        else:
            problems.add("pack.unknown-file", Place(toml.file), like=(parts[-1], [FILE]), name=toml.file)
            continue
        for at, one in some:
            if (one.kind, one.key) in found:
                problems.add("pack.duplicate-id", at, id=one.key, first=found[one.kind, one.key][0])
            found.setdefault((one.kind, one.key), (at, one))
    return [(at.file, one) for at, one in found.values()]


def _group(toml: Toml, folder: str, problems: Problems) -> list[tuple[Place, Declaration]]:
    check_table(problems, toml.at, toml.data, GROUP)
    key = toml.data.get("id", folder)
    if key != folder:
        blanks: Any = {"key": "id", "value": key, "via": f"{FOLDER}{folder}", "wanted": folder}
        problems.add("pack.mismatch", toml.at("id"), **blanks)
    about = {name: value for name, value in toml.data.items() if name != "subgroup"}
    found = [(toml.at("id"), Declaration(kind="group", key=folder, value=plain(about)))]
    for data, path in toml.tables("subgroup", problems):
        check_table(problems, toml.inside(path), data, SUBGROUP)
        value = {"group": folder, **plain(data)}
        found.append(
            (toml.at(*path, "id"), Declaration(kind="subgroup", key=f"{folder}/{data.get('id')}", value=value))
        )
    return found


def _declared(
    toml: Toml, group: str, folder: str, declares: Mapping[str, type], problems: Problems
) -> list[tuple[Place, Declaration]]:
    """One file a declaration: `groups/<group>/<kind>s/<key>.toml`."""
    kind = folder.removesuffix("s")
    key = toml.file.rpartition("/")[2].removesuffix(".toml")
    if kind not in declares:
        problems.add("pack.not-declarable", Place(toml.file), like=(kind, declares), word=kind)
        return []
    fields = _fields(declares[kind])
    whose = {key: list(own(group)) for key in OWN if key in fields}
    said = whose | toml.data | ({"group": group} if "group" in fields else {})
    one = Declaration(kind=kind, key=key, value=plain(said))
    check_declared(problems, toml, one, said, declares)
    return [(Place(toml.file), one)]


def held(
    values: Iterable[tuple[str, Declaration]], tomls: Mapping[str, Toml], declares: Mapping[str, type]
) -> dict[str, Declared]:
    """The declarations whose first things may stand in a CSV beside them; without those that are wrong themselves.

    values: file -> declaration.
    """
    found = dict[str, Declared]()
    for file, one in values:
        type_ = declares.get(one.kind)
        if type_ is not None and issubclass(type_, Holding):
            with suppress(msgspec.ValidationError):
                found[one.key] = Declared(tomls[file], msgspec.convert(one.value, type_, strict=False))
    return found


def check_standing(
    problems: Problems,
    values: Iterable[tuple[str, Declaration]],
    tomls: Mapping[str, Toml],
    declares: Mapping[str, type],
    venue: Collection[str],
) -> None:
    """Report what is said to stand at a thing that the venue does not have. values: file -> declaration."""
    for file, one in values:
        type_ = declares.get(one.kind)
        if type_ is None or not issubclass(type_, Standing):
            continue
        with suppress(msgspec.ValidationError):
            for path, id_ in msgspec.convert(one.value, type_, strict=False).venue_things():
                if id_ not in venue:
                    at, near = tomls[file].at(*path), (id_, venue)
                    problems.add("feed.unknown-place", at, near, unless=("venue/*",), value=id_)


def check_among(
    problems: Problems,
    values: Collection[tuple[str, Declaration]],
    tomls: Mapping[str, Toml],
    declares: Mapping[str, type],
    venue_kinds: Collection[str],
    also: Mapping[str, Mapping[str, Any]],
) -> None:
    """Report what does not agree with the rest of the pack. values: file -> declaration; wrong ones are left out.

    also: kind -> key -> what the pack says beside that: of the calendar, as it is loaded.
    """
    found: dict[str, dict[str, Any]] = {kind: dict(values) for kind, values in also.items()}
    files = dict[tuple[str, str], str]()
    for file, one in values:
        with suppress(msgspec.ValidationError, KeyError):
            found.setdefault(one.kind, {})[one.key] = msgspec.convert(one.value, declares[one.kind], strict=False)
            files[one.kind, one.key] = file
    others, there = Others(found, venue_kinds), {(one.kind, one.key) for _, one in values}
    for (kind, key), file in files.items():
        if issubclass(declares[kind], Agreeing):
            for said in found[kind][key].complaints_among(key, others):
                if said.code == "pack.unknown-reference" and (said.blanks["kind"], said.blanks["value"]) in there:
                    continue  # it is there, and wrong itself: that was told
                problems.add(said.code, tomls[file].at(*said.path), said.like, unless=_causes(said), **said.blanks)


def _causes(said: Complaint) -> list[str]:
    """Files that may hold what it misses: a declaration of that name, a register or things of the venue of that kind."""
    name, of = said.blanks.get("name"), said.blanks.get("of")
    declared = [f"groups/*/{name}.toml"] if name else []
    return [*declared, *causes_of(str(of))] if of else declared


def check_declared(problems: Problems, toml: Toml, one: Declaration, said: Any, declares: Mapping[str, type]) -> None:
    """Report what is not as its engine takes it."""
    type_ = declares[one.kind]
    try:
        value: Any = msgspec.convert(said, type_)
    except msgspec.ValidationError as error:
        problems.add("pack.declaration", toml.at(*_path(str(error))), kind=one.kind, key=one.key, **of_type(str(error)))
        return
    if issubclass(type_, Holding) and not _NAME.fullmatch(one.key):
        problems.add("register.bad-name", Place(toml.file), key=one.key)
    if issubclass(type_, Standing) and not _NAME.fullmatch(one.key):
        problems.add("feed.bad-name", Place(toml.file), key=one.key)
    if issubclass(type_, Complaining):
        for complaint in value.complaints():
            problems.add(complaint.code, toml.at(*complaint.path), **complaint.blanks)


_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_AT = re.compile(r" - at `\$([^`]*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def _path(said: str) -> Path:
    """Where in the declaration a mistake of its types lies."""
    match = _AT.search(said)
    return tuple(key or int(number) for key, number in _STEP.findall(match[1])) if match else ()


def _fields(type_: type) -> Collection[str]:
    return [field.encode_name for field in msgspec.structs.fields(type_)]
