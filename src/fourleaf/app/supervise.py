# SPDX-License-Identifier: Apache-2.0
"""Supervise: start everything of one data folder, watch it, and stop what was started."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn, Protocol

import msgspec

from fourleaf.app import address, broker, children
from fourleaf.app.children import Child
from fourleaf.app.progress import Progress
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech, shown
from fourleaf.postgres.cluster import make_folder
from fourleaf.postgres.programs import NoServer
from fourleaf.postgres.server import Server, start

READY_FOR_S = 60.0
LOOK_EVERY_S = 0.25
DATABASE_AGAIN_S = 5.0


class Rehearsal(Protocol):
    """What `fourleaf.app.rehearse.begin` gives: the run, and the command of the world outside."""

    @property
    def run(self) -> str: ...
    @property
    def command(self) -> list[str]: ...


OWN = {name: [sys.executable, "-m", "fourleaf.app", name] for name in ("web", "worker")}

# Exit codes of the world outside: all was sent; nothing can be sent; all was sent and some of it refused for good.
# After any other it goes on where its ledger says.
DONE, HOPELESS, SOME_REFUSED = 0, 2, 3
OVER = frozenset({DONE, HOPELESS, SOME_REFUSED})

# What `up` is given to do: load the pack (gives the run), and open a rehearsal at a web address.
Prepare = Callable[[Settings, Path], str]
Begin = Callable[[Settings, Path, str], Rehearsal]


class Summary(msgspec.Struct, kw_only=True):
    """The last line of the world outside, as far as we tell of it: attempts at the gates, all starts together."""

    planned: int
    answered: int


class Stopped(Exception):
    """Somebody asked us to stop."""


class Failed(Exception):
    """A part does not start. Says which, and what it said last."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Up:
    """One `fourleaf up`: owns the data folder while it lives."""

    # How long a child may take to end when asked.
    patience_s = children.STOP_FOR_S

    def __init__(self, settings: Settings, speech: Speech, own: Mapping[str, list[str]] = OWN) -> None:
        self.settings, self.speech, self.own = settings, speech, own
        self.data = make_folder(settings.data)
        self.server: Server | None = None
        self.children: list[Child] = []
        self._stack = ExitStack()
        self._lifeline, self._database_due = -1, 0.0

    def run(self, edition: Path, prepare: Prepare, begin: Begin | None) -> int:
        """Start, watch until told to stop, stop. Gives the exit code.

        Raises: Failed, NoServer, and what `prepare` and `begin` raise; everything is stopped by then.
        """
        if not self._own_data():
            return 1
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [signal.signal(number, _stop) for number in signals]
        try:
            self._start(edition, prepare, begin)
            self._watch()
        except Stopped:
            return 0
        finally:
            for number in signals:
                signal.signal(number, signal.SIG_IGN)
            self._stop_all()
            for number, handler in zip(signals, before, strict=True):
                signal.signal(number, handler)

    def _own_data(self) -> bool:
        lock = os.open(self.data / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._stack.callback(os.close, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = address.read(self.data)
            where = running.url if running else "…"
            self.speech.fail(
                f"已在运行:{where}(数据目录 {self.data})", f"Already running: {where} (data in {self.data})"
            )
            self._stack.close()
            return False
        return True

    def _start(self, edition: Path, prepare: Prepare, begin: Begin | None) -> None:
        for name in children.clear_left_over(self.data):
            self.speech.warn(f"已结束上次遗留的进程:{name}", f"Ended {name}, left over from an earlier run")
        self._start_database()
        self.settings, nats = broker.begin(self.settings, self.speech, self._stack, self._logs())
        if nats:
            self._add(nats)
        lease = self._lease()
        self.settings = msgspec.structs.replace(self.settings, port=lease.port)
        with self.speech.console.status(self.speech.pick("正在载入届次…", "Loading the edition…")):
            run = prepare(self.settings, edition)
        self.speech.say(f"届次已载入:{run}", f"Edition loaded: {run}")
        self._start_own()
        here = address.own(self.settings.host, lease.port, run)
        self._await_health(here.url)
        if begin:
            with self.speech.console.status(self.speech.pick("正在准备演练…", "Preparing the rehearsal…")):
                rehearsal = begin(self.settings, edition, here.url)
            here = address.own(self.settings.host, lease.port, rehearsal.run)
            self._add(Child("rehearsal", rehearsal.command, self.settings.environment(), self._logs(), over=OVER))
        address.write(self.data, here)
        self._stack.callback(address.remove, self.data)
        self._show(here)

    def _start_database(self) -> None:
        if self.settings.database_url:
            return
        with self.speech.console.status(self.speech.pick("正在启动 PostgreSQL…", "Starting PostgreSQL…")):
            self.server = start(self.data, flavor=self.settings.pg)
        self.settings = msgspec.structs.replace(self.settings, database_url=self.server.dsn)
        named = f"PostgreSQL {self.server.version} ({self.server.flavor})"
        self.speech.say(f"{named},数据在 {shown(self.data)}", f"{named}, data in {shown(self.data)}")

    def _lease(self) -> address.Lease:
        wanted = self.settings.port
        try:
            lease = address.lease(self.settings.host, wanted)
        except OSError as error:
            raise Failed(zh=f"没有可用端口:{error}", en=f"No port is free: {error}") from error
        self._stack.callback(lease.close)
        if lease.port != wanted:
            self.speech.warn(f"端口 {wanted} 已被占用,改用 {lease.port}", f"Port {wanted} is taken, using {lease.port}")
        return lease

    def _start_own(self) -> None:
        environ = self.settings.environment()
        for name, command in self.own.items():
            self._add(Child(name, command, environ, self._logs()))

    def _add(self, child: Child) -> None:
        if self._lifeline < 0:
            self._lifeline, ours = os.pipe()
            self._stack.callback(os.close, self._lifeline)
            self._stack.callback(os.close, ours)
        child.start(self._lifeline)
        self.children.append(child)
        children.note(self.data, self.children)

    def _logs(self) -> Path:
        folder = self.data / "logs"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _await_health(self, url: str) -> None:
        with self.speech.console.status(self.speech.pick("正在启动网页服务…", "Starting the web server…")):
            until = time.monotonic() + READY_FOR_S
            while not address.answers(url):
                fallen = next((child for child in self.children if child.code is not None), None)
                if fallen or time.monotonic() > until:
                    raise _no_start(fallen or self.children[0])
                time.sleep(0.1)

    def _show(self, here: address.Address) -> None:
        pick = self.speech.pick
        rows = [(pick("大屏", "wall"), f"{here.url}/r/{here.run}/wall"), (pick("所有场次", "runs"), f"{here.url}/runs")]
        rows += [("OpenAPI", f"{here.url}/schema/openapi.json"), (pick("日志", "logs"), shown(self._logs()))]
        self.speech.console.print()
        for name, where in rows:
            self.speech.console.print(f"  [bold]{where}[/]  [dim]{name}[/]")
        self.speech.console.print(pick("\n按 Ctrl-C 停止全部。\n", "\nCtrl-C stops everything.\n"))

    def _watch(self) -> NoReturn:
        here = address.read(self.data)
        with Progress(self.speech, here) as progress:
            while True:
                self._mend_database()
                for child in list(self.children):
                    self._mend(child)
                progress.look()
                time.sleep(LOOK_EVERY_S)

    def _mend_database(self) -> None:
        if self.server is None or self.server.alive() or time.monotonic() < self._database_due:
            return
        self.speech.warn("PostgreSQL 已退出,正在重启", "PostgreSQL has ended, starting it again")
        self.server.stop()
        try:
            self.server = start(self.data, flavor=self.settings.pg)
        except (NoServer, OSError) as error:  # such as a full disk: it may be mended while all the others wait
            self._database_due = time.monotonic() + DATABASE_AGAIN_S
            self.speech.warn(getattr(error, "zh", str(error)), getattr(error, "en", str(error)))
            return
        self.speech.say("PostgreSQL 已恢复", "PostgreSQL is back")

    def _mend(self, child: Child) -> None:
        if child.process is None:
            if time.monotonic() >= child.due:
                child.start(self._lifeline)
                children.note(self.data, self.children)
            return
        code = child.code
        if code is None:
            return
        if code in child.over:
            self.children.remove(child)
            children.note(self.data, self.children)
            self._say_ended(child, code)
            return
        pause = child.fell()
        self.speech.warn(
            f"{child.name} 已退出(代码 {code}),{pause:g} 秒后重启;日志 {child.log}",
            f"{child.name} has ended (code {code}), starting again in {pause:g} s; log {child.log}",
        )

    def _say_ended(self, child: Child, code: int) -> None:
        if code == HOPELESS:
            words = child.last_words()
            self.speech.fail(f"演练中断(代码 {code}):\n{words}", f"The rehearsal broke off (code {code}):\n{words}")
            return
        if code == SOME_REFUSED:
            self.speech.warn(
                f"演练中有请求被拒绝;日志 {child.log}", f"Some of the rehearsal was refused; log {child.log}"
            )
        self._say_answered(child)
        self.speech.say(
            "大屏仍可查看。再演练一次：.venv/bin/fourleaf rehearse",
            "The wall stays open. Another one: .venv/bin/fourleaf rehearse",
        )

    def _say_answered(self, child: Child) -> None:
        """How much of the day was played: a rehearsal may end before all of its people have come."""
        try:
            summary = msgspec.json.decode(child.last_words(1), type=Summary)
        except msgspec.DecodeError:
            self.speech.say("演练已结束", "The rehearsal is over")
            return
        done, planned = summary.answered, summary.planned
        tell = self.speech.say if done == planned else self.speech.warn
        tell(
            f"演练已结束：计划过闸 {planned:,} 次，完成 {done:,} 次",
            f"The rehearsal is over: {done:,} of {planned:,} planned attempts at the gates were made",
        )

    def _stop_all(self) -> None:
        with self.speech.console.status(self.speech.pick("正在停止…", "Stopping…")):
            for name in children.stop(self.children, self.patience_s):
                self.speech.warn(f"{name} 未能及时退出,已强制结束", f"{name} did not end in time and was killed")
            (self.data / children.FILE).unlink(missing_ok=True)
            if self.server:
                self.server.stop()
            self._stack.close()
        self.speech.say("已全部停止", "Everything is stopped")


def _stop(*_: object) -> NoReturn:
    raise Stopped


def _no_start(child: Child) -> Failed:
    words = child.last_words(15)
    return Failed(
        zh=f"{child.name} 无法启动,日志 {child.log} 的结尾:\n{words}",
        en=f"{child.name} does not start. Its log {child.log} ends with:\n{words}",
    )
