# SPDX-License-Identifier: Apache-2.0
"""Feeds at work: a delivery is kept once, what is wrong is remembered, and how a feed stands becomes a fact when it is news."""

import asyncio
import re
from base64 import b64encode
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fourleaf.app.settings import Settings
from fourleaf.engines.sensing.actions import feeds as actions
from fourleaf.engines.sensing.actions.feeds import Came
from fourleaf.engines.sensing.facts import FeedFell, FeedRecovered, GrantEnded
from fourleaf.engines.sensing.feeds import pull
from fourleaf.engines.sensing.picture.feed_words import REASONS, ROW
from fourleaf.engines.sensing.rules import feed_reading, feed_signed, feed_standing, feed_tables
from fourleaf.engines.sensing.rules.feed_signed import sign
from fourleaf.engines.sensing.rules.feed_tables import Broken
from fourleaf.engines.sensing.state.feeds import FeedNow
from fourleaf.engines.sensing.store import feeds as store
from fourleaf.engines.sensing.store import intake
from fourleaf.engines.sensing.store.feeds import Delivered
from fourleaf.postgres.pool import Connection
from tests.engines.at_work import AT, AtWork
from tests.engines.sensing.feed_samples import METRO

pytestmark = pytest.mark.postgres

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC = b64encode(KEY.public_key().public_bytes_raw()).decode()
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def site(at_work: AtWork) -> AtWork:
    await at_work.declare("feed", "metro", **METRO)
    return at_work


def table(*rows: str) -> bytes:
    return "\n".join(["line,at,in,out", *rows]).encode()


def row(line: str, at: datetime = AT, n_in: Any = 100, n_out: Any = 50) -> str:
    return f"{line},{at.isoformat()},{n_in},{n_out}"


def both(at: datetime = AT, n_in: Any = 100) -> bytes:
    return table(row("line-2", at, n_in), row("line-17", at, n_in))


async def push(site: AtWork, body: bytes, way: str = "push", **other: Any) -> Delivered:
    async with site.site.connection() as connection:
        feed = await store.feed(connection, "metro")
    assert feed is not None
    return await actions.take_feed(site.site, "metro", feed, Came(way=way, name="test", body=body, **other))


async def kept(site: AtWork, table: str = "measure") -> list[tuple[Any, ...]]:
    async with site.site.connection() as connection:
        cursor = await connection.execute(
            f"select thing, quantity, at, value from {table} order by at, thing, quantity"
        )
        return list(await cursor.fetchall())


async def test_a_delivery_is_kept_once_however_often_and_at_once_it_comes(site: AtWork) -> None:
    found = await asyncio.gather(*(push(site, both()) for _ in range(5)))

    assert sorted((one.verdict, one.kept) for one in found) == [("repeated", 0)] * 4 + [("taken", 4)]
    assert (
        await kept(site)
        == await kept(site, "feed_value")
        == [
            ("line-17", "n_in", AT, 100.0),
            ("line-17", "n_out", AT, 50.0),
            ("line-2", "n_in", AT, 100.0),
            ("line-2", "n_out", AT, 50.0),
        ]
    )


async def test_deliveries_that_come_at_once_are_each_read_against_what_the_others_brought(site: AtWork) -> None:
    bodies = [table(row("line-2"), row("line-2", AT + MINUTE * number)) for number in range(1, 5)]

    found = await asyncio.gather(*(push(site, body) for body in bodies))

    assert sorted((one.kept, one.doubled) for one in found) == [(2, 2)] * 3 + [(4, 0)]
    assert len(await kept(site)) == 2 * 5


async def test_a_row_told_again_in_another_delivery_is_doubled_and_not_kept(site: AtWork) -> None:
    await push(site, both())

    again = await push(site, table(row("line-2"), row("line-17"), row("line-2", AT + MINUTE)))

    assert (again.kept, again.doubled) == (2, 4)


async def test_what_is_wrong_with_a_delivery_is_remembered_with_row_and_column(site: AtWork) -> None:
    await push(site, table(row("line-2"), row("line-17", n_in="many")))

    async with site.site.connection() as connection:
        (found,) = await store.deliveries(connection, "metro", 9)
    assert (found.verdict, found.rows, found.refused, found.kept) == ("partly", 2, 1, 2)
    assert [tuple(one) for one in found.problems] == [(3, "in", "not-number", "many")]
    assert await site.facts("feed:metro") == [
        FeedFell(feed="metro", state="suspicious", reason="rows-refused", count=1, about="not-number")
    ]


