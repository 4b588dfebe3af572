# SPDX-License-Identifier: Apache-2.0
"""Groups: who is on duty, and what each group declares to the engines."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fourleaf.pack.edition import Declaration, plain
from fourleaf.pack.fields import check_table
from fourleaf.pack.kinds import GROUP, SUBGROUP
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Toml

FOLDER = "groups/"
FILE = "group.toml"


def read_groups(tomls: Mapping[str, Toml], declares: Mapping[str, type], problems: Problems) -> list[Declaration]:
    """Groups, subgroups and declarations. Report every mistake; the answer counts only when there was none."""
    found = dict[tuple[str, str], tuple[Place, Declaration]]()
    for toml in (toml for file, toml in tomls.items() if file.startswith(FOLDER)):
        parts = toml.file.split("/")
        if len(parts) == 3 and parts[2] == FILE:
            some = _group(toml, parts[1], problems)
        elif len(parts) == 4:
            some = _declared(toml, parts[2], declares, problems)
        else:
            problems.add("pack.unknown-file", Place(toml.file), like=(parts[-1], [FILE]), name=toml.file)
            continue
        for at, one in some:
            if (one.kind, one.key) in found:
                problems.add("pack.duplicate-id", at, id=one.key, first=found[one.kind, one.key][0])
            found.setdefault((one.kind, one.key), (at, one))
    return [one for _, one in found.values()]


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
    toml: Toml, folder: str, declares: Mapping[str, type], problems: Problems
) -> list[tuple[Place, Declaration]]:
    """One file a declaration: `groups/<group>/<kind>s/<key>.toml`."""
    kind = folder.removesuffix("s")
    key = toml.file.rpartition("/")[2].removesuffix(".toml")
    if kind not in declares:
        problems.add("pack.not-declarable", Place(toml.file), like=(kind, declares), kind=kind)
        return []
    one = Declaration(kind=kind, key=key, value=plain(toml.data))
    check_declared(problems, Place(toml.file), one, toml.data, declares)
    return [(Place(toml.file), one)]


def check_declared(problems: Problems, at: Place, one: Declaration, said: Any, declares: Mapping[str, type]) -> None:
    """Report a value that is not of the type its engine takes."""
    try:
        msgspec.convert(said, declares[one.kind])
    except msgspec.ValidationError as error:
        problems.add("pack.declaration", at, kind=one.kind, key=one.key, why=error)
