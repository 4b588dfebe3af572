# SPDX-License-Identifier: Apache-2.0
"""Files of registers over HTTP: one is sent for a field, and named when the thing is added or changed."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import Request, post
from litestar.datastructures import UploadFile
from litestar.params import Dependency

from fourleaf.blobs.rules import MAX_BYTES
from fourleaf.engines.world import actions
from fourleaf.engines.world.actions import Keeping
from fourleaf.engines.world.web.registers import written
from fourleaf.engines.world.web.venue import Name
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import Refused

Safe = Annotated[Keeping, Dependency(skip_validation=True)]
# The form around a file.
ROOM_FOR_FORM = 256 * 1024


async def file_of(request: Request[Any, Any, Any], name: str = "file") -> UploadFile | None:
    """The file of a form; a field without one counts as none."""
    found = (await request.form()).get(name)
    return found if isinstance(found, UploadFile) and found.filename else None


async def chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(1 << 18):
        yield chunk


@post(
    "/r/{run:str}/world/registers/{register:str}/files",
    status_code=200,
    tags=["registers"],
    request_max_body_size=MAX_BYTES + ROOM_FOR_FORM,
)
async def send(
    site: Site, principal: Principal, register: Name, field: Name, request: Request[Any, Any, Any], safe: Safe
) -> dict[str, str]:
    """Send a file, as `file` of a form (multipart/form-data), for a field of type photo or file. The answer names it for that field."""
    declared = await written(site, principal, register)
    file = await file_of(request)
    kept = await actions.attach(site, safe, declared, field, chunks(file)) if file else Refusal("blobs.empty")
    if isinstance(kept, Refusal):
        raise Refused(kept)
    return {"value": kept}


HANDLERS = (send,)
