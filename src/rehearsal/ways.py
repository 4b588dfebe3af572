# SPDX-License-Identifier: Apache-2.0
"""Ways: how another body's deliveries reach the server: pushed, asked for, put into a folder, or signed in a closed network."""

import asyncio
import base64
import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rehearsal.act import say
from rehearsal.client import Client, Rejected, Unusable

HEAD_S = 5.0
_OK, _SAME, _NONE = "200 OK", "304 Not Modified", "404 Not Found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One recorded delivery. number: of its feed, from 1."""

    feed: str
    number: int
    at: datetime
    body: bytes
    media: str

    @property
    def format(self) -> str:
        return "csv" if self.media == "text/csv" else "json"


class Way(Protocol):
    """in_full: nothing may be left out, however late we are."""

    in_full: bool

    async def bring(self, sample: Sample) -> bool: ...


class Pushed:
    """Over HTTP, with the token of the feed."""

    in_full = False

    def __init__(self, client: Client, token: str) -> None:
        self._client, self._token = client, token

    async def bring(self, sample: Sample) -> bool:
        try:
            await self._client.push_feed(sample.feed, self._token, sample.body, sample.media)
        except (
            Rejected,
            Unusable,
        ) as refused:  # the rest of the rehearsal goes on: somebody may have made another token
            say("error", "feed refused", feed=sample.feed, detail=str(refused))
            return False
        return True


class Dropped:
    """Into the watched folder of the feed. folder: of all feeds of the run."""

    in_full = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def bring(self, sample: Sample) -> bool:
        return put(self._folder, sample, f"{sample.feed}-{sample.at:%H%M}.{sample.format}", sample.body)


class Signed:
    """Into the same folder as signed files, none left out; the counter of the last one is kept, so that none comes twice."""

    in_full = True

    def __init__(self, folder: Path, key: str, counters: Path) -> None:
        self._folder, self._counters = folder, counters
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key))

    async def bring(self, sample: Sample) -> bool:
        last = _read(self._counters)
        if sample.number <= last.get(sample.feed, 0):
            return False
        if not put(self._folder, sample, f"{sample.feed}-{sample.number:08d}.json", self._sealed(sample)):
            return False
        self._counters.write_text(json.dumps(last | {sample.feed: sample.number}), "utf-8")
        return True

    def _sealed(self, sample: Sample) -> bytes:
        """As docs/how-to/add-a-feed.md writes it down for whoever signs without us."""
        digest = hashlib.sha256(sample.body).hexdigest()
        over = "\n".join(["fourleaf-feed-1", sample.feed, str(sample.number), sample.format, digest])
        said = {"feed": sample.feed, "counter": sample.number, "format": sample.format}
        body, signature = (base64.b64encode(one).decode() for one in (sample.body, self._key.sign(over.encode())))
        return json.dumps({**said, "body": body, "signature": signature}).encode()


class Served:
    """The newest delivery, for whoever asks a small server of ours on this machine."""

    in_full = False

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._paths = {feed: urlsplit(url).path for feed, url in urls.items()}
        self._where = {(urlsplit(url).hostname or "", urlsplit(url).port or 80) for url in urls.values()}
        self._newest: dict[str, Sample] = {}
        self._servers: list[asyncio.Server] = []

    async def open(self) -> None:
        """Listen where we are asked; where that is taken another rehearsal of this machine has nothing under our paths."""
        for host, port in self._where:
            try:
                self._servers.append(await asyncio.start_server(self._answer, host, port))
            except OSError as taken:
                say("warning", "feeds are not served", at=f"{host}:{port}", detail=str(taken))

    async def close(self) -> None:
        for server in self._servers:
            server.close()

    async def bring(self, sample: Sample) -> bool:
        self._newest[self._paths[sample.feed]] = sample
        return True

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(HEAD_S):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            writer.write(self._said(head))
            await writer.drain()
        writer.close()

    def _said(self, head: str) -> bytes:
        first, *fields = head.split("\r\n")
        method, _, rest = first.partition(" ")
        sample = self._newest.get(rest.partition(" ")[0]) if method == "GET" else None
        if sample is None:
            return _http(_NONE, b"")
        tag = f'"{hashlib.sha256(sample.body).hexdigest()[:16]}"'
        asked = dict(field.lower().split(": ", 1) for field in fields if ": " in field)
        if asked.get("if-none-match") == tag:
            return _http(_SAME, b"", f"ETag: {tag}")
        return _http(_OK, sample.body, f"ETag: {tag}", f"Content-Type: {sample.media}")


def _http(status: str, body: bytes, *fields: str) -> bytes:
    head = [f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join([*head, "", ""]).encode() + body


def put(folder: Path, sample: Sample, name: str, body: bytes) -> bool:
    """Whole under its name: whoever watches the folder never takes half of it."""
    here = folder / sample.feed / "in"
    try:
        here.mkdir(mode=0o770, parents=True, exist_ok=True)
        draft = here / f"{name}.part"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(body)
        draft.rename(here / name)
    except OSError as problem:
        say("error", "feed not put", feed=sample.feed, detail=str(problem))
        return False
    return True


def _read(file: Path) -> dict[str, int]:
    try:
        kept: dict[str, int] = json.loads(file.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept
