# SPDX-License-Identifier: Apache-2.0
"""Result: one measured figure beside its floor and its bar, and the machine it was measured on."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, Literal

import msgspec


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. value, floor and bar are in `unit`; better says which way the bar lies.

    floor: what the same machine needs for the least part of the same work, in the same run. None: there is none.
    projected: measured at less than full size and extended to it.
    """

    bench: str
    what: str
    unit: str
    better: Literal["high", "low"]
    value: float
    floor: float | None = None
    floor_is: str = ""
    bar: float | None = None
    limited_by: str = ""
    projected: bool = False
    rounds: tuple[float, ...] = ()
    detail: dict[str, Any] = {}

    @property
    def ratio(self) -> float | None:
        """How many times the floor's effort the work takes."""
        if not self.floor or not self.value:
            return None
        return self.floor / self.value if self.better == "high" else self.value / self.floor

    @property
    def held(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value >= self.bar if self.better == "high" else self.value <= self.bar


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A bench that could not run here, and why."""

    bench: str
    why: str


class Skipping(Exception):
    """Something that a bench needs is not here."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    cores: int
    cpu: str
    memory_gb: float
    python: str
    postgresql: str
    load: float


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one `python -m bench` writes."""

    date: str
    scale: float
    machine: Machine
    measured: Sequence[Measured]
    skipped: Sequence[Skipped] = ()


def machine(postgresql: str) -> Machine:
    """Limits: load is the average of the minute before the benches began; others may share the cores."""
    cpu = re.search(r"model name\s*: (.*)", _read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s*(\d+)", _read("/proc/meminfo"))
    return Machine(
        cores=os.cpu_count() or 1,
        cpu=cpu[1].strip() if cpu else platform.processor() or platform.machine(),
        memory_gb=round(int(memory[1]) / 1_048_576, 1) if memory else 0.0,
        python=platform.python_version(),
        postgresql=postgresql,
        load=round(os.getloadavg()[0], 1),
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def middle(values: Sequence[float]) -> float:
    return median(values) if values else 0.0


def _read(path: str) -> str:
    return Path(path).read_text() if Path(path).exists() else ""
