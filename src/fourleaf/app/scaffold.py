# SPDX-License-Identifier: Apache-2.0
"""Scaffold: a new engine as a small example that works, with its tests and its lines in the docs."""

import keyword
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from string import Template

import typer

from fourleaf.app.rooms import rooms

CLONE = Path(__file__).resolve().parents[3]
NAME = re.compile(r"[a-z]{3,20}")
# First words of codes that belong to somebody else, and names of modules an engine could be mistaken for.
TAKEN = frozenset({"run", "request", "refusal", "fact", "page", "engines", "kernel", "postgres", "test", "tests"})

FACTS = """
## $name

| fact | when | fields |
|---|---|---|
| `$name.Opened` | an item was opened in a hall | `item` `hall` |
| `$name.Finished` | an open item was finished, by the office or because it was forgotten | `item` |
"""
REFUSALS = """
## $name

| code | when | status |
|---|---|---|
| `$name.unknown-hall` | the venue has no such hall | 422 |
| `$name.already-open` | the item is open | 422 |
| `$name.not-open` | the item is not open | 422 |
"""


class BadName(typer.BadParameter):
    """A name no engine can have. Says why in both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(f"{en} {zh}")
        self.zh, self.en = zh, en


def new_engine(name: str, root: Path = CLONE) -> list[Path]:
    """Write the engine's room, its tests and its lines in the docs; say and give the files made or changed.

    Raises: BadName when the name cannot be used or the engine is already there.
    """
    room = root / "src/fourleaf/engines" / name
    _check(name, room)
    words = {"name": name, "Name": name.capitalize()}
    tests = root / "tests/engines" / name
    made = {(tests if path.startswith("test_") else room) / path: text for path, text in _templates()}
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(text).substitute(words), "utf-8")
    written = [*made, *_described(root, words)]
    for path in written:
        typer.echo(path.relative_to(root))
    typer.echo("Next: docs/how-to/add-an-engine.md. 下一步：阅读 docs/how-to/add-an-engine.md。")
    return written


def _check(name: str, room: Path) -> None:
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise BadName(
            en=f"{name!r} cannot name an engine: take one word of 3 to 20 small letters, such as parking.",
            zh=f"{name!r} 不能作引擎名：请用一个 3 至 20 个小写字母的英文词，例如 parking。",
        )
    if room.exists():
        raise BadName(en=f"The engine {name} is already there.", zh=f"引擎 {name} 已经存在。")
    # The example's stream is called after the engine, and a stream's name is taken once and for ever.
    if name in TAKEN | {stream.prefix for stream in rooms().streams}:
        raise BadName(
            en=f"{name!r} is a word this system uses already: take another.",
            zh=f"{name!r} 已被系统占用，请换一个名字。",
        )


def _templates() -> Iterator[tuple[str, str]]:
    folder = files("fourleaf.app").joinpath("new_engine")
    for part, prefix in ((folder, ""), (folder.joinpath("messages"), "messages/")):
        for file in sorted(part.iterdir(), key=lambda found: found.name):
            if file.name.endswith(".txt"):
                yield prefix + file.name.removesuffix(".txt"), file.read_text("utf-8")


def _described(root: Path, words: dict[str, str]) -> list[Path]:
    """A test holds the docs equal to the source, so the new facts and codes are added there too."""
    pages = {root / "docs/facts.md": FACTS, root / "docs/refusals.md": REFUSALS}
    for page, lines in pages.items():
        with page.open("a", encoding="utf-8") as file:
            file.write(Template(lines).substitute(words))
    return list(pages)
