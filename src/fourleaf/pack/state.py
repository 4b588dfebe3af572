# SPDX-License-Identifier: Apache-2.0
"""State of the pack: what a load changes against the load before. Pure."""

from collections.abc import Mapping
from typing import Any

from fourleaf.pack.facts import Declared, Withdrawn

Values = Mapping[tuple[str, str], dict[str, Any]]


def differences(last: Values, now: Values) -> list[Declared | Withdrawn]:
    """What to append so that `last` becomes `now`, sorted by kind and key; the same pack twice gives nothing."""
    return [
        Declared(kind=kind, key=key, value=now[kind, key]) if (kind, key) in now else Withdrawn(kind=kind, key=key)
        for kind, key in sorted({*last, *now})
        if (kind, key) not in now or (kind, key) not in last or last[kind, key] != now[kind, key]
    ]
