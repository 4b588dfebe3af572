# SPDX-License-Identifier: Apache-2.0
"""A pack that was found right is not checked again until something of it changes, and says the same."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from fourleaf.app import packs
from fourleaf.pack import Edition
from tests.conftest import CIIE
from tests.pack.small_pack import Pack


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    packs.checked.cache_clear()
    yield
    packs.checked.cache_clear()


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack(tmp_path / "fair-1")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def again(folder: Path, data: Path) -> Edition:
    packs.checked.cache_clear()
    return packs.checked(folder, data)


def said(edition: Edition) -> tuple[object, ...]:
    parts = [getattr(edition, name) for name in edition.__struct_fields__ if name != "venue"]
    return (*parts, edition.venue.to_json(), edition.venue.kinds)


def test_the_shipped_pack_says_the_same_when_it_is_remembered(edition: Edition, data: Path) -> None:
    packs.checked(CIIE, data)

    found = again(CIIE, data)

    assert msgspec.json.encode(found.contents) == msgspec.json.encode(edition.contents)
    assert said(found) == said(edition)


def test_what_was_found_right_is_not_looked_at_again(pack: Pack, data: Path) -> None:
    packs.checked(pack.root, data)
    stamp = (data / packs.FILE).stat().st_mtime_ns

    found = again(pack.root, data)

    assert found.id == "fair-1"
    assert (data / packs.FILE).stat().st_mtime_ns == stamp
    assert (data / packs.FILE).stat().st_mode & 0o777 == 0o600


def test_a_mistake_made_afterwards_is_found(pack: Pack, data: Path) -> None:
    packs.checked(pack.root, data)
    pack.swap("edition.toml", 'zone = "Asia/Shanghai"', 'zone = "Asia/Nowhere"')

    with pytest.raises(packs.BadPack, match=r"edition.toml:3:1 "):
        again(pack.root, data)


def test_a_change_is_taken_up(pack: Pack, data: Path) -> None:
    packs.checked(pack.root, data)
    pack.swap("edition.toml", "First fair", "The fair")

    found = again(pack.root, data)

    assert found.name["en"] == "The fair"


@pytest.mark.parametrize("left", [b"", b"\x93", b"\x92\xa1x\xc0", bytes(range(64))])
def test_a_broken_memory_is_made_anew(pack: Pack, data: Path, left: bytes) -> None:
    (data / packs.FILE).write_bytes(left)

    packs.checked(pack.root, data)

    assert again(pack.root, data).id == "fair-1"
    assert [one.name for one in data.iterdir()] == [packs.FILE]
