# SPDX-License-Identifier: Apache-2.0
"""Static files over HTTP: compressed once and kept in memory; under the address of their version browsers keep them for good."""

import asyncio
import gzip
from functools import cache
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Any, NamedTuple

from jinja2.ext import Extension
from litestar import HttpMethod, Request, Response, route
from litestar.exceptions import NotFoundException

from fourleaf.ui import STATIC

# Smaller ones fit one packet as they are.
_WORTH_BYTES = 1_000
_FOR_GOOD = "public, max-age=31536000, immutable"
# Kept, but asked for each time whether it is still the same.
_ASK_AGAIN = "no-cache"


class Kept(NamedTuple):
    """A file in memory. body_gzip: empty when it would not be smaller."""

    changed_ns: int
    media_type: str
    tag: str
    body: bytes
    body_gzip: bytes


class Folder:
    """The static files of one process. Only names that were there when it began are ever opened."""

    def __init__(self, root: Path) -> None:
        found = sorted(path for path in root.rglob("*") if path.is_file())
        self._paths = {path.relative_to(root).as_posix(): path for path in found}
        self._changed = {name: path.stat().st_mtime_ns for name, path in self._paths.items()}
        self._kept = dict[str, Kept]()
        self.version = _version(self._paths)

    async def kept(self, name: str) -> Kept:
        """Raises: NotFoundException"""
        path = self._paths.get(name)
        if path is None:
            raise NotFoundException
        found = self._kept.get(name)
        if found is None or found.changed_ns != path.stat().st_mtime_ns:
            found = self._kept[name] = await asyncio.to_thread(_read, path)
        return found

    def split(self, asked: str) -> tuple[str, bool]:
        """The name of a file, and whether it was asked for by the version of now."""
        first, _, rest = asked.partition("/")
        return (rest, True) if first == self.version else (asked, False)

    def same(self, name: str, kept: Kept) -> bool:
        """Is it still as it was when this process began?"""
        return self._changed[name] == kept.changed_ns


@cache
def folder() -> Folder:
    return Folder(STATIC)


class Versioned(Extension):
    """Templates say `/static/…`; pages say the address of the version, so that no browser mixes two of them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return source.replace('="/static/', f'="/static/{folder().version}/')


def _version(paths: dict[str, Path]) -> str:
    whole = sha256()
    for name, path in paths.items():
        whole.update(name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return "v-" + whole.hexdigest()[:12]


def _read(path: Path) -> Kept:
    changed, body = path.stat().st_mtime_ns, path.read_bytes()
    packed = gzip.compress(body, 9, mtime=0) if len(body) >= _WORTH_BYTES else b""
    media_type = guess_type(path.name)[0] or "application/octet-stream"
    tag = f'W/"{sha256(body).hexdigest()[:20]}"'  # weak: the same for it packed and as it is
    return Kept(changed, media_type, tag, body, packed if len(packed) < len(body) else b"")


@route("/static/{asked:path}", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def static_file(request: Request[Any, Any, Any], asked: Path) -> Response[bytes]:
    """A file, or what would be said of it."""
    name, by_version = folder().split(asked.as_posix().lstrip("/"))
    kept = await folder().kept(name)
    for_good = by_version and folder().same(name, kept)
    headers = {
        "ETag": kept.tag,
        "Cache-Control": _FOR_GOOD if for_good else _ASK_AGAIN,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == kept.tag:
        return Response(b"", status_code=304, headers=headers)
    packs = kept.body_gzip and "gzip" in request.headers.get("accept-encoding", "")
    if packs:
        headers["Content-Encoding"] = "gzip"
    body = kept.body_gzip if packs else kept.body
    if request.method == HttpMethod.HEAD:
        return Response(b"", media_type=kept.media_type, headers=headers | {"Content-Length": str(len(body))})
    return Response(body, media_type=kept.media_type, headers=headers)


HANDLERS = (static_file,)
