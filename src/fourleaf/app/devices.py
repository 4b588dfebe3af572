# SPDX-License-Identifier: Apache-2.0
"""Devices: which there are by an edition pack: one for each thing that a type of devices is of."""

from collections.abc import Iterator

import msgspec

from fourleaf.engines.sensing.declares import DeviceType
from fourleaf.engines.sensing.facts import DeviceListed
from fourleaf.engines.world.declares.register import Register
from fourleaf.pack import Edition
from fourleaf.pack.kinds import FEATURES


def devices_of(edition: Edition) -> list[DeviceListed]:
    """The devices of the venue's things and of the first things of registers."""
    found = list[DeviceListed]()
    for one in edition.values:
        if one.kind == "device_type":
            type = msgspec.convert(one.value, DeviceType, strict=False)
            of_kind = _of_venue if type.of in FEATURES else _of_register
            found += of_kind(edition, one.key, type.of)
    return found


def _of_venue(edition: Edition, key: str, kind: str) -> Iterator[DeviceListed]:
    for feature in edition.venue.features(kind):
        id_, name = str(feature["id"]), feature["properties"].get("name") or {}
        yield _listed(key, kind, id_, name.get("zh") or id_, name.get("en") or id_, {"at": id_})


def _of_register(edition: Edition, key: str, name: str) -> Iterator[DeviceListed]:
    declared = next((one.value for one in edition.values if (one.kind, one.key) == ("register", name)), None)
    contents = next((one.things for one in edition.contents if one.of == name), {})
    if declared is None:
        return
    register = msgspec.convert(declared, Register, strict=False)
    for id_, fields in contents.items():
        zh, en = (register.called(id_, fields, lang) for lang in ("zh", "en"))
        place = fields.get(register.place.key) if register.place else None
        yield _listed(key, name, id_, zh, en, place or {})


def _listed(key: str, of: str, id_: str, zh: str, en: str, place: dict[str, str]) -> DeviceListed:
    return DeviceListed(device=f"{of}:{id_}", device_type=key, thing=id_, name_zh=zh, name_en=en, place=place)
