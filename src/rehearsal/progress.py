# SPDX-License-Identifier: Apache-2.0
"""Progress: what has been sent and acknowledged, kept so that a rehearsal that starts again goes on from there."""

import json
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rehearsal.population import Seconds


class Outbox:
    """Rows in order of time: released when due, acknowledged in any order, done up to the first gap."""

    def __init__(self, due: Seconds, done: int = 0) -> None:
        """Take the due times, sorted, and how many rows an earlier rehearsal has finished."""
        self.due = due
        self.done = min(done, len(due))
        self.released = self.done
        self._releases: deque[tuple[int, float]] = deque()
        self._acknowledged = np.zeros(len(due) + 1, dtype=np.bool_)

    def release(self, now: int, wall_s: float) -> range:
        """Rows that have become due since the last call. Unit: wall_s in wall seconds, from any start."""
        upto = max(self.released, int(np.searchsorted(self.due, now, side="right")))
        fresh = range(self.released, upto)
        self.released = upto
        if fresh:
            self._releases.append((upto, wall_s))
        return fresh

    def waiting(self, wall_s: float) -> float:
        """Wall seconds since the oldest row that is not acknowledged was released; 0 when there is none."""
        while self._releases and self._releases[0][0] <= self.done:
            self._releases.popleft()
        return wall_s - self._releases[0][1] if self._releases else 0.0

    def acknowledge(self, row: int) -> None:
        """Note that the server has answered this row."""
        self._acknowledged[row] = True
        while self._acknowledged[self.done]:
            self.done += 1

    def is_acknowledged(self, row: int) -> bool:
        """Whether the server has answered this row."""
        return bool(self._acknowledged[row])

    @property
    def finished(self) -> bool:
        """Whether every row is acknowledged."""
        return self.done == len(self.due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Rows of both outboxes finished so far."""

    passages: int = 0
    reports: int = 0


class Ledger:
    """The progress file beside the tokens file; valid only for the same plan against the same run."""

    def __init__(self, path: Path, plan: Mapping[str, Any]) -> None:
        """Name the file and the plan it speaks of."""
        self._path = path
        self._plan = dict(plan)

    def read(self) -> Progress:
        """Read how far the same plan came; nothing when the file is missing, torn or of another plan."""
        try:
            kept = json.loads(self._path.read_text("utf-8"))
            if kept["plan"] == self._plan:
                return Progress(passages=int(kept["passages"]), reports=int(kept["reports"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            pass
        return Progress()

    def write(self, progress: Progress, until: str) -> None:
        """Replace the file in one step; ``until`` is for the reader's eye."""
        kept = {"plan": self._plan, "passages": progress.passages, "reports": progress.reports, "until": until}
        fresh = self._path.with_name(self._path.name + ".new")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        fresh.replace(self._path)
