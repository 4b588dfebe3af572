# SPDX-License-Identifier: Apache-2.0
"""Folder: files that are put into `<feed>/in` are taken once, and moved to `done` or `refused` beside it.

Names are never trusted: what is no plain file is left alone, and what is moved gets a name of ours.
"""

import asyncio
import os
import re
import shutil
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from fourleaf.engines.sensing.actions import feeds as actions
from fourleaf.engines.sensing.actions.feeds import Came
from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.rules.feed_reading import granted
from fourleaf.engines.sensing.rules.feed_signed import MOST_SIGNED
from fourleaf.engines.sensing.rules.feed_tables import MOST_BYTES, Broken
from fourleaf.engines.sensing.store import feeds as store
from fourleaf.engines.sensing.store.feeds import Delivered
from fourleaf.kernel.outside import Outside
from fourleaf.postgres.journal import Site

WAYS = ("folder", "one-way")
# A file that was written to so shortly ago may not be whole. Unit: seconds of wall time, by the file system's own clock.
SETTLED_S = 1.0
# So many files are taken in one look, and so many names are looked at.
AT_ONCE = 50
MOST_NAMES = 2_000
_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")
_PARTIAL = re.compile(r"^\.|~$|\.(?:part|partial|tmp|temp|filepart|crdownload|swp)$", re.I)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Found(NamedTuple):
    """A file that waits. body: None when it is too large to be read."""

    name: str
    body: bytes | None
    size: int


async def collect(site: Site, outside: Outside) -> int:
    """Take in what waits in the folders of this run. Gives how many files."""
    async with site.connection() as connection:
        feeds = {key: one for key, one in (await store.feeds(connection)).items() if one.way in WAYS}
    now, root = await site.now(), Path(outside.folder)
    for key, one in feeds.items():
        if one.grant.after == "drop" and now >= granted(one, site.run.zone)[1]:
            await asyncio.to_thread(_empty, root / site.run.run / key)
    return sum([await _collect(site, root, key, one) for key, one in feeds.items()])


async def _collect(site: Site, root: Path, key: str, feed: Feed) -> int:
    if not _KEY.fullmatch(key):  # the pack was checked; a folder's name is looked at twice
        return 0
    folder = root / site.run.run / key
    names = await asyncio.to_thread(waiting, folder)
    for name in names:
        found = await asyncio.to_thread(read, folder / "in", name, MOST_SIGNED if feed.way == "one-way" else MOST_BYTES)
        if found is not None:
            done = await actions.take_feed(site, key, feed, _came(feed, found))
            await asyncio.to_thread(_put_away, folder, found, _kept(feed, done))
    return len(names)


def _kept(feed: Feed, done: Delivered) -> str:
    """Where a file stays. What its owner gives in sums only, or no longer, does not stay as a file either."""
    if feed.aggregates or done.code in ("grant-ended", "grant-not-begun"):
        return ""
    return "refused" if done.verdict == "refused" else "done"


def _empty(folder: Path) -> None:
    """What was taken in goes with its grant."""
    for kept in ("done", "refused"):
        shutil.rmtree(folder / kept, ignore_errors=True)


def _came(feed: Feed, found: Found) -> Came:
    too_large = Broken("oversize", f"{found.size:,} B") if found.body is None else None
    return Came(way=feed.way, name=found.name, body=found.body or b"", format=feed.schema.format, failed=too_large)


def waiting(folder: Path) -> list[str]:
    """Names of files that are whole, oldest first. The folders are made when they are not there."""
    for name in ("in", "done", "refused"):
        (folder / name).mkdir(mode=0o770, parents=True, exist_ok=True)
    now = _clock_of(folder)
    found = list[tuple[float, str]]()
    with os.scandir(folder / "in") as entries:
        for number, entry in enumerate(entries):
            if number >= MOST_NAMES:
                break
            with suppress(FileNotFoundError):
                about = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(about.st_mode) and not _PARTIAL.search(entry.name) and now - about.st_mtime > SETTLED_S:
                    found.append((about.st_mtime, entry.name))
    return [name for _, name in sorted(found)[:AT_ONCE]]


def _clock_of(folder: Path) -> float:
    """Now, as the file system writes it: files of another machine are dated by that clock too."""
    probe = folder / ".clock"
    probe.touch()
    return probe.stat().st_mtime


def read(folder: Path, name: str, most: int) -> Found | None:
    """One file, however its name may have been changed under our hands: no link is followed, no pipe is waited for."""
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            return None
        if about.st_size > most:
            return Found(name, None, about.st_size)
        body = file.read(most + 1)
        return Found(name, body if len(body) <= most else None, len(body))


def _put_away(folder: Path, found: Found, kept: str) -> None:
    """Out of `in`, at once and whole. kept: the folder it goes to; "" for none."""
    here = folder / "in" / found.name
    with suppress(FileNotFoundError):
        if kept:
            digest = sha256(found.body or found.name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
            here.rename(folder / kept / f"{digest}-{_UNSAFE.sub('_', found.name)[-80:]}")
        else:
            here.unlink()
