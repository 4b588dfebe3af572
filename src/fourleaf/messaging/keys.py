# SPDX-License-Identifier: Apache-2.0
"""Keys: what Fourleaf proves itself to its broker with, made at the first start and kept to its owner."""

import os
import secrets
from pathlib import Path

import msgspec

from fourleaf.standards.nkeys import SEED_BYTES, AccountKey

FILE = "keys.json"
# Who takes readings in, who answers who may come, and who watches the connections.
INTAKE, DOOR, WATCH = "intake", "door", "watch"


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """seed: of the account that says who may come. passwords: role -> password."""

    seed: bytes
    passwords: dict[str, str]

    @property
    def account(self) -> AccountKey:
        return AccountKey(self.seed)


def folder(data: Path) -> Path:
    made = data / "nats"
    made.mkdir(mode=0o700, exist_ok=True)
    return made


def ready(data: Path) -> Keys:
    """The keys of this data folder; made if there are none."""
    file = folder(data) / FILE
    if not file.exists():
        made = Keys(
            seed=secrets.token_bytes(SEED_BYTES),
            passwords={role: secrets.token_urlsafe(32) for role in (INTAKE, DOOR, WATCH)},
        )
        put(file, msgspec.json.encode(made))
    return msgspec.json.decode(file.read_bytes(), type=Keys)


def put(file: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    draft = file.with_name(f".{file.name}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
    draft.replace(file)
