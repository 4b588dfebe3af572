# SPDX-License-Identifier: Apache-2.0
"""Parameters: the sizes a venue is drawn from, each with a tag that says where it comes from."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameters:
    """One table of parameters.toml; `a["leaf"]` is a table inside it."""

    table: Mapping[str, Any]

    def __getitem__(self, name: str) -> "Parameters":
        return Parameters(self.table[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.table)

    def size(self, name: str) -> float:
        return float(self.table[name]["value"])

    def count(self, name: str) -> int:
        return int(self.table[name]["value"])

    def counts(self, name: str) -> list[int]:
        return [int(value) for value in self.table[name]["value"]]

    def tag(self, name: str) -> str:
        return str(self.table[name]["tag"])


def read(path: Path) -> Parameters:
    return Parameters(tomllib.loads(path.read_text("utf-8")))
