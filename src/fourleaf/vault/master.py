# SPDX-License-Identifier: Apache-2.0
"""Master: the key that wraps all others. It is a file only its owner may read, and in no backup."""

import binascii
import os
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from fourleaf.vault import crypt

_HEAD = """# Fourleaf: master keys of the vault, the newest first.
# Keep a copy in a safe, apart from every backup: without it no personal data can be read again.
"""


class KeyTrouble(Exception):
    """The master key is not there, not safe or not the right one. Says how to mend it, in both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class Key:
    """One master key. Its text form shows its id only."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.id = sha256(b"fourleaf master key\0" + key).digest()[:8]

    def __repr__(self) -> str:
        return f"<master key {self.id.hex()}>"


class Master:
    """The file of master keys: more than one only while a rotation goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keys: tuple[Key, ...] = ()

    def keys(self, *, again: bool = False) -> tuple[Key, ...]:
        """The newest first.

        Raises: KeyTrouble
        """
        if again or not self._keys:
            self._keys = _read(self.path)
        return self._keys

    def of(self, id: bytes) -> Key:
        """The key of this id. Another process may have rotated, so the file is read again before giving up.

        Raises: KeyTrouble
        """
        for again in (False, True):
            for key in self.keys(again=again):
                if key.id == id:
                    return key
        raise KeyTrouble(
            zh=f"{self.path} 中没有主密钥 {id.hex()}。请取回当时的密钥文件（FOURLEAF_VAULT_KEY）。",
            en=f"{self.path} does not hold the master key {id.hex()}. Bring back the key file of that time"
            " (FOURLEAF_VAULT_KEY).",
        )

    def make(self) -> bool:
        """Make the file with a first key, unless it is there. False: it was there."""
        if self.path.exists():
            return False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = _draft(self.path, (Key(crypt.fresh_key()),))
        try:
            os.link(draft, self.path)  # unlike a rename this never replaces a key that somebody else made meanwhile
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        _settle(self.path)
        return True

    def write(self, *keys: Key) -> None:
        """Put these keys in the place of the old ones, all or nothing."""
        _draft(self.path, keys).rename(self.path)
        _settle(self.path)
        self._keys = keys


def _draft(path: Path, keys: tuple[Key, ...]) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.draft")
    lines = [f"{key.id.hex()} {b64encode(key.key).decode()}\n" for key in keys]
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(_HEAD + "".join(lines))
        file.flush()
        os.fsync(file.fileno())
    return draft


def _settle(path: Path) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> tuple[Key, ...]:
    try:
        mode = path.stat().st_mode & 0o777
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyTrouble(
            zh=f"无法读取主密钥文件 {path}：{error}。请放回备份的密钥文件。",
            en=f"The master key file {path} cannot be read: {error}. Put the copy of it back.",
        ) from error
    if mode & 0o077:
        raise KeyTrouble(
            zh=f"主密钥文件 {path} 对其他用户开放（{mode:o}）。请执行 chmod 600 {path}",
            en=f"The master key file {path} is open to other users ({mode:o}). Close it: chmod 600 {path}",
        )
    keys = tuple(_key(path, line) for line in text.splitlines() if line and not line.startswith("#"))
    if not keys:
        raise _damaged(path)
    return keys


def _key(path: Path, line: str) -> Key:
    name, _, secret = line.partition(" ")
    with suppress(binascii.Error, ValueError):
        key = Key(b64decode(secret, validate=True))
        if len(key.key) == crypt.KEY_BYTES and key.id.hex() == name:
            return key
    raise _damaged(path)


def _damaged(path: Path) -> KeyTrouble:
    return KeyTrouble(
        zh=f"主密钥文件 {path} 已损坏。请放回备份的密钥文件。",
        en=f"The master key file {path} is damaged. Put the copy of it back.",
    )
