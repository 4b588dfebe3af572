# SPDX-License-Identifier: Apache-2.0
"""Write down what the rule table says of thousands of attempts: python -m tests.engines.admission.vectors.

Shape of vectors.json: the tables; and per vector the number of its table, the fields that are otherwise than in `fine` (left out:
under `-`), and the number of the row that decides.
"""

from itertools import product
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings

from fourleaf.engines.admission.rules import decide
from tests.engines.admission.attempts import BASES, FINE, TABLES, VALUES, changed, missing, tables, without

FILE = Path(__file__).with_name("vectors.json")
WANTED = 4_000


class Vectors(msgspec.Struct, frozen=True, kw_only=True):
    fine: dict[str, Any]
    tables: list[dict[str, Any]]
    vectors: list[tuple[int, dict[str, Any], str]]

    def known(self, differs: dict[str, Any]) -> dict[str, Any]:
        """The whole attempt that a vector stands for."""
        whole = self.fine | {name: value for name, value in differs.items() if name != "-"}
        return without(whole, differs.get("-", ""))


def made() -> Vectors:
    """The same each time: first whatever differs in one field, then what chance brings."""
    found: dict[bytes, tuple[int, dict[str, Any], str]] = {}

    def keep(number: int, known: dict[str, Any], left_out: str = "") -> None:
        row = decide(TABLES[number].rows, without(known, left_out)).id
        differs = {name: value for name, value in known.items() if _other(value, FINE[name])}
        differs |= {"-": left_out} if left_out else {}
        found.setdefault(msgspec.json.encode([number, differs], order="sorted"), (number, differs, row))

    @settings(
        max_examples=WANTED,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(tables, changed(), missing)
    def collect(number: int, known: dict[str, Any], left_out: str) -> None:
        keep(number, known, left_out)

    for number, base, (name, values) in product(range(len(TABLES)), BASES, VALUES.items()):
        for value in values:
            keep(number, base | {name: value})
    collect()
    each = list(found.values())[:WANTED]
    return Vectors(fine=FINE, tables=[msgspec.to_builtins(one) for one in TABLES], vectors=each)


def _other(value: Any, fine: Any) -> bool:
    return type(value) is not type(fine) or bool(value != fine)


def read() -> Vectors:
    return msgspec.json.decode(FILE.read_bytes(), type=Vectors)


if __name__ == "__main__":
    FILE.write_bytes(msgspec.json.encode(made()).replace(b"],[", b"],\n[") + b"\n")
    print(f"{len(read().vectors)} vectors")
