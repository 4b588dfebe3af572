# SPDX-License-Identifier: Apache-2.0
"""Key file: the wrapped keys, the blind indexes and who was erased, saved apart from the ordinary backup.

The keys in it are wrapped: it is of no use without the master key, and neither without the backup of the log.
"""

import hmac
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from fourleaf.vault import crypt, key_store, store
from fourleaf.vault.master import KeyTrouble, Master
from fourleaf.vault.store import Connection

_FORMAT = "fourleaf-keys-1"


class _Head(msgspec.Struct, tag="head", kw_only=True):
    format: str
    master: bytes
    written_at: datetime


class _Root(msgspec.Struct, tag="root", kw_only=True):
    run: str
    master: bytes
    wrapped: bytes


class _Run(msgspec.Struct, tag="run", kw_only=True):
    """Shape: keys (person, id of the master key, wrapped key), marks (person, field, kind, mark)."""

    run: str
    keys: list[tuple[str, bytes, bytes]]
    marks: list[tuple[str, str, str, bytes]]
    erased: list[str]


class _Mac(msgspec.Struct, tag="mac", kw_only=True):
    mac: bytes


_Line = _Head | _Root | _Run | _Mac


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came of bringing keys back. refused: (run, person) erased after a key was saved, and erased again now.

    unreadable: persons who are there and still have no key.
    """

    keys: int
    refused: tuple[tuple[str, str], ...]
    unreadable: int


async def save(connection: Connection, master: Master, file: Path, *, written_at: datetime) -> int:
    """Write every key to a file, in the place of an older one: only the newest should be kept. Gives how many.

    Raises: KeyTrouble
    """
    id = await key_store.current_master(connection)
    if id is None:
        raise KeyTrouble(
            zh="密钥尚未恢复，没有可保存的密钥。", en="The keys were not brought back yet; there are none to save."
        )
    lines: list[_Line] = [_Head(format=_FORMAT, master=id, written_at=written_at)]
    async with connection.transaction():
        await connection.execute("set transaction isolation level repeatable read, read only")
        lines += [_Root(run=run, master=of, wrapped=wrapped) for run, of, wrapped in await key_store.roots(connection)]
        for run in await key_store.runs(connection):
            keys, marks = await key_store.everything(connection, run)
            erased = await key_store.erased(connection, run)
            lines.append(_Run(run=run, keys=keys, marks=marks, erased=erased))
    _write(file, lines, _mac_key(master, id))
    return sum(len(line.keys) for line in lines if isinstance(line, _Run))


def check(master: Master, files: Sequence[Path]) -> None:
    """Read whole key files without using them.

    Raises: KeyTrouble, when one is damaged or belongs to a master key that is not here.
    """
    for file in files:
        _read(file, master)


async def restore(connection: Connection, master: Master, files: Sequence[Path]) -> Restored:
    """Bring keys back: those of the newest file. Whoever any file or the database says was erased stays erased.

    Raises: KeyTrouble
    """
    saved = sorted((_read(file, master) for file in files), key=lambda found: found[0].written_at)
    if not saved:
        return Restored(keys=0, refused=(), unreadable=await key_store.unreadable(connection))
    gone = {
        (line.run, person) for _, lines in saved for line in lines if isinstance(line, _Run) for person in line.erased
    }
    head, newest = saved[-1]
    async with connection.transaction():
        refused = await _erase_again(connection, gone)
        await key_store.set_master(connection, (await key_store.current_master(connection)) or head.master)
        brought = 0
        for line in newest:
            if isinstance(line, _Root):
                await key_store.add_root(connection, line.run, line.master, line.wrapped)
            elif isinstance(line, _Run):
                brought += await _bring(connection, line)
        unreadable = await key_store.unreadable(connection)
    return Restored(keys=brought, refused=refused, unreadable=unreadable)


async def _erase_again(connection: Connection, gone: set[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """An older backup knows nothing of an erasure after it."""
    again = list[tuple[str, str]]()
    for run in sorted({run for run, _ in gone}):
        persons = [person for of, person in gone if of == run]
        for person in await key_store.standing(connection, run, persons, keyless=False):
            await store.forget(connection, run, person)
            again.append((run, person))
    return tuple(again)


async def _bring(connection: Connection, line: _Run) -> int:
    there = set(await key_store.standing(connection, line.run, [key[0] for key in line.keys], keyless=True))
    keys = [key for key in line.keys if key[0] in there]
    await store.add_keys(connection, line.run, keys)
    await store.index(connection, line.run, [mark for mark in line.marks if mark[0] in there])
    return len(keys)


def _mac_key(master: Master, id: bytes) -> bytes:
    return crypt.derived(master.of(id).key, "key file")


def _write(file: Path, lines: Sequence[_Line], key: bytes) -> None:
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            mac = hmac.new(key, digestmod=sha256)
            for line in lines:
                text = msgspec.json.encode(line) + b"\n"
                mac.update(text)
                out.write(text)
            out.write(msgspec.json.encode(_Mac(mac=mac.digest())) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)


def _read(file: Path, master: Master) -> tuple[_Head, list[_Line]]:
    """Read and check a whole file before anything of it is used."""
    decode = msgspec.json.Decoder(_Line).decode
    try:
        text = file.read_bytes().splitlines(keepends=True)
        lines = [decode(line) for line in text]
    except (OSError, msgspec.MsgspecError) as error:
        raise _damaged(file) from error
    head, last = (lines[0], lines[-1]) if lines else (None, None)
    if not isinstance(head, _Head) or not isinstance(last, _Mac) or head.format != _FORMAT:
        raise _damaged(file)
    try:
        key = _mac_key(master, head.master)
    except KeyTrouble as error:
        raise _foreign(file, master, head.master) from error
    mac = hmac.digest(key, b"".join(text[:-1]), sha256)
    if not hmac.compare_digest(mac, last.mac):
        raise _damaged(file)
    return head, lines


def _foreign(file: Path, master: Master, id: bytes) -> KeyTrouble:
    """Before a rotation, or with a new data folder that made a master key of its own."""
    return KeyTrouble(
        zh=f"密钥文件 {file} 属于主密钥 {id.hex()}，而 {master.path} 中没有它。请用轮换之后保存的密钥文件，"
        "或放回当时的主密钥（FOURLEAF_VAULT_KEY）。",
        en=f"The key file {file} belongs to the master key {id.hex()}, which {master.path} does not hold. Use a key file"
        " saved after the last rotation, or put the master key of that time back (FOURLEAF_VAULT_KEY).",
    )


def _damaged(file: Path) -> KeyTrouble:
    return KeyTrouble(
        zh=f"密钥备份 {file} 无法读取或已被改动。请用另一份。",
        en=f"The key file {file} cannot be read or was altered. Use another copy.",
    )
