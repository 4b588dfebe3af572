# SPDX-License-Identifier: Apache-2.0
"""Keep: files of one run taken in, given out, forgotten with their person, and cleared when no fact names them."""

import asyncio
import re
from collections.abc import AsyncIterable, Callable, Collection, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from threading import Lock
from typing import Protocol

import msgspec

from fourleaf.blobs import store
from fourleaf.blobs.folder import Folder
from fourleaf.blobs.images import small as made_small
from fourleaf.blobs.rules import MAX_BYTES, Fit, fit
from fourleaf.blobs.sniff import ALLOWED, ENDINGS, IMAGES
from fourleaf.blobs.store import Blob, Connection
from fourleaf.kernel.labels import visible
from fourleaf.kernel.refusal import Refusal

# A file may come before the fact that names it; until then it is nobody's garbage.
GRACE = timedelta(days=1)
_ID = re.compile(r"[0-9a-f]{32}(?:[0-9a-f]{32})?")
# Decoding takes memory by the pixel: one at a time in each process.
_ONE_AT_A_TIME = Lock()


class PersonFiles(Protocol):
    """What the vault does for files; vault and files do not know each other."""

    async def seal_file(self, connection: Connection, person: str, name: str, plain: bytes) -> bytes | Refusal: ...

    async def open_file(
        self, connection: Connection, person: str, name: str, sealed: bytes, *, actor: str, purpose: str
    ) -> bytes | Refusal: ...


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it goes out."""

    blob: Blob
    data: bytes
    # Only of pictures that we encoded ourselves.
    inline: bool = False

    @property
    def headers(self) -> Mapping[str, str]:
        """It is saved under our name for it, never run, never guessed at, never kept by a shared cache."""
        name = f"{self.blob.blob[:16]}.{ENDINGS.get(self.blob.media, 'bin')}"
        return {
            "Content-Type": self.blob.media,
            "Content-Disposition": f'{"inline" if self.inline else "attachment"}; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store" if self.blob.person else "private, max-age=86400, immutable",
        }


class Garbage(msgspec.Struct, frozen=True, kw_only=True):
    """unnamed: (id, bytes) that no fact names; strays: files nobody knows; lost: known, but the file is not there."""

    unnamed: tuple[tuple[str, int], ...]
    strays: tuple[str, ...]
    lost: tuple[str, ...]


class Blobs:
    """The files of one run. fresh_id gives 32 random hexadecimal signs."""

    def __init__(self, run: str, folder: Folder, persons: PersonFiles, fresh_id: Callable[[], str]) -> None:
        self.run, self._folder, self._persons, self._fresh_id = run, folder, persons, fresh_id

    async def keep(
        self,
        connection: Connection,
        chunks: AsyncIterable[bytes],
        *,
        labels: Sequence[str] = ("office",),
        person: str | None = None,
        allowed: Collection[str] = ALLOWED,
        limit: int = MAX_BYTES,
    ) -> Blob | Refusal:
        """Take a file in. Reading stops as soon as it is too large; a fact names it as `blob.name`."""
        data = await _gathered(chunks, limit)
        if isinstance(data, Refusal):
            return data
        found = await look_into(data, allowed)
        if isinstance(found, Refusal):
            return found
        if person is not None:
            return await self._keep_personal(connection, found, person, tuple(labels))
        name = sha256(found.data).hexdigest()
        async with connection.transaction():
            return await self._write(connection, name, found, found.data, None, tuple(labels))

    async def give(
        self,
        connection: Connection,
        name: str,
        *,
        held: Collection[str],
        actor: str,
        purpose: str = "",
        personal: bool = False,
    ) -> Given | Refusal:
        """Give a file out to who holds one of its labels. A person's file is a recorded read with a purpose.

        personal: who asks may read personal data.
        Raises: whatever says that a sealed file was tampered with.
        """
        blob = await store.one(connection, self.run, name) if _ID.fullmatch(name) else None
        if blob is None or not visible(blob.labels, held):
            return Refusal("blobs.unknown")
        if blob.person is not None and not personal:
            return Refusal("blobs.personal")
        data = await asyncio.to_thread(self._folder.read, name, blob.stored)
        if data is None:
            return Refusal("blobs.lost")
        if blob.person is not None:
            opened = await self._persons.open_file(connection, blob.person, name, data, actor=actor, purpose=purpose)
            if isinstance(opened, Refusal):
                return opened
            data = opened
        return Given(blob=blob, data=data)

    async def small(self, connection: Connection, name: str, *, held: Collection[str]) -> Given | Refusal:
        """A picture as a list shows it. There is none of a person's file, whose every look is a recorded read."""
        given = await self._of_nobody(connection, name, held)
        if isinstance(given, Refusal) or given.blob.media not in IMAGES:
            return Refusal("blobs.unknown")
        return msgspec.structs.replace(
            given, data=await asyncio.to_thread(_made_small, given.data, given.blob.media), inline=True
        )

    async def _of_nobody(self, connection: Connection, name: str, held: Collection[str]) -> Given | Refusal:
        blob = await store.one(connection, self.run, name) if _ID.fullmatch(name) else None
        if blob is None or blob.person is not None:
            return Refusal("blobs.unknown")
        return await self.give(connection, name, held=held, actor="")

    async def forget(self, connection: Connection, person: str) -> list[str]:
        """Forget the files of a person, in the caller's transaction. `remove` takes the bytes away after it."""
        return await store.forget_person(connection, self.run, person)

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            self._folder.remove(name)

    async def garbage(self, connection: Connection, *, grace: timedelta = GRACE) -> Garbage:
        """What could go. Nothing is deleted."""
        there = set(self._folder.names())
        known = await store.known(connection, self.run)
        strays = [name for name in sorted(there - known) if self._folder.age_s(name) >= grace.total_seconds()]
        return Garbage(
            unnamed=tuple(await store.unnamed(connection, self.run, grace)),
            strays=tuple(strays),
            lost=tuple(sorted(known - there)),
        )

    async def clear(self, connection: Connection, garbage: Garbage, *, grace: timedelta = GRACE) -> int:
        """Delete what was reported and is still not needed. What is lost stays known. Gives how many files went."""
        async with store.alone(connection, self.run):
            gone = await store.forget(connection, self.run, [name for name, _ in garbage.unnamed], grace)
            strays = sorted(set(garbage.strays) - await store.known(connection, self.run))
            self.remove([*gone, *strays])
        return len(gone) + len(strays) + self._folder.sweep()

    async def _keep_personal(
        self, connection: Connection, found: Fit, person: str, labels: tuple[str, ...]
    ) -> Blob | Refusal:
        name = self._fresh_id()
        async with connection.transaction():  # holds the person: an erasure comes before the file or takes it along
            sealed = await self._persons.seal_file(connection, person, name, found.data)
            if isinstance(sealed, Refusal):
                return sealed
            return await self._write(connection, name, found, sealed, person, labels)

    async def _write(
        self,
        connection: Connection,
        name: str,
        found: Fit,
        data: bytes,
        person: str | None,
        labels: tuple[str, ...],
    ) -> Blob:
        await store.hold(connection, self.run)
        stored = await asyncio.to_thread(self._folder.write, name, data)
        blob = Blob(blob=name, media=found.media, size=len(found.data), stored=stored, person=person, labels=labels)
        await store.add(connection, self.run, blob)
        return blob


async def look_into(data: bytes, allowed: Collection[str]) -> Fit | Refusal:
    """What a file is, and whether it may be kept: off the loop and one at a time, whoever asks."""
    return await asyncio.to_thread(_looked_into, data, allowed)


def _looked_into(data: bytes, allowed: Collection[str]) -> Fit | Refusal:
    with _ONE_AT_A_TIME:
        return fit(data, allowed)


def _made_small(data: bytes, media: str) -> bytes:
    with _ONE_AT_A_TIME:
        return made_small(data, media)


async def _gathered(chunks: AsyncIterable[bytes], limit: int) -> bytes | Refusal:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > limit:
            return Refusal("blobs.too-large", {"most": limit // (1024 * 1024)})
    return bytes(data) if data else Refusal("blobs.empty")
