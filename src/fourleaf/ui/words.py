# SPDX-License-Identifier: Apache-2.0
"""The sentences of the pages, read from one toml file per language."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from fourleaf.ui.format import Lang


class Words:
    """Sentences of one language by dotted key; a missing key is an error, never an empty place."""

    def __init__(self, lang: Lang, sentences: Mapping[str, str]) -> None:
        self.lang = lang
        self.sentences = dict(sentences)

    def __call__(self, key: str, **values: object) -> str:
        """Say the sentence `key` with its `{places}` filled."""
        return self.sentences[key].format(**values) if values else self.sentences[key]

    def part(self, *prefixes: str) -> dict[str, str]:
        """The sentences under the given first words, for a script of the page."""
        return {key: text for key, text in self.sentences.items() if key.split(".")[0] in prefixes}


def read(lang: Lang, *folders: Path) -> Words:
    """Read `<lang>.toml` of every folder; a later folder may not redefine a key.

    Raises: ValueError when two files define the same key.
    """
    sentences: dict[str, str] = {}
    for folder in folders:
        path = folder / f"{lang}.toml"
        found = _flat(tomllib.loads(path.read_text("utf-8")))
        if double := sentences.keys() & found.keys():
            raise ValueError(f"{path}: defined twice: {', '.join(sorted(double))}")
        sentences |= found
    return Words(lang, sentences)


def _flat(table: Mapping[str, object], above: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        name = f"{above}.{key}" if above else key
        flat |= _flat(value, name) if isinstance(value, Mapping) else {name: str(value)}
    return flat
