# SPDX-License-Identifier: Apache-2.0
"""What a rehearsal has for itself: two on one machine never take what the other one brings."""

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from fourleaf.app.rehearsed_feeds import Own, taken, with_own_feeds
from fourleaf.engines.sensing.feeds.pull import Answer, ask
from fourleaf.engines.sensing.rules.feed_tables import Broken
from fourleaf.kernel.outside import Outside
from fourleaf.pack import Edition
from rehearsal.ways import Sample, Served
from tests.rehearsal.test_ways import sample


@pytest.fixture
def places() -> Iterator[frozenset[str]]:
    """Two places of this machine where nobody listens."""
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        found = frozenset(f"127.0.0.1:{probe.getsockname()[1]}" for probe in (one, other))
    yield found


def feed(own: Own, key: str) -> dict[str, Any]:
    (found,) = [one.value for one in own.edition.values if (one.kind, one.key) == ("feed", key)]
    return dict(found)


def asked_at(edition: Edition, place: str) -> Edition:
    """The edition with its weather asked for at a place."""
    values = [
        msgspec.structs.replace(one, value={**one.value, "url": f"http://{place}/weather"})
        if (one.kind, one.key) == ("feed", "weather")
        else one
        for one in edition.values
    ]
    return msgspec.structs.replace(edition, values=tuple(values))


async def test_two_rehearsals_on_one_machine_each_give_out_their_own_weather(
    edition: Edition, places: frozenset[str]
) -> None:
    pack, outside = asked_at(edition, min(places)), Outside(folder="", rehearsals=places)
    owns, servers = list[Own](), list[Served]()
    for body in (b"one", b"two"):
        own = with_own_feeds(pack, places)
        served = Served(own.urls)
        await served.open()
        weather = Sample(feed="weather", number=1, at=sample(1).at, body=body, media="application/json")
        await served.bring(weather)
        owns.append(own)
        servers.append(served)

    told = [await ask(feed(own, "weather")["url"], outside) for own in owns]
    crossed = await ask(f"http://{urlsplit(owns[0].urls['weather']).netloc}/weather", outside)
    for served in servers:
        await served.close()

    assert [one.body for one in told if isinstance(one, Answer)] == [b"one", b"two"]
    assert {urlsplit(own.urls["weather"]).netloc for own in owns} == places
    assert crossed == Broken("http-status", "404")


async def test_a_place_that_somebody_holds_is_named_with_the_feeds_that_cannot_be_brought_there(
    edition: Edition, places: frozenset[str]
) -> None:
    own = with_own_feeds(asked_at(edition, min(places)), places)
    free = taken(own.urls)
    other = Served(own.urls)
    await other.open()

    held = taken(own.urls)
    await other.close()

    assert (free, held) == ({}, {min(places): ["weather"]})


def test_each_signed_feed_has_a_key_of_its_own_and_all_else_is_as_the_pack_says(edition: Edition) -> None:
    one, other = with_own_feeds(edition), with_own_feeds(edition)

    assert one.keys.keys() == other.keys.keys() == {"hotel-occupancy"}
    assert one.keys != other.keys
    assert feed(one, "hotel-occupancy")["public_key"] != feed(other, "hotel-occupancy")["public_key"]
    assert feed(one, "metro") == feed(with_own_feeds(edition), "metro")
    assert len(one.edition.values) == len(edition.values)
