# SPDX-License-Identifier: Apache-2.0
"""Progress: how far the rehearsal has come, as a bar in a terminal or a line a minute in a file."""

import time
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx
import msgspec
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

from fourleaf.app.address import Address
from fourleaf.app.speech import Speech

ASK_EVERY_S = 1.0
LINE_EVERY_S = 60.0


class Told(msgspec.Struct, kw_only=True):
    """What /r/<run>/clock says."""

    now: datetime
    speed: float
    speed_reached: float | None = None
    state: str
    ends_at: datetime | None = None


class Progress:
    def __init__(self, speech: Speech, here: Address | None) -> None:
        self.speech = speech
        self._client = httpx.Client(base_url=here.url if here else "", timeout=1, trust_env=False)
        self._path = f"/r/{here.run}/clock" if here and here.run else None
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        self._bar = Bar(*columns, console=speech.console, transient=True)
        self._task: TaskID | None = None
        self._began: datetime | None = None
        self._asked = self._said = -LINE_EVERY_S
        self._line = ""

    def __enter__(self) -> Self:
        if self.speech.console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        self._client.close()

    def look(self) -> None:
        """Ask the clock, at most once a second, and show it. A clock that does not answer changes nothing."""
        if self._path is None or time.monotonic() - self._asked < ASK_EVERY_S:
            return
        self._asked = time.monotonic()
        try:
            told = msgspec.json.decode(self._client.get(self._path).raise_for_status().content, type=Told)
        except (httpx.HTTPError, msgspec.DecodeError):
            return
        if told.ends_at:
            self._show(told, told.ends_at)

    def _show(self, told: Told, ends_at: datetime) -> None:
        text = self._text(told)
        if not self.speech.console.is_terminal:
            stands = told.state == "finished" and text == self._line
            if time.monotonic() - self._said >= LINE_EVERY_S and not stands:
                self._said, self._line = time.monotonic(), text
                self.speech.console.print(text)
            return
        self._began = self._began or told.now
        total = max((ends_at - self._began).total_seconds(), 1)
        if self._task is None:
            self._task = self._bar.add_task(text, total=total)
        self._bar.update(self._task, description=text, completed=(told.now - self._began).total_seconds())

    def _text(self, told: Told) -> str:
        at = told.now.strftime("%m-%d %H:%M")
        speed = f"{told.speed_reached:.0f}/{told.speed:g}x" if told.speed_reached is not None else f"{told.speed:g}x"
        words = {
            "running": ("演练中", "rehearsing"),
            "paused": ("已暂停", "paused"),
            "finished": ("已结束", "finished"),
        }
        word = self.speech.pick(*words.get(told.state, (told.state, told.state)))
        return f"{word} {at}" if told.state == "finished" else f"{word} {at} {speed}"
