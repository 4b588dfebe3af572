# SPDX-License-Identifier: Apache-2.0
"""Archive: all files in one, for the backup. Files of persons go in as they lie: sealed."""

import os
import re
import tarfile
from pathlib import Path

_MEMBER = re.compile(r"[a-z0-9][a-z0-9.-]{0,40}/[0-9a-f]{2}/[0-9a-f]{32}(?:[0-9a-f]{32})?")


class BadArchive(Exception):
    """The archive holds something else than files of ours. Carries both languages."""

    def __init__(self, file: Path, what: str) -> None:
        self.zh = f"{file} 不是文件备份：{what[:80]!r}"
        self.en = f"{file} is no backup of files: {what[:80]!r}"
        super().__init__(self.en)


def write(folder: Path, file: Path) -> int:
    """Write every file to a new archive. Written after the database, it holds all that the database knows. Gives how many."""
    draft, count = file.with_name(f".{file.name}.draft"), 0
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w|") as archive:
                for path in sorted(folder.glob("*/??/*")):
                    name = str(path.relative_to(folder))
                    if _MEMBER.fullmatch(name) and _add(archive, path, name):
                        count += 1
            out.flush()
            os.fsync(out.fileno())
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)
    return count


def _add(archive: tarfile.TarFile, path: Path, name: str) -> bool:
    """False when the file went meanwhile: its person was erased."""
    try:
        with path.open("rb") as file:
            member = tarfile.TarInfo(name)
            member.size, member.mode = os.fstat(file.fileno()).st_size, 0o600
            archive.addfile(member, file)
    except FileNotFoundError:
        return False
    return True


def read(file: Path, folder: Path) -> int:
    """Put the files of an archive into the folder; one that is there already is left alone. Gives how many.

    Raises: BadArchive
    """
    count = 0
    try:
        with tarfile.open(file, mode="r|") as archive:
            for member in archive:
                if not member.isreg() or not _MEMBER.fullmatch(member.name):
                    raise BadArchive(file, member.name)
                count += _put(archive, member, folder / member.name)
    except tarfile.TarError as error:
        raise BadArchive(file, str(error)) from error
    return count


def _put(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> int:
    source = archive.extractfile(member)
    if source is None or target.exists():
        return 0
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.restored.draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        while chunk := source.read(1 << 20):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    draft.rename(target)
    return 1
