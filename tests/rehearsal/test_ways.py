# SPDX-License-Identifier: Apache-2.0
"""Ways of a rehearsal, held against what the server takes: each delivery arrives as its owner would bring it."""

import asyncio
import socket
from base64 import b64decode, b64encode
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fourleaf.engines.sensing.feeds.folder import waiting
from fourleaf.engines.sensing.feeds.pull import Answer, ask
from fourleaf.engines.sensing.rules.feed_signed import Opened, open_signed
from fourleaf.engines.sensing.rules.feed_tables import Broken
from fourleaf.kernel.outside import Outside
from rehearsal.parameters import ZONE
from rehearsal.ways import Dropped, Sample, Served, Signed
from tests.engines.sensing.feed_samples import metro

NINE = datetime(2024, 11, 7, 9, tzinfo=ZONE)


def sample(number: int, body: bytes = b"at,line\n") -> Sample:
    return Sample(feed="metro", number=number, at=NINE, body=body, media="text/csv")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_file_is_put_whole_where_the_server_looks(tmp_path: Path) -> None:
    assert await Dropped(tmp_path).bring(sample(1, b"at\n"))

    found = tmp_path / "metro" / "in" / "metro-0900.csv"
    found.touch()
    assert found.read_bytes() == b"at\n"
    assert [one.name for one in found.parent.iterdir()] == ["metro-0900.csv"]
    assert waiting(tmp_path / "metro") in ([], ["metro-0900.csv"])  # once it has lain there for a second


async def test_signed_files_open_with_the_public_half_and_none_comes_twice_or_is_left_out(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    public = b64encode(key.public_key().public_bytes_raw()).decode()
    feed, secret = metro(way="one-way", public_key=public), b64encode(key.private_bytes_raw()).decode()

    async def start(*numbers: int) -> list[bool]:
        way = Signed(tmp_path, secret, tmp_path / "counters")
        return [await way.bring(sample(number)) for number in numbers]

    brought = [await start(1, 2), await start(1, 2, 3)]
    opened = [
        open_signed("metro", feed, (tmp_path / "metro" / "in" / f"metro-{n:08d}.json").read_bytes(), n - 1)
        for n in (1, 2, 3)
    ]

    assert brought == [[True, True], [False, False, True]]
    assert opened == [Opened(b"at,line\n", "csv", number, 0) for number in (1, 2, 3)]
    assert len(b64decode(public)) == 32


async def test_the_newest_delivery_is_given_to_whoever_asks_and_not_twice_to_who_has_it() -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/metro"
    served, outside = Served({"metro": url}), Outside(folder="", rehearsals=frozenset({f"127.0.0.1:{port}"}))
    await served.open()
    try:
        before = await ask(url, outside)
        for number in (1, 2):
            await served.bring(sample(number, b"%d" % number))
        first = await ask(url, outside)
        assert isinstance(first, Answer)
        again = await ask(url, outside, etag=first.etag)
        elsewhere = await ask(f"http://127.0.0.1:{port}/other", outside)
        not_of_a_live_run = await ask(url, msgspec.structs.replace(outside, rehearsals=frozenset()))
    finally:
        await served.close()

    assert before == elsewhere == Broken("http-status", "404")
    assert (first.body, isinstance(again, Answer) and again.body) == (b"2", None)
    assert not_of_a_live_run == Broken("host-not-allowed", "127.0.0.1")


async def test_where_the_place_is_taken_the_rehearsal_goes_on() -> None:
    port = free_port()
    first, second = (Served({"metro": f"http://127.0.0.1:{port}/metro"}) for _ in range(2))
    await first.open()

    await second.open()
    brought = await second.bring(sample(1))

    assert brought
    await asyncio.gather(first.close(), second.close())


@pytest.mark.parametrize("head", [b"", b"GET\r\n\r\n", b"POST /metro HTTP/1.1\r\n\r\n", b"\xff\x00\r\n\r\n"])
async def test_what_is_no_question_ends_the_connection_and_nothing_else(head: bytes) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/metro"
    served = Served({"metro": url})
    await served.open()
    await served.bring(sample(1, b"x"))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    writer.write_eof()
    said = await reader.read()
    writer.close()

    after = await ask(url, Outside(folder="", rehearsals=frozenset({f"127.0.0.1:{port}"})))
    await served.close()

    assert said in (b"", b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    assert isinstance(after, Answer) and after.body == b"x"
