# SPDX-License-Identifier: Apache-2.0
"""Feeds on the desk: how each stands, a table sent by hand and taken when it was seen, and a token shown once."""

import re
from datetime import timedelta

import pytest

from fourleaf.engines.sensing.actions import feeds as actions
from fourleaf.engines.sensing.facts import FeedTokenMade, SentByHand
from tests.engines.at_work import AT, AtWork
from tests.engines.sensing.feed_samples import METRO
from tests.engines.sensing.test_feeds import both, kept, push, row, table
from tests.standards.spreadsheets.made import saved

pytestmark = pytest.mark.postgres
ONE = "/desk/feeds/metro"


@pytest.fixture
async def desk(at_work: AtWork) -> AtWork:
    await at_work.declare("feed", "metro", **METRO)
    return at_work


def seen(page: str) -> str:
    return str(re.findall(r'name="seen" value="([\d-]+)"', page)[0])


async def test_a_feed_is_listed_with_its_state_why_and_how_old_it_is(desk: AtWork) -> None:
    await push(desk, table(row("line-2"), row("line-17", n_in="many")))
    desk.at = AT + timedelta(minutes=20)
    await actions.watch_feeds(desk.site)

    en, zh = (desk.get(f"/desk/feeds?lang={lang}").text for lang in ("en", "zh"))

    assert (
        "Metro counts" in en
        and "Late" in en
        and "Awaited" not in en
        and "the newest value was 20 min old" in en
        and "in part" in en
    )
    assert "地铁客流" in zh and "迟到" in zh and "当时最新数据已是 20 分钟前" in zh and "2024-11-10" in zh


async def test_one_feed_shows_values_deliveries_and_what_was_wrong_by_row_and_column(desk: AtWork) -> None:
    await push(desk, table(row("line-2"), row("line-17", n_in="<b>many")))

    page = desk.get(f"{ONE}?lang=en").text

    assert "Line 2" in page and "1 rows refused, mostly: not a number" in page
    assert "&lt;b&gt;many" in page and "<b>many" not in page
    assert "POST /r/" in page and "2024-10-01 – 2024-11-10" in page


@pytest.mark.parametrize("body", [both(), saved([["line", "at", "in", "out"], ["line-2", AT.isoformat(), 100, 50]])])
async def test_a_table_is_sent_by_hand_looked_at_and_taken_in(desk: AtWork, body: bytes) -> None:
    sent = desk.send_file(f"{ONE}/imports", body)
    path = f"{ONE}/{sent.headers['location']}"
    page = desk.get(f"{path}?lang=en").text
    before = await kept(desk)

    done = desk.send_form(path, seen=seen(page))
    again = desk.send_form(path, seen=seen(page))

    values = int(seen(page).partition("-")[0])
    assert (before, len(await kept(desk))) == ([], values)
    assert done.headers["location"] == "../../metro?done=taken"
    assert again.headers["location"] == "../../metro?done=repeated"
    assert [one for one in await desk.facts("feed:metro") if isinstance(one, SentByHand)] == [
        SentByHand(feed="metro", rows=values // 2, kept=values, refused=0)
    ]
    assert "Taken in." in desk.get(f"{ONE}?lang=en&done=taken").text


async def test_wrong_rows_are_left_out_only_when_it_is_said_so(desk: AtWork) -> None:
    sent = desk.send_file(f"{ONE}/imports", table(row("line-2"), row("line-9")))
    path = f"{ONE}/{sent.headers['location']}"
    page = desk.get(f"{path}?lang=en").text

    refused = desk.send_form(f"{path}?lang=en", seen=seen(page))
    other = desk.send_form(f"{path}?lang=en", seen="9-1", rest="yes")
    none = await kept(desk)
    done = desk.send_form(path, seen=seen(page), rest="yes")

    assert "a thing that is not declared" in page and "line-9" in page
    assert [refused.status_code, other.status_code, none, done.status_code] == [422, 422, [], 303]
    assert len(await kept(desk)) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03", "type"),
        (b"PK\x03\x04 broken", "damaged"),
    ],
)
async def test_a_file_that_cannot_be_a_table_is_refused_at_once(desk: AtWork, body: bytes, said: str) -> None:
    answer = desk.send_file(f"{ONE}/imports?lang=en", body)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


async def test_a_table_that_cannot_be_used_says_why_and_offers_nothing_to_take(desk: AtWork) -> None:
    sent = desk.send_file(f"{ONE}/imports", b"line,at,out\nline-2,2024-11-05,1\n")

    page = desk.get(f"{ONE}/{sent.headers['location']}?lang=en")

    assert page.status_code == 422
    assert "columns are missing: in" in page.text and 'id="take"' not in page.text


async def test_what_is_finer_than_allowed_is_not_even_kept_as_a_file(at_work: AtWork) -> None:
    await at_work.declare("feed", "metro", **METRO | {"aggregates": {"smallest": 5, "column": "n"}})
    body = b"line,at,in,out,n\nline-2,2024-11-05 08:59,4711,1,3\n"

    answer = at_work.send_file(f"{ONE}/imports?lang=en", body)

    assert answer.status_code == 422 and "finer than its owner allows" in answer.text
    async with at_work.site.connection() as connection:
        cursor = await connection.execute("select count(*) from fourleaf.blob where run = %s", [at_work.run])
        assert await cursor.fetchone() == (0,)


async def test_a_token_is_shown_once(desk: AtWork) -> None:
    first = desk.send_form(f"{ONE}/token?lang=en", nonce="n")
    again = desk.send_form(f"{ONE}/token?lang=en", nonce="n")

    found = re.findall(r"<code>([\w-]{40,})</code>", first.text)
    assert (first.status_code, len(found), first.headers["cache-control"]) == (200, 1, "no-store")
    assert found[0] not in again.text and "not shown again" in again.text
    assert await desk.facts("feed:metro") == [FeedTokenMade(feed="metro")]


async def test_a_feed_that_one_may_not_see_is_not_there(at_work: AtWork) -> None:
    await at_work.declare("feed", "metro", **METRO | {"see": ["group:traffic"], "send": ["group:traffic"]})

    assert at_work.get(ONE).status_code == 404
    assert at_work.send_file(f"{ONE}/imports", both()).status_code == 404
    assert "metro" not in at_work.get("/desk/feeds").text


async def test_who_may_only_see_may_not_send(at_work: AtWork) -> None:
    await at_work.declare("feed", "metro", **METRO | {"send": ["group:traffic"]})

    assert 'type="file"' not in at_work.get(ONE).text
    assert at_work.send_file(f"{ONE}/imports", both()).status_code == 403
    assert at_work.send_form(f"{ONE}/token", nonce="n").status_code == 403


@pytest.mark.parametrize("words", ["metro", "地铁", "Metro Counts", "集团"])
def test_the_search_finds_a_feed_by_its_names_and_its_owner(desk: AtWork, words: str) -> None:
    page = desk.get(f"/desk/search?q={words}&lang=zh").text

    assert re.findall(r'href="[^"]*/desk/feeds/([^"]+)"', page) == ["metro"]
