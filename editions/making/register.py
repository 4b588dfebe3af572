# SPDX-License-Identifier: Apache-2.0
"""Register: generated exhibitors, one a booth, and the support groups with their working groups."""

import csv
from io import StringIO
from pathlib import Path
from random import Random

from editions.making.countries import spread
from editions.making.groups import GROUPS, Group, Words
from editions.making.site import Feature

COLUMNS = ("id", "name_zh", "name_en", "country", "zone", "booth", "first_edition", "source")
EDITIONS = 7
# Exhibitors present at every edition, as published for the 7th; all others are taken to be newer.
FULL_ATTENDANCE = 186


def write_exhibitors(file: Path, booths: list[Feature], zones: dict[str, str], seed: int) -> None:
    """One made-up exhibitor for each booth. zones: hall -> zone."""
    rng = Random(seed)
    countries = spread(len(booths))
    order = sorted(range(len(booths)), key=lambda at: (rng.random(), at))
    of_booth = {at: country for at, country in zip(order, countries, strict=True)}
    loyal = set(sorted(range(len(booths)), key=lambda at: (rng.random(), at))[:FULL_ATTENDANCE])
    text = StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for at, booth in enumerate(booths):
        said = booth["properties"]
        first = 1 if at in loyal else 2 + int(rng.random() * (EDITIONS - 1))
        id_ = said["exhibitor"]
        names = (f"合成展商{id_[1:]}", f"Synthetic Exhibitor {id_[1:]}")
        rows.writerow((id_, *names, of_booth[at], zones[said["hall"]], booth["id"], first, "synthetic"))
    file.write_text(text.getvalue(), "utf-8")


def write_groups(folder: Path) -> None:
    for group in GROUPS:
        place = folder / group.id
        place.mkdir(parents=True, exist_ok=True)
        (place / "group.toml").write_text(_group(group), "utf-8")


def _group(group: Group) -> str:
    lines = [
        "# SPDX-License-Identifier: Apache-2.0",
        f'id = "{group.id}"',
        f"name = {_words(group.name)}",
        f"duty = {_words(group.duty)}",
        f'source = "{group.source}"',
    ]
    for id_, name in group.subgroups:
        lines += ["", "[[subgroup]]", f'id = "{id_}"', f"name = {_words(name)}", 'source = "assumed"']
    return "\n".join(lines) + "\n"


def _words(words: Words) -> str:
    return f'{{ zh = "{words[0]}", en = "{words[1]}" }}'
