# SPDX-License-Identifier: Apache-2.0
"""Said: the sentence of a refusal, from the room it comes from."""

from collections.abc import Mapping
from pathlib import Path

from fourleaf import blobs as blobs_room
from fourleaf import vault as vault_room
from fourleaf.engines import credentials as credentials_room
from fourleaf.engines import people as people_room
from fourleaf.engines import sensing as sensing_room
from fourleaf.engines import world as world_room
from fourleaf.kernel.refusal import Refusal
from fourleaf.ui.answers import sentence

_ROOMS = {
    name: Path(str(room.__file__)).parent
    for name, room in (
        ("world", world_room),
        ("blobs", blobs_room),
        ("credentials", credentials_room),
        ("people", people_room),
        ("sensing", sensing_room),
        ("vault", vault_room),
    )
}


def said(refusal: Refusal | None) -> Mapping[str, str] | None:
    """Shape: language -> sentence; nothing for none."""
    if refusal is None:
        return None
    return sentence(_ROOMS[refusal.code.split(".")[0]], f"refusal.{refusal.code}", **refusal.detail)
