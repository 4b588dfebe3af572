# SPDX-License-Identifier: Apache-2.0
"""Units: what figures are counted in. The pack lists them under [unit] of words/zh.toml and words/en.toml."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from fourleaf.pack.fields import is_text
from fourleaf.pack.problems import Problems
from fourleaf.pack.read import Table, Toml
from fourleaf.pack.words import FILES

# Shares, temperatures and money (ISO 4217) may be below 0; nothing that is counted can.
_MAY_BE_BELOW = re.compile(r"[%‰]|°[CF]|[A-Z]{3}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def read_units(tomls: Mapping[str, Toml]) -> Collection[str]:
    """Every unit that the pack has a word for; the words of each language are checked against those of the other."""
    said = [toml.data.get("unit") for file in FILES.values() if (toml := tomls.get(file))]
    return {unit for one in said if isinstance(one, dict) for unit in one}


def check_unit(
    problems: Problems, toml: Toml, data: Table, path: tuple[str | int, ...], units: Collection[str]
) -> None:
    """Report a unit that is not listed, and an amount below 0 of what can only be counted."""
    unit, value = data.get("unit"), str(data.get("value"))
    if not isinstance(unit, str) or not is_text(unit):
        return
    if unit not in units:
        near, known = (unit, units), ", ".join(sorted(units)) or "–"
        blanks: Any = {"value": unit, "known": known}
        problems.add("history.unknown-unit", toml.at(*path, "unit"), near, unless=FILES.values(), once=True, **blanks)
    if _NUMBER.fullmatch(value) and Decimal(value) < 0 and not _MAY_BE_BELOW.fullmatch(unit):
        problems.add("history.below-zero", toml.at(*path, "value"), value=value, unit=unit)
