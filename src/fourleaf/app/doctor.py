# SPDX-License-Identifier: Apache-2.0
"""Doctor: what this machine lacks to run Fourleaf, and how to mend it."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import httpx
import psycopg

from fourleaf.app import address, broker, scrape, unwell
from fourleaf.app.settings import CLONE, Settings
from fourleaf.app.speech import Speech, shown
from fourleaf.postgres.cluster import open_data
from fourleaf.postgres.programs import NoServer, available, choose
from fourleaf.postgres.server import running

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
# A whole edition with its caches takes about 4 GB.
ROOM_GB = 5.0
# An older write transaction holds back every reader of the log.
HELD_AFTER_S = 2
NOTO = Path("/usr/share/fonts/opentype/noto")

HOLDERS = """
select pid, usename, datname, application_name,
       extract(epoch from clock_timestamp() - xact_start)::float8 as age_s, left(coalesce(query, ''), 200) as query
from pg_stat_activity
where backend_xid is not null and pid <> pg_backend_pid()
  and xact_start < clock_timestamp() - make_interval(secs => %s)
order by xact_start
"""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line. A finding that is `needed` and not `ok` makes the doctor fail."""

    ok: bool
    zh: str
    en: str
    mend_zh: str = ""
    mend_en: str = ""
    needed: bool = True


def examine(settings: Settings, speech: Speech) -> int:
    """Say everything there is to say, and give the exit code."""
    failed = False
    for finding in findings(settings):
        mend = speech.pick(finding.mend_zh, finding.mend_en)
        tail = "" if finding.ok or not mend else f"\n    → {mend}"
        tell = speech.say if finding.ok else speech.fail if finding.needed else speech.warn
        tell(finding.zh + tail, finding.en + tail)
        failed = failed or (finding.needed and not finding.ok)
    if failed:
        speech.fail("有必需项缺失", "Something that is needed is missing")
    return int(failed)


def findings(settings: Settings) -> Iterator[Finding]:
    looks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _python,
        _locks,
        _programs,
        _folder,
        _seals,
        _database,
        _watched,
        _address,
        _browser,
    )
    for look in looks:
        yield from look(settings)


def _python(_: Settings) -> Iterator[Finding]:
    named = ".".join(map(str, sys.version_info[:3]))
    yield Finding(
        ok=OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON,
        zh=f"Python {named}",
        en=f"Python {named}",
        mend_zh="请用 Python 3.11 至 3.13:make PYTHON=python3.11",
        mend_en="Use Python 3.11 to 3.13: make PYTHON=python3.11",
    )


def _locks(_: Settings) -> Iterator[Finding]:
    for name, needed in (("run", True), ("test", False)):
        lock, stamp = CLONE / "requirements" / f"{name}.txt", CLONE / ".venv" / f"installed-{name}"
        if not lock.exists():
            continue
        same = stamp.exists() and stamp.read_text().strip() == sha256(lock.read_bytes()).hexdigest()[:32]
        said = (f"依赖与 requirements/{name}.txt 一致", f"Packages are those of requirements/{name}.txt")
        unsaid = (f"依赖与 requirements/{name}.txt 不一致", f"Packages differ from requirements/{name}.txt")
        zh, en = said if same else unsaid
        target = ".venv/ready" if name == "run" else ".venv/ready-test"
        yield Finding(ok=same, zh=zh, en=en, mend_zh=f"make {target}", mend_en=f"make {target}", needed=needed)


def _programs(settings: Settings) -> Iterator[Finding]:
    if settings.database_url:
        return
    copies = settings.data / "programs"
    found = ", ".join(dict.fromkeys(f"{one.version} ({one.flavor})" for one in available("auto", copies)))
    try:
        major = _major(settings.data)
        chosen = choose(settings.pg, copies, major)
    except NoServer as problem:
        yield Finding(ok=False, zh=problem.zh, en=problem.en)
        return
    yield Finding(
        ok=True,
        zh=f"PostgreSQL {chosen.version} ({chosen.flavor});可用:{found}",
        en=f"PostgreSQL {chosen.version} ({chosen.flavor}); installed: {found}",
    )


def _major(data: Path) -> int | None:
    mark = data / "postgres" / "PG_VERSION"
    return int(mark.read_text().split(".")[0]) if mark.exists() else None


def _folder(settings: Settings) -> Iterator[Finding]:
    data = settings.data
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    yield Finding(
        ok=os.access(there, os.W_OK | os.X_OK),
        zh=f"数据目录 {shown(data)}",
        en=f"Data folder {shown(data)}",
        mend_zh=f"{there} 不可写,请用 FOURLEAF_DATA 指定其他目录",
        mend_en=f"{there} cannot be written to. Name another folder by FOURLEAF_DATA",
    )
    free = shutil.disk_usage(there).free / 1e9
    yield Finding(
        ok=free >= ROOM_GB,
        zh=f"可用磁盘 {free:.0f} GB",
        en=f"{free:.0f} GB of disk are free",
        mend_zh=f"至少需要 {ROOM_GB:g} GB",
        mend_en=f"At least {ROOM_GB:g} GB are needed",
    )


def _seals(settings: Settings) -> Iterator[Finding]:
    file = settings.seals
    if file is None:
        return
    yield Finding(
        ok=os.access(file if file.exists() else file.parent, os.W_OK),
        zh=f"封印的链头存于 {shown(file)}",
        en=f"The heads of seals are kept in {shown(file)}",
        mend_zh="不可写：请检查挂载和权限，或改 FOURLEAF_SEALS",
        mend_en="It cannot be written to. Check the mount and its rights, or change FOURLEAF_SEALS",
    )


