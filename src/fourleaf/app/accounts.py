# SPDX-License-Identifier: Apache-2.0
"""Accounts on the command line: the first one of an edition, which no page can open, and the made-up ones of rehearsals."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from fourleaf.app.rooms import rooms
from fourleaf.app.settings import Settings
from fourleaf.app.sign_in import desk, forms
from fourleaf.app.sign_in.desk import Said
from fourleaf.app.sign_in.passwords import Passwords
from fourleaf.app.speech import Speech
from fourleaf.engines.people import store
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Journal, Site
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import Pools, connect

# Whoever may start commands on this machine may do everything.
BY = Principal(id="command-line", permissions=tuple(sorted(rooms().permissions)))
Work = Callable[[Passwords, Site], Awaitable[Said | Refusal]]


def open_one(settings: Settings, run: str, login: str, post: str, speech: Speech) -> int:
    """Open an account and say its password, this once."""
    role, _, group = post.partition("@")

    async def work(passwords: Passwords, site: Site) -> Said | Refusal:
        return await desk.open_account(passwords, site, BY, login.strip().lower(), role, group)

    said = asyncio.run(_at(settings, run, work))
    if isinstance(said, Said):
        speech.say(
            f"已开立 {login}，密码（只显示这一次，首次登录须修改）：", f"Opened {login}. Its password, shown this once:"
        )
        speech.console.print(said.password, markup=False, highlight=False)
        return 0
    return _failed(said, run, speech)


def open_demo(settings: Settings, run: str, speech: Speech) -> int:
    """Open the made-up accounts of the pack, with new passwords in a file that only its owner may read."""
    lines = list[str]()

    async def work(passwords: Passwords, site: Site) -> Said | Refusal:
        async with site.connection() as connection:
            declared, there = await store.demo_accounts(connection), await store.accounts(connection)
        if any(account.synthetic for account in there.values()):
            return Refusal("people.already-open", {"account": "demo-…"})
        for one in declared:
            role, _, group = one["posts"][0].partition("@")
            said = await desk.open_account(passwords, site, BY, one["login"], role, group, synthetic=True)
            if isinstance(said, Refusal):
                return said
            lines.append(f"{one['login']}\t{said.password}\t{one['posts'][0]}")
        return Said(done="demo")

    said = asyncio.run(_at(settings, run, work))
    if not isinstance(said, Said):
        return _failed(said, run, speech)
    file = _kept(settings.data / f"{run}.demo-accounts.tsv", lines)
    speech.say(
        f"已开立 {len(lines)} 个演示账号，只能进入演练；密码在 {file}",
        f"Opened {len(lines)} demo accounts, for rehearsals only; passwords in {file}",
    )
    return 0


def _kept(file: Path, lines: list[str]) -> Path:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    return file


def _failed(said: Refusal | None, run: str, speech: Speech) -> int:
    if said is None:
        speech.fail(f"没有正式场次 {run}", f"There is no live run {run}")
    else:
        speech.fail(forms.told(said, "zh"), forms.told(said, "en"))
    return 1


async def _at(settings: Settings, run: str, work: Work) -> Said | Refusal | None:
    """Do something in a live run. None: there is no such run."""
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        await migrate(connection)
        found = await runs.one(connection, run)
    if found is None or found.kind != "live":
        return None

    async def now() -> datetime:
        return datetime.now(UTC)

    pools, passwords = Pools(settings.database_url), Passwords()
    try:
        site = Site(found, Journal(run, rooms().kinds, rooms().inline), await pools.of(run), now)
        return await work(passwords, site)
    finally:
        passwords.close()
        await pools.close()
