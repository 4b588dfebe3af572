# SPDX-License-Identifier: Apache-2.0
"""Folder: where the bytes lie. A file is there whole or not at all."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

# A draft that is older than this belongs to nobody any more.
DRAFT_S = 3600
_DRAFT = ".draft"


class Folder:
    """The files of one run: `<run>/<first two signs>/<id>` below the folder of all files."""

    def __init__(self, path: Path, run: str) -> None:
        self.all, self.path = path, path / run

    def of(self, blob: str) -> Path:
        return self.path / blob[:2] / blob

    def write(self, blob: str, data: bytes) -> bytes:
        """Write, flush and name. Gives the hash of what lies there."""
        target = self.of(blob)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(f"{blob}.{secrets.token_hex(4)}{_DRAFT}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(target)
        finally:
            draft.unlink(missing_ok=True)
        for folder in (target.parent, self.path, self.all):
            _settle(folder)
        return sha256(data).digest()

    def read(self, blob: str, stored: bytes) -> bytes | None:
        """None when the file is not there, or is not what was written."""
        try:
            data = self.of(blob).read_bytes()
        except FileNotFoundError:
            return None
        return data if sha256(data).digest() == stored else None

    def remove(self, blob: str) -> None:
        self.of(blob).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """Every file that has its name."""
        for file in sorted(self.path.glob("??/*")):
            if not file.name.endswith(_DRAFT):
                yield file.name

    def age_s(self, blob: str) -> float:
        with suppress(FileNotFoundError):
            return max(0.0, time.clock_gettime(time.CLOCK_REALTIME) - self.of(blob).stat().st_mtime)
        return 0.0

    def sweep(self) -> int:
        """Remove what a crash left half written. Gives how many files."""
        swept = 0
        for file in self.path.glob(f"??/*{_DRAFT}"):
            with suppress(FileNotFoundError):
                if time.clock_gettime(time.CLOCK_REALTIME) - file.stat().st_mtime > DRAFT_S:
                    file.unlink()
                    swept += 1
        return swept


def _settle(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