async def test_a_broken_feed_is_told_at_once_and_recovers_with_the_next_good_delivery(site: AtWork) -> None:
    await push(site, both())
    await push(site, b"line,at,out\nline-2,x,1\n")
    await push(site, b"line,at,out\nline-17,x,1\n")

    await push(site, both(AT + MINUTE))

    assert await site.facts("feed:metro") == [
        FeedFell(feed="metro", state="broken", reason="columns", count=1, about="in"),
        FeedRecovered(feed="metro", before="broken"),
    ]


async def test_a_feed_goes_stale_and_comes_back(site: AtWork) -> None:
    await push(site, both())
    site.at = AT + 16 * MINUTE
    looks = [await actions.watch_feeds(site.site) for _ in range(2)]

    await push(site, both(site.at))

    assert looks == [1, 0]
    assert await site.facts("feed:metro") == [
        FeedFell(feed="metro", state="late", reason="late", count=16, about=""),
        FeedRecovered(feed="metro", before="late"),
    ]


async def test_a_feed_that_never_came_is_late_some_time_after_we_began_to_listen(site: AtWork) -> None:
    await actions.watch_feeds(site.site)
    site.at = AT + 16 * MINUTE

    await actions.watch_feeds(site.site)

    assert await site.facts("feed:metro") == [
        FeedFell(feed="metro", state="late", reason="never-came", count=16, about="")
    ]


@pytest.mark.parametrize(("after", "left"), [("hide", 4), ("drop", 0)])
async def test_after_the_end_of_the_grant_nothing_is_taken_and_nothing_is_shown(
    at_work: AtWork, after: str, left: int
) -> None:
    grant = METRO["grant"] | {"after": after}
    await at_work.declare("feed", "metro", **METRO | {"grant": grant})
    await push(at_work, both())
    at_work.at = AT + timedelta(days=6)

    looks = [await actions.watch_feeds(at_work.site) for _ in range(2)]
    late = await push(at_work, both(at_work.at))

    assert looks == [1, 0]
    assert (late.verdict, late.code) == ("refused", "grant-ended")
    assert await at_work.facts("feed:metro") == [
        GrantEnded(feed="metro", until=date(2024, 11, 10), after=after, dropped=4 - left)
    ]
    assert len(await kept(at_work)) == left
    assert await kept(at_work, "feed_value") == []
    page = {lang: at_work.get(f"/desk/feeds/metro?lang={lang}").text for lang in ("zh", "en")}
    assert "授权已于 2024-11-10 到期" in page["zh"] and "the grant ended on 2024-11-10" in page["en"]
    before = await at_work.rows(FeedNow)
    await at_work.rebuild()
    assert await at_work.rows(FeedNow) == before
    async with at_work.site.connection() as connection:
        views = await store.views(connection, None, at_work.at)
    assert views["metro"].values == {}


async def test_what_is_finer_than_its_owner_allows_is_stored_nowhere(at_work: AtWork) -> None:
    await at_work.declare("feed", "metro", **METRO | {"aggregates": {"smallest": 5, "column": "persons"}})

    done = await push(
        at_work, b"line,at,in,out,persons\n" + f"{row('line-2', n_in=4711)},3\n{row('line-17')},7\n".encode()
    )

    assert (done.kept, done.refused) == (2, 1)
    async with at_work.site.connection() as connection:
        for name in ("measure", "feed_value", "feed_delivery", "feed_heard"):
            cursor = await connection.execute(f"select count(*) from {name} t where t::text like '%4711%'")
            assert await cursor.fetchone() == (0,), name


async def closed(site: AtWork, counter: int, at: datetime = AT, key: Ed25519PrivateKey = KEY) -> Delivered:
    return await push(site, sign(key, "metro", counter, "csv", both(at)), way="one-way")


