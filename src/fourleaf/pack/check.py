# SPDX-License-Identifier: Apache-2.0
"""Check: a pack is right as a whole, or every mistake of it is told."""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from fourleaf.pack.calendar import Calendar, editions, read_calendar
from fourleaf.pack.contents import Known, read_contents
from fourleaf.pack.edition import Checked, Declaration, Edition
from fourleaf.pack.exhibitors import around, check_exhibitors, exhibitor_values, read_exhibitors
from fourleaf.pack.files import Folder
from fourleaf.pack.groups import check_among, check_standing, held, read_groups
from fourleaf.pack.history import read_history
from fourleaf.pack.kinds import FEATURES
from fourleaf.pack.people import read_people
from fourleaf.pack.places import place_values, read_places
from fourleaf.pack.problems import Place, Problems
from fourleaf.pack.read import Toml, read_toml
from fourleaf.pack.sources import check_sources, read_sources
from fourleaf.pack.venue import Venue
from fourleaf.pack.words import check_parameters, check_words

EDITION_FILE = "edition.toml"
FILES = (EDITION_FILE, "exhibitors.csv")
FOLDERS = ("venue/", "groups/", "registers/", "history/", "words/", "people/")


def check(folder: Path, declares: Mapping[str, type], permissions: Collection[str] | None = None) -> Checked:
    """Check the pack in a folder. declares: what engines take from a pack, kind -> type.

    permissions: what a role may be allowed, by all engines together; None leaves that unchecked.

    Never raises for anything a pack can hold.
    """
    problems = Problems()
    if not folder.is_dir():
        problems.add("pack.no-folder", Place(folder.name))
        return Checked(problems=problems.listed(), edition=None)
    if not os.path.lexists(folder / EDITION_FILE):
        problems.add("pack.no-edition", Place(EDITION_FILE), folder=folder)
        return Checked(problems=problems.listed(), edition=None)
    texts = Folder(folder, problems)
    tomls = {file: toml for file in texts.under("", ".toml") if (toml := read_toml(texts, file, problems))}
    _check_names(texts, problems)
    check_words(tomls, texts.names, problems)
    check_parameters(tomls, problems)
    made = _made(texts, tomls, declares, permissions, problems)
    found = problems.listed()
    return Checked(problems=found, edition=None if found else made)


def _check_names(texts: Folder, problems: Problems) -> None:
    for file in FILES:
        if file not in texts.names:
            problems.add("pack.missing-file", Place(file), name=file)
    for file in texts.texts:
        if file not in FILES and not file.startswith(FOLDERS):
            problems.add("pack.unknown-file", Place(file), like=(file, FILES), name=file)


def _made(
    texts: Folder,
    tomls: Mapping[str, Toml],
    declares: Mapping[str, type],
    permissions: Collection[str] | None,
    problems: Problems,
) -> Edition | None:
    head = tomls.get(EDITION_FILE)
    sources = read_sources(head, problems)
    check_sources(tomls, sources, problems)
    exhibitors = read_exhibitors(texts, problems)
    venue = read_places(texts, {key: row.at for key, row in exhibitors.items()}, sources, problems)
    filed = read_groups(tomls, declares, problems)
    groups = [one for _, one in filed]
    people = read_people(tomls, [one.key for one in groups if one.kind == "group"], permissions, problems)
    history = read_history(tomls, editions(head), sources, problems)
    calendar = read_calendar(head, problems) if head else None
    said = calendar.said if calendar else {}
    kinds = _kinds(venue)
    check_standing(problems, filed, tomls, declares, kinds)
    check_among(problems, filed, tomls, declares, FEATURES, _of_calendar(calendar, editions(head)))
    known = Known(venue=kinds, declared=_keys(groups))
    contents = read_contents(texts, held(filed, tomls, declares), known, str(said.get("zone", "UTC")), problems)
    check_exhibitors(exhibitors, around(venue, contents, said.get("ordinal"), sources), problems)
    if problems or calendar is None:
        return None
    of_venue = Declaration(kind="venue", key="venue", value={"hash": venue.hash})
    values = (
        *calendar.values,
        of_venue,
        *place_values(venue),
        *groups,
        *people,
        *exhibitor_values(exhibitors),
        *history,
    )
    return Edition(
        id=said["id"],
        name=said["name"],
        zone=said["zone"],
        days=calendar.days,
        phases=calendar.phases,
        values=values,
        venue=venue,
        history=tuple({"key": one.key, **one.value} for one in history),
        contents=tuple(contents),
    )


def _of_calendar(calendar: Calendar | None, known: Collection[str] | None) -> dict[str, dict[str, Any]]:
    """Days, phases and editions, for what names them, however wrong they are. Shape: kind -> key -> value."""
    days, phases = (calendar.days, calendar.phases) if calendar else ((), ())
    return {
        "edition": {one: {} for one in known or ()},
        "day": {day.date.isoformat(): {} for day in days},
        "phase": {str(one.get("id")): one for one in phases},
    }


def _keys(values: Iterable[Declaration]) -> dict[str, set[str]]:
    """Kind -> keys of what the groups declare."""
    found: dict[str, set[str]] = {}
    for one in values:
        found.setdefault(one.kind, set()).add(one.key)
    return found


def _kinds(venue: Venue) -> dict[str, set[str]]:
    """Id -> kinds of the things of the venue that it names; right packs have one of each."""
    found: dict[str, set[str]] = {}
    for kind in FEATURES:
        for one in venue.features(kind):
            found.setdefault(str(one["id"]), set()).add(kind)
    return found
