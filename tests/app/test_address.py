# SPDX-License-Identifier: Apache-2.0
"""Which port is ours, and where a running Fourleaf answers."""

import os
import socket
from pathlib import Path

import msgspec
import pytest

from fourleaf.app import address


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_free_port_is_taken_as_wanted() -> None:
    wanted = free_port()

    held = address.lease("127.0.0.1", wanted)

    assert held.port == wanted
    held.close()


def test_a_port_in_use_gives_the_next_one() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]

        held = address.lease("127.0.0.1", taken)

        assert taken < held.port <= taken + address.TRIES
        held.close()


def test_two_that_start_at_once_get_different_ports() -> None:
    wanted = free_port()

    one, two = address.lease("127.0.0.1", wanted), address.lease("127.0.0.1", wanted)

    assert one.port != two.port
    one.close()
    two.close()


def test_a_port_given_back_is_free_again() -> None:
    wanted = free_port()

    address.lease("127.0.0.1", wanted).close()
    again = address.lease("127.0.0.1", wanted)

    assert again.port == wanted
    again.close()


def test_what_was_written_is_read_while_the_writer_lives(tmp_path: Path) -> None:
    here = address.own("127.0.0.1", 8123, "ciie-7.r1")
    address.write(tmp_path, here)

    assert address.read(tmp_path) == here
    assert here.url == "http://127.0.0.1:8123"


def test_an_address_of_a_process_that_has_gone_is_not_believed(tmp_path: Path) -> None:
    here = address.own("127.0.0.1", 8123, None)
    address.write(tmp_path, msgspec.structs.replace(here, mark="0 before"))

    assert here.pid == os.getpid()
    assert address.read(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{", b'{"host": 1}', b"\xff"])
def test_a_damaged_address_file_is_no_address(tmp_path: Path, content: bytes) -> None:
    (tmp_path / address.FILE).write_bytes(content)

    assert address.read(tmp_path) is None


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("h.cn", "http://h.cn:80"),
    ],
)
def test_the_url_is_where_one_calls_not_where_a_server_listens(host: str, url: str) -> None:
    assert address.Address(host=host, port=80, pid=1, mark="").url == url
