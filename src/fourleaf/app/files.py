# SPDX-License-Identifier: Apache-2.0
"""Files: given out over HTTP, and cleared on the command line when no fact names them."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import Parameter

from fourleaf.app.safekeeping import Safe, now_of
from fourleaf.app.settings import Settings
from fourleaf.app.speech import Speech
from fourleaf.blobs.keep import Garbage
from fourleaf.engines.people.declares import PERSONAL
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres import runs
from fourleaf.postgres.journal import Site
from fourleaf.postgres.migrate import migrate
from fourleaf.postgres.pool import connect
from fourleaf.ui.answers import Refused

Purpose = Annotated[str, Parameter(max_length=200, description="What a file of a person is needed for.")]


@get("/r/{run:str}/files/{blob:str}", tags=["files"], media_type="application/octet-stream")
async def give(
    site: Site, principal: Principal, safe: Safe, blob: str, request: Request[Any, Any, Any], purpose: Purpose = ""
) -> Response[bytes]:
    """A file, as a download. One of a person needs a purpose and the permission, and leaves a fact."""
    async with site.connection() as connection:
        given = await safe.blobs(site).give(
            connection,
            blob,
            held=principal.labels,
            actor=principal.id,
            purpose=purpose,
            personal=PERSONAL in principal.permissions,
        )
    if isinstance(given, Refusal):
        raise Refused(given, {"blobs.unknown": 404, "blobs.personal": 403}.get(given.code, 422))
    return Response(given.data, headers=dict(given.headers), media_type=given.blob.media)


@get("/r/{run:str}/files/{blob:str}/thumbnail", tags=["files"], media_type="application/octet-stream")
async def small(site: Site, principal: Principal, safe: Safe, blob: str) -> Response[bytes]:
    """A picture as lists show it."""
    async with site.connection() as connection:
        given = await safe.blobs(site).small(connection, blob, held=principal.labels)
    if isinstance(given, Refusal):
        raise Refused(given, 404)
    return Response(given.data, headers=dict(given.headers), media_type=given.blob.media)


HANDLERS = (give, small)


def unused(settings: Settings, run: str, delete: bool, speech: Speech) -> int:
    """Report the files that no fact names, and clear them if told to."""
    found = asyncio.run(_unused(settings, run, delete))
    if found is None:
        speech.fail(f"没有场次 {run}", f"There is no run {run}")
        return 1
    garbage, cleared = found
    size = sum(size for _, size in garbage.unnamed)
    speech.say(
        f"{len(garbage.unnamed):,} 个文件无事实引用（{size:,} 字节），{len(garbage.strays):,} 个来历不明",
        f"{len(garbage.unnamed):,} files that no fact names ({size:,} bytes), {len(garbage.strays):,} that nobody knows",
    )
    for name, _ in garbage.unnamed:
        speech.console.print(f"    {name}")
    if garbage.lost:
        speech.warn(
            f"{len(garbage.lost):,} 个文件已丢失，请从备份恢复：{', '.join(garbage.lost)}",
            f"{len(garbage.lost):,} files are lost; bring them back from a backup: {', '.join(garbage.lost)}",
        )
    if delete:
        speech.say(f"已删除 {cleared:,} 个文件", f"Deleted {cleared:,} files")
    return 0


async def _unused(settings: Settings, run: str, delete: bool) -> tuple[Garbage, int] | None:
    assert settings.database_url is not None
    async with connect(settings.database_url) as connection:
        await migrate(connection)
        if await runs.one(connection, run) is None:
            return None
    async with connect(settings.database_url, run) as connection:
        blobs = Safe(settings).blobs_of(run, now_of(connection, run))
        garbage = await blobs.garbage(connection)
        return garbage, await blobs.clear(connection, garbage) if delete else 0


def drop(folder: Path, run: str) -> None:
    """The files of a run go with it."""
    shutil.rmtree(folder / run, ignore_errors=True)
