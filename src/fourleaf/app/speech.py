# SPDX-License-Identifier: Apache-2.0
"""Speech: what the command line says, in the user's language."""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

import psycopg
from rich.console import Console
from rich.markup import escape


class Speech:
    def __init__(self, lang: str | None = None, console: Console | None = None) -> None:
        self.lang = lang if lang in ("zh", "en") else language(os.environ)
        self.console = console or Console(highlight=False, soft_wrap=True)

    def pick(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def say(self, zh: str, en: str, *, mark: str = "[green]✓[/]") -> None:
        self.console.print(f"{mark} {escape(self.pick(zh, en))}")

    def warn(self, zh: str, en: str) -> None:
        self.say(zh, en, mark="[yellow]![/]")

    def fail(self, zh: str, en: str) -> None:
        self.say(zh, en, mark="[red]✗[/]")


@runtime_checkable
class Foreseen(Protocol):
    """An exception that says what is wrong, and how to mend it, in both languages."""

    zh: str
    en: str


@contextmanager
def foreseen() -> Iterator[None]:
    """What was foreseen ends the program with one clear message; anything else crashes loudly."""
    try:
        yield
    except Exception as problem:
        words = _words(problem)
        if words is None:
            raise
        Speech().fail(*words)
        raise SystemExit(1) from None


def _words(problem: Exception) -> tuple[str, str] | None:
    """What went wrong in Chinese and in English; None when nobody foresaw it."""
    match problem:
        case Foreseen():
            return problem.zh, problem.en
        case psycopg.errors.DiskFull() | OSError(errno=errno.ENOSPC):
            return (
                "磁盘已满，命令没有做完。请腾出空间后再执行一次。",
                "The disk is full, and the command did not finish. Free some space and run it again.",
            )
        case psycopg.errors.LockNotAvailable() | psycopg.errors.QueryCanceled():
            return (
                "数据库正忙，命令没有做完。请稍后再执行一次。",
                "The database is busy, and the command did not finish. Run it again in a moment.",
            )
        case psycopg.OperationalError():
            return (
                f"数据库中断，命令没有做完。请执行 fourleaf doctor 查看原因。({problem})",
                f"The database went away, and the command did not finish. fourleaf doctor may say why. ({problem})",
            )
    return None


def language(environ: Mapping[str, str]) -> str:
    """zh or en, as FOURLEAF_LANG or the locale says; Chinese when nothing does."""
    names = ("FOURLEAF_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    said = next((environ[name] for name in names if environ.get(name)), "zh")
    return "zh" if said.lower().startswith("zh") else "en"


def shown(path: Path) -> str:
    """A path as a person writes it."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) and home != Path("/") else str(path)