async def test_signed_files_come_in_order_and_a_gap_a_replay_or_a_foreign_key_is_seen(at_work: AtWork) -> None:
    await at_work.declare("feed", "metro", **METRO | {"way": "one-way", "public_key": PUBLIC})
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32)

    found = [
        await closed(at_work, 1),
        await closed(at_work, 4, AT + MINUTE),
        await closed(at_work, 2, AT + 2 * MINUTE),
        await closed(at_work, 5, AT + 3 * MINUTE),
        await closed(at_work, 6, AT + 4 * MINUTE, other),
        await closed(at_work, 6, AT + 4 * MINUTE),
    ]

    assert [one.code or one.verdict for one in found] == [
        "taken",
        "taken",
        "replayed",
        "taken",
        "bad-signature",
        "taken",
    ]
    assert await at_work.facts("feed:metro") == [
        FeedFell(feed="metro", state="suspicious", reason="gap", count=2, about="2–3"),
        FeedFell(feed="metro", state="suspicious", reason="replayed", count=1, about="2 ≤ 4"),
        FeedRecovered(feed="metro", before="suspicious"),
        FeedFell(feed="metro", state="suspicious", reason="bad-signature", count=1, about=""),
        FeedRecovered(feed="metro", before="suspicious"),
    ]


async def test_a_way_that_brings_nothing_breaks_the_feed(site: AtWork) -> None:
    done = await push(site, b"", failed=Broken("unreachable", "timed out"))

    assert (done.verdict, done.code) == ("refused", "unreachable")
    assert await site.facts("feed:metro") == [
        FeedFell(feed="metro", state="broken", reason="unreachable", count=1, about="timed out")
    ]


async def test_how_feeds_stand_is_rebuilt_from_the_log(site: AtWork) -> None:
    await push(site, b"")
    before = await site.rows(FeedNow)

    await site.rebuild()

    assert await site.rows(FeedNow) == before
    assert len(before["sensing_feed"]) == 1


async def test_days_are_dropped_in_a_run_whose_name_has_a_dot(
    dsn: str, connection: Connection, run_name: str, tmp_path: Path
) -> None:
    async with AtWork(Settings(database_url=dsn, data=tmp_path), connection, f"{run_name}.r1") as site:
        await site.declare("feed", "metro", **METRO)
        await push(site, both())

        async with site.site.connection() as inside:
            assert await intake.drop_days(inside, date(2024, 11, 6)) == ["measure_20241105"]


async def test_the_map_shows_values_at_their_place_and_calls_for_a_fallen_feed(site: AtWork) -> None:
    await push(site, both())
    before = [await site.picture(layer) for layer in ("feed", "attention")]
    site.at = AT + 16 * MINUTE
    await actions.watch_feeds(site.site)

    after = await site.picture("attention")

    assert before[1] == {}
    assert list(before[0]) == ["metro/line-2"]
    assert [(one["key"], one["value"]) for one in before[0]["metro/line-2"]["values"]] == [
        ("n_in", "100"),
        ("n_out", "50"),
    ]
    assert after["feed:metro"]["severity"] == "unknown"
    assert after["feed:metro"]["what"] == {"zh": "数据迟到", "en": "Feed late"}
    assert after["feed:metro"]["why"]["en"] == "the newest value was 16 min old"


async def test_the_map_calls_for_a_feed_that_never_spoke_as_the_desk_does(site: AtWork) -> None:
    await actions.watch_feeds(site.site)
    site.at = AT + 16 * MINUTE

    await actions.watch_feeds(site.site)
    call = (await site.picture("attention"))["feed:metro"]

    async with site.site.connection() as connection:
        assert (await store.views(connection, None, site.at))["metro"].state == "late"
    assert (call["severity"], call["kind"], call["where"]["en"]) == ("unknown", "feed-late", "Metro counts")
    assert call["why"] == {"zh": "从未收到数据", "en": "nothing ever came"}


def test_every_reason_that_a_rule_gives_has_a_sentence() -> None:
    given = set[str]()
    for module in (feed_tables, feed_reading, feed_signed, feed_standing, pull, actions):
        text = Path(str(module.__file__)).read_text("utf-8")
        given |= set(re.findall(r'(?:Broken|Finding|Standing)\(\s*"[a-z]+"?, "([a-z-]+)"', text))
        given |= set(re.findall(r'(?:Broken|Finding)\("([a-z-]+)"', text))

    assert {"columns", "gap", "late", "redirected", "bad-signature"} <= given
    assert given <= set(REASONS)


def test_everything_that_is_wrong_with_a_row_has_a_sentence() -> None:
    text = Path(str(feed_reading.__file__)).read_text("utf-8")

    given = set(re.findall(r'Problem\([^)]*?"([a-z-]+)"', text)) | set(re.findall(r'return "([a-z-]+)"', text))

    assert {"required", "unknown-thing", "not-number"} <= given
    assert given | {"ahead", "behind", "before-grant", "formula", "sheet-error", "merged"} <= set(ROW)
