# SPDX-License-Identifier: Apache-2.0
"""The master key is made once, belongs to its owner alone, and is never replaced by accident."""

from pathlib import Path

import pytest

from fourleaf.vault import crypt
from fourleaf.vault.master import Key, KeyTrouble, Master


def test_a_first_start_makes_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    master = Master(tmp_path / "vault.key")

    assert master.make() is True

    first = master.keys()[0].id
    assert (master.path.stat().st_mode & 0o777, len(master.keys())) == (0o600, 1)
    assert (master.make(), Master(master.path).keys()[0].id) == (False, first)
    assert list(tmp_path.iterdir()) == [master.path]


def test_a_key_does_not_show_itself(tmp_path: Path) -> None:
    key = Key(crypt.fresh_key())

    assert key.id.hex() in repr(key)
    assert key.key.hex() not in repr(key) and repr(key.key) not in f"{key}"


def test_a_missing_file_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(KeyTrouble, match="cannot be read"):
        Master(tmp_path / "vault.key").keys()


def test_a_file_that_others_can_read_is_refused_and_says_how_to_mend_it(tmp_path: Path) -> None:
    master = Master(tmp_path / "vault.key")
    master.make()
    master.path.chmod(0o640)

    with pytest.raises(KeyTrouble, match="chmod 600"):
        Master(master.path).keys()


@pytest.mark.parametrize("damage", ["", "# nothing\n", "0011223344556677 AAAA\n", "zz", "\udcff"])
def test_a_damaged_file_is_refused(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "vault.key"
    path.write_bytes(damage.encode(errors="surrogateescape"))
    path.chmod(0o600)

    with pytest.raises(KeyTrouble):
        Master(path).keys()


def test_a_changed_letter_of_a_key_is_noticed(tmp_path: Path) -> None:
    master = Master(tmp_path / "vault.key")
    master.make()
    text = master.path.read_text("utf-8")
    name, secret = text.splitlines()[-1].split()
    master.path.write_text(f"{name} {secret.swapcase()}\n", "utf-8")

    with pytest.raises(KeyTrouble, match="damaged"):
        Master(master.path).keys()


def test_another_process_sees_a_rotation(tmp_path: Path) -> None:
    one, other = Master(tmp_path / "vault.key"), Master(tmp_path / "vault.key")
    one.make()
    other.keys()

    fresh = Key(crypt.fresh_key())
    one.write(fresh, *one.keys())

    assert other.of(fresh.id).key == fresh.key
    with pytest.raises(KeyTrouble, match="does not hold"):
        other.of(b"12345678")
