# SPDX-License-Identifier: Apache-2.0
"""Sealed: what must be read again and may not lie open: the secrets of one-time codes. The key is a file of the data folder."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FILE = "sign-in.key"
_NONCE = 12


class SealedAway(Exception):
    """The key file is not the one this was sealed with, or somebody changed what was sealed."""


class Seal:
    """Encrypts with AES-256-GCM. about: whose secret it is, so that one cannot be put in another's place."""

    def __init__(self, data: Path) -> None:
        self._file, self._key = data / FILE, None

    _key: AESGCM | None

    def close(self, secret: bytes, about: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher().encrypt(nonce, secret, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """Raises: SealedAway"""
        try:
            return self._cipher().decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise SealedAway(about) from error

    def _cipher(self) -> AESGCM:
        if self._key is None:
            with suppress(FileExistsError):
                _make(self._file)
            self._key = AESGCM(self._file.read_bytes())
        return self._key


def _make(file: Path) -> None:
    """Make the key unless there is one. Raises: FileExistsError"""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(AESGCM.generate_key(256))
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(draft, file)  # never replaces a key that another process made meanwhile
    finally:
        draft.unlink()
