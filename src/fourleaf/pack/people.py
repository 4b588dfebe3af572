# SPDX-License-Identifier: Apache-2.0
"""People: the roles of an edition, what each may see and do, and the made-up accounts of its rehearsals."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from fourleaf.pack.edition import Declaration, plain
from fourleaf.pack.fields import Spec, check_table
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Toml

FOLDER = "people/"
ROLES, DEMO = "people/roles.toml", "people/demo.toml"
ROLE: Spec = {
    "id": "id",
    "name": "words",
    "labels": "texts",
    "may": "texts",
    "in_group": "flag?",
    "totp": "flag?",
    "card": "flag?",
    "claims": "texts?",
    "note": "words?",
    "source": "text?",
}
ACCOUNT: Spec = {"login": "id", "posts": "texts", "synthetic": "flag", "note": "words?"}
_LABEL = re.compile(r"(public|office|desk|(group|agency|person|protected):(\{group\}|[a-z0-9][a-z0-9-]*))")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


def read_people(
    tomls: Mapping[str, Toml], groups: Collection[str], permissions: Collection[str] | None, problems: Problems
) -> list[Declaration]:
    """Roles and demo accounts. permissions: what a role may be allowed; None leaves it unchecked."""
    for file in tomls:
        if file.startswith(FOLDER) and file not in (ROLES, DEMO):
            problems.add("pack.unknown-file", Place(file), like=(file, (ROLES, DEMO)), name=file)
    roles = _once(tomls.get(ROLES), "role", "id", ROLE, problems)
    for _, said in roles:
        _check_role(said, groups, permissions, problems)
    in_group = {said[0]["id"]: said[0].get("in_group", False) is True for _, said in roles}
    accounts = _once(tomls.get(DEMO), "account", "login", ACCOUNT, problems)
    for _, said in accounts:
        _check_account(said, in_group, groups, problems)
    found = [Declaration(kind="role", key=key, value=plain(said[0])) for key, said in roles]
    return found + [Declaration(kind="demo_account", key=key, value=plain(said[0])) for key, said in accounts]


_Said = tuple[dict[str, Any], Toml, tuple[str | int, ...]]


def _once(toml: Toml | None, table: str, key: str, spec: Spec, problems: Problems) -> list[tuple[str, _Said]]:
    """The tables of a file that have a key of their own."""
    found = dict[str, _Said]()
    for data, path in toml.tables(table, problems) if toml else ():
        assert toml is not None
        check_table(problems, toml.inside(path), data, spec)
        name = data.get(key)
        if not isinstance(name, str):
            continue
        if name in found:
            first = found[name][1].at(*found[name][2], key)
            problems.add("pack.duplicate-id", toml.at(*path, key), id=name, first=first)
        found.setdefault(name, (data, toml, path))
    return list(found.items())


def _check_role(said: _Said, groups: Collection[str], permissions: Collection[str] | None, problems: Problems) -> None:
    data, toml, path = said
    for number, label in enumerate(_texts(data, "labels")):
        at = toml.at(*path, "labels", number)
        match = _LABEL.fullmatch(label)
        if match is None:
            problems.add("people.bad-label", at, label=label)
        elif match[3] == "{group}" and data.get("in_group") is not True:
            problems.add("people.no-group", at, label=label)
        elif match[2] == "group" and match[3] != "{group}" and match[3] not in groups:
            _no_group(problems, at, "labels", match[3], groups)
    for number, one in enumerate(_texts(data, "may")):
        if permissions is not None and one not in permissions:
            blanks: Any = {"key": "may", "value": one, "known": ", ".join(sorted(permissions))}
            problems.add("pack.not-one-of", toml.at(*path, "may", number), (one, permissions), **blanks)


def _check_account(said: _Said, in_group: Mapping[str, bool], groups: Collection[str], problems: Problems) -> None:
    data, toml, path = said
    if not _LOGIN.fullmatch(str(data["login"])):
        problems.add("people.bad-login", toml.at(*path, "login"), login=data["login"])
    if data.get("synthetic") is not True:
        problems.add("people.not-synthetic", toml.at(*path, "synthetic"), login=data["login"])
    for number, post in enumerate(_texts(data, "posts")):
        at = toml.at(*path, "posts", number)
        role, separator, group = post.partition("@")
        if role not in in_group:
            blanks: Any = {"key": "posts", "kind": "role", "value": role}
            problems.add("pack.unknown-reference", at, (role, in_group), unless=(ROLES,), **blanks)
        elif bool(separator) != in_group[role]:
            problems.add("people.post-and-group", at, post=post)
        elif separator and group not in groups:
            _no_group(problems, at, "posts", group, groups)


def _no_group(problems: Problems, at: Place, key: str, group: str, groups: Collection[str]) -> None:
    blanks: Any = {"key": key, "kind": "group", "value": group}
    problems.add("pack.unknown-reference", at, (group, groups), unless=(f"groups/{group}/group.toml",), **blanks)


def _texts(data: Mapping[str, Any], key: str) -> list[str]:
    found = data.get(key)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
