# SPDX-License-Identifier: Apache-2.0
"""Searching: devices and feeds that one may see, by any word of what they are called."""

import unicodedata
from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from fourleaf.engines.sensing.store.devices import types
from fourleaf.engines.sensing.store.feeds import feeds
from fourleaf.kernel.labels import visible
from fourleaf.postgres.pool import Connection


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. name: by language; of: what type of device it is, by language, or whose feed."""

    kind: Literal["device", "feed"]
    id: str
    name: Mapping[str, str]
    of: Mapping[str, str]


async def search(connection: Connection, held: Collection[str], text: str, limit: int) -> list[Hit]:
    """Those that hold every word of the text, feeds first, then devices whose id begins with it."""
    words = unicodedata.normalize("NFKC", text).casefold().split()
    if not words:
        return []
    found = await _feeds(connection, held, words) + await _devices(connection, held, words, limit)
    return found[:limit]


async def _feeds(connection: Connection, held: Collection[str], words: list[str]) -> list[Hit]:
    found = list[Hit]()
    for key, feed in (await feeds(connection)).items():
        name, owner = msgspec.structs.asdict(feed.name), msgspec.structs.asdict(feed.owner)
        whole = unicodedata.normalize("NFKC", " ".join((key, *name.values(), *owner.values()))).casefold()
        if visible(feed.see, held) and all(word in whole for word in words):
            found.append(Hit(kind="feed", id=key, name=name, of=owner))
    return found


async def _devices(connection: Connection, held: Collection[str], words: list[str], limit: int) -> list[Hit]:
    declared = {key: one for key, one in (await types(connection)).items() if visible(one.see, held)}
    cursor = await connection.execute(
        "select device, device_type, name_zh, name_en from sensing_device"
        " where listed_at is not null and device_type = any(%s)"
        " and lower(normalize(device || ' ' || name_zh || ' ' || name_en, nfkc)) like all(%s)"
        " order by not starts_with(lower(device), %s), device limit %s",
        [list(declared), [f"%{_plain(word)}%" for word in words], " ".join(words), limit],
    )
    return [
        Hit(
            kind="device",
            id=device,
            name={"zh": name_zh or device, "en": name_en or device},
            of=msgspec.structs.asdict(declared[type].name),
        )
        for device, type, name_zh, name_en in await cursor.fetchall()
    ]


def _plain(word: str) -> str:
    """What means something in a pattern is an ordinary sign."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