def _database(settings: Settings) -> Iterator[Finding]:
    dsn = settings.database_url or _own_dsn(settings)
    if dsn is None:
        yield Finding(
            ok=True, zh="数据库未运行(fourleaf up 会启动)", en="The database is not running (fourleaf up starts it)"
        )
        return
    try:
        with psycopg.connect(dsn, connect_timeout=5, autocommit=True) as connection:
            number = connection.info.server_version
            yield Finding(
                ok=number >= 150000,
                zh=f"数据库可用,版本 {number // 10000}.{number % 10000}",
                en=f"The database answers, version {number // 10000}.{number % 10000}",
                mend_zh="需要 PostgreSQL 15 或更新版本",
                mend_en="PostgreSQL 15 or newer is needed",
            )
            yield from _holders(connection)
    except psycopg.Error as error:
        yield Finding(
            ok=False,
            zh=f"数据库无响应:{str(error).strip()}",
            en=f"The database does not answer: {str(error).strip()}",
            mend_zh="请检查 FOURLEAF_DATABASE_URL,或重新执行 fourleaf up",
            mend_en="Check FOURLEAF_DATABASE_URL, or run fourleaf up again",
        )


def _watched(settings: Settings) -> Iterator[Finding]:
    for ok, zh, en in filter(None, (broker.examined(settings), scrape.examined(settings))):
        yield Finding(ok=ok, needed=False, zh=zh, en=en)


def _own_dsn(settings: Settings) -> str | None:
    """Only looks: a folder that is not there yet is not made."""
    if not (settings.data / "postgres").exists():
        return None
    cluster = open_data(settings.data)
    return cluster.dsn() if running(cluster) else None


def _holders(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    rows = connection.execute(HOLDERS, [HELD_AFTER_S]).fetchall()
    if not rows:
        yield Finding(ok=True, zh="没有拖住日志读取的事务", en="No transaction holds back the readers of the log")
    for pid, user, database, program, age_s, query in rows:
        who = f"{user}@{database} {program or ''}".strip()
        yield Finding(
            ok=False,
            zh=f"写事务拖住日志读取:pid {pid},{who},已 {age_s:.0f} 秒:{query}",
            en=f"A write transaction holds back the readers of the log: pid {pid}, {who}, for {age_s:.0f} s: {query}",
            mend_zh=f"提交它,或执行 select pg_terminate_backend({pid})",
            mend_en=f"Commit it, or run: select pg_terminate_backend({pid})",
        )


def _address(settings: Settings) -> Iterator[Finding]:
    here = address.read(settings.data)
    if here is None:
        yield from _port(settings)
        return
    try:
        answer = httpx.get(f"{here.url}/healthz", timeout=3, trust_env=False)
    except httpx.HTTPError:
        answer = None
    ok = answer is not None and answer.status_code == 200
    logs = shown(settings.data / "logs")
    yield Finding(
        ok=ok,
        zh=f"Fourleaf 运行于 {here.url}" if ok else f"{here.url} 无响应",
        en=f"Fourleaf answers at {here.url}" if ok else f"{here.url} does not answer",
        mend_zh=f"查看日志 {logs}",
        mend_en=f"See the logs in {logs}",
    )
    if ok and answer is not None:
        yield from _runs(answer.json().get("runs", {}), logs)


def _runs(states: Mapping[str, str], logs: str) -> Iterator[Finding]:
    for run, state in states.items():
        said = unwell.IN_WORDS.get(state)
        if said:
            yield Finding(
                ok=False,
                needed=False,
                zh=f"{run}：{said.zh}",
                en=f"{run}: {said.en}",
                mend_zh=said.mend_zh.format(logs=logs),
                mend_en=said.mend_en.format(logs=logs),
            )


def _port(settings: Settings) -> Iterator[Finding]:
    try:
        held = address.lease(settings.host, settings.port)
    except OSError as error:
        yield Finding(ok=False, zh=f"没有可用端口:{error}", en=f"No port is free: {error}")
        return
    held.close()
    free = held.port == settings.port
    yield Finding(
        ok=free,
        needed=False,
        zh=f"端口 {settings.port} 可用" if free else f"端口 {settings.port} 被占用,将改用 {held.port}",
        en=f"Port {settings.port} is free" if free else f"Port {settings.port} is taken; {held.port} will be used",
    )


def _browser(_: Settings) -> Iterator[Finding]:
    chromium = shutil.which("chromium")
    yield _for_tests("chromium", chromium is not None, "Chromium", "chromium")
    yield _for_tests("fonts-noto-cjk", any(NOTO.glob("NotoSansCJK*")), "中文字体", "A Chinese font")
    try:
        named = version("playwright")
    except PackageNotFoundError:
        named = ""
    yield Finding(
        ok=bool(named),
        needed=False,
        zh=f"Playwright {named or '未安装(仅浏览器测试需要)'}",
        en=f"Playwright {named or 'is missing (only browser tests need it)'}",
        mend_zh="make .venv/ready-test",
        mend_en="make .venv/ready-test",
    )


def _for_tests(package: str, ok: bool, zh: str, en: str) -> Finding:
    state_zh, state_en = (
        ("已安装", "is installed") if ok else ("未安装(仅浏览器测试需要)", "is missing (only browser tests need it)")
    )
    mend = f"apt install {package}"
    return Finding(ok=ok, needed=False, zh=f"{zh}{state_zh}", en=f"{en} {state_en}", mend_zh=mend, mend_en=mend)
