# SPDX-License-Identifier: Apache-2.0
"""How a feed stands: late, broken, suspicious, over, and back again; and the signed files of a closed network."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.facts import FeedFell, FeedRecovered, GrantEnded
from fourleaf.engines.sensing.rules.feed_reading import Finding
from fourleaf.engines.sensing.rules.feed_signed import MOST_SIGNED, Opened, open_signed, sign
from fourleaf.engines.sensing.rules.feed_standing import FRESH, Heard, Standing, changed, ended, standing
from fourleaf.engines.sensing.rules.feed_tables import Broken
from fourleaf.engines.sensing.state.feeds import FeedNow
from tests.engines.sensing.feed_samples import AT, METRO, ZONE, metro

MINUTE = timedelta(minutes=1)
THINGS = {"line-2": AT, "line-17": AT}
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = b64encode(KEY.public_key().public_bytes_raw()).decode()
CLOSED = metro(way="one-way", public_key=PUBLIC)


def heard(**other: Any) -> Heard:
    usual: dict[str, Any] = {"feed": "metro", "since": AT - 60 * MINUTE, "last_at": AT, "things": THINGS}
    return Heard(**(usual | other))


def found(now: datetime = AT, feed: Feed | None = None, **other: Any) -> Standing:
    return standing(feed or metro(), heard(**other), now, ZONE)


def test_a_feed_is_late_by_the_time_of_its_newest_value() -> None:
    assert found(AT + 15 * MINUTE) == FRESH
    assert found(AT + 16 * MINUTE) == Standing("late", "late", 16)


def test_a_feed_that_never_came_is_awaited_first_and_late_then() -> None:
    never: dict[str, Any] = {"last_at": None, "things": {}}

    assert found(AT - 50 * MINUTE, **never) == Standing("awaited", "awaited")
    assert found(AT, **never) == Standing("late", "never-came", 60)


def test_a_broken_delivery_stands_before_lateness_and_findings() -> None:
    assert found(AT + 60 * MINUTE, failed="columns", about="in", findings=[Finding("jump", 1)]) == Standing(
        "broken", "columns", 1, "in"
    )


def test_things_that_stopped_and_values_that_do_not_move_are_suspicious() -> None:
    stuck = metro(quantity=[METRO["quantity"][0] | {"stuck_after_s": 600}])
    same: Mapping[tuple[str, str], datetime] = {("line-2", "n_in"): AT - 10 * MINUTE, ("line-17", "n_in"): AT}

    assert found(things={"line-2": AT, "line-17": AT - 16 * MINUTE}) == Standing("suspicious", "missing", 1, "line-17")
    assert found(feed=stuck, same_since=same) == Standing("suspicious", "stuck", 1, "line-2 n_in")


def test_the_end_of_the_grant_stands_before_all_else_and_is_told_once() -> None:
    over = datetime(2024, 11, 10, 16, tzinfo=UTC)
    row, feed = FeedNow(feed="metro", state="late"), metro()

    now = standing(feed, heard(failed="columns"), over, ZONE)

    assert now == Standing("ended", "grant-ended", 0, "2024-11-10")
    assert changed(row, now) is None
    assert ended(row, now, feed, 7) == GrantEnded(feed="metro", until=date(2024, 11, 10), after="hide", dropped=7)
    assert ended(msgspec.structs.replace(row, state="ended"), now, feed, 0) is None


def test_only_news_become_facts() -> None:
    late = Standing("late", "late", 16)
    fell = FeedFell(feed="metro", state="late", reason="late", count=16, about="")
    awaited, fallen = FeedNow(feed="metro"), FeedNow(feed="metro", state="late", reason="late")

    assert changed(awaited, late) == fell
    assert changed(fallen, Standing("late", "late", 17)) is None
    assert changed(fallen, FRESH) == FeedRecovered(feed="metro", before="late")
    assert changed(awaited, FRESH) is None
    assert changed(awaited, Standing("awaited", "awaited")) is None


def test_a_signed_file_is_opened_and_a_missing_one_is_counted() -> None:
    data = sign(KEY, "metro", 5, "csv", b"a,b\n")

    assert open_signed("metro", CLOSED, data, 4) == Opened(b"a,b\n", "csv", 5, 0)
    assert open_signed("metro", CLOSED, data, 2) == Opened(b"a,b\n", "csv", 5, 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"counter": 6}, "bad-signature"),
        ({"feed": "metro2"}, "bad-signature"),
        ({"format": "json"}, "bad-signature"),
        ({"body": b64encode(b"a,c\n").decode()}, "bad-signature"),
        ({"signature": b64encode(b"\0" * 64).decode()}, "bad-signature"),
        ({"signature": b64encode(b"short").decode()}, "bad-signature"),
        ({"signature": "no base64!"}, "not-signed"),
        ({"counter": 0}, "not-signed"),
        ({"counter": True}, "not-signed"),
        ({"more": 1}, "not-signed"),
    ],
)
def test_a_signed_file_that_was_touched_is_refused(change: dict[str, Any], code: str) -> None:
    said = msgspec.json.decode(sign(KEY, "metro", 5, "csv", b"a,b\n")) | change

    told = open_signed("metro", CLOSED, msgspec.json.encode(said), 4)

    assert isinstance(told, Broken) and told.code == code


def test_replays_other_feeds_and_other_keys_are_refused() -> None:
    data = sign(KEY, "metro", 5, "csv", b"a,b\n")
    other = sign(Ed25519PrivateKey.from_private_bytes(b"o" * 32), "metro", 5, "csv", b"a,b\n")

    assert open_signed("metro", CLOSED, data, 5) == Broken("replayed", "5 ≤ 5")
    assert open_signed("metro", CLOSED, data, 9) == Broken("replayed", "5 ≤ 9")
    assert open_signed("parking", CLOSED, data, 4) == Broken("other-feed", "metro")
    assert open_signed("metro", CLOSED, other, 4) == Broken("bad-signature")
    assert open_signed("metro", CLOSED, b"x" * (MOST_SIGNED + 1), 4) == Broken("oversize", f"{MOST_SIGNED + 1:,} B")


@given(st.lists(st.integers(1, 9), max_size=20))
def test_whatever_order_signed_files_come_in_each_counter_is_taken_once_and_every_gap_is_seen(order: list[int]) -> None:
    last, taken, missing = 0, list[int](), 0

    for counter in order:
        told = open_signed("metro", CLOSED, sign(KEY, "metro", counter, "csv", b"x"), last)
        if isinstance(told, Opened):
            last, missing = told.counter, missing + told.missing
            taken.append(counter)

    assert taken == sorted(set(taken))
    assert last == len(taken) + missing


@given(st.binary(max_size=200))
def test_whatever_comes_as_a_signed_file_nothing_raises(data: bytes) -> None:
    assert isinstance(open_signed("metro", CLOSED, data, 0), Broken)


def test_the_key_of_a_declaration_is_the_raw_public_key() -> None:
    assert len(b64decode(PUBLIC)) == 32
