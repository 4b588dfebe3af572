# SPDX-License-Identifier: Apache-2.0
"""After a partition: any lanes, any order, any piece twice, and the same state results, with every double entry told once."""

from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.admission.facts import Entered, Known, Left, TurnedAway
from fourleaf.engines.admission.state import DoubleEntry, Holder, LaneMinute, Presence, as_of, fold, recent
from fourleaf.engines.admission.state.holders import rows, step
from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.fold import Row
from tests.engines.admission.fair import VISITOR, Fair, code
from tests.engines.at_work import AT, AtWork

DAY = AT.date()
# What gates did of one holder: minute, lane, whether in. A nonce each, so that two may be at one moment.
passages = st.lists(
    st.tuples(st.integers(0, 3_000), st.sampled_from("ABC"), st.sampled_from(["in", "in", "out"])), max_size=12
)


def _bodies(given: list[tuple[int, str, str]]) -> list[tuple[datetime, Body]]:
    found = list[tuple[datetime, Body]]()
    for number, (minute, lane, direction) in enumerate(given):
        at = AT + timedelta(minutes=minute)
        said: dict[str, Any] = {"lane": lane, "gate": lane, "day": at.date(), "nonce": f"n{number}", "how": "offline"}
        found.append((at, Entered(**said) if direction == "in" else Left(**said)))
    return found


def _facts(told: list[tuple[datetime, Body]]) -> list[Fact]:
    return [
        Fact(run="r", stream="holder:a", version=version, body=body, occurred_at=at, recorded_at=AT, actor="lane:x")
        for version, (at, body) in enumerate(told, 1)
    ]


def _when(one: tuple[datetime, Body]) -> tuple[datetime, str, str]:
    at, body = one
    assert isinstance(body, Entered | Left)
    return at, "in" if isinstance(body, Entered) else "out", f"{body.lane}:{body.nonce}"


def _plain(told: list[tuple[datetime, Body]]) -> tuple[bool, set[tuple[str, str]]]:
    """Whether he is inside, and the pairs of entries without an exit between: by walking through the days."""
    inside, last, pairs = False, None, set[tuple[str, str]]()
    for _, body in sorted(told, key=_when):
        assert isinstance(body, Entered | Left)
        entered = isinstance(body, Entered)
        if entered and last is not None and last.day == body.day:
            pairs.add((last.nonce, body.nonce))
        inside, last = entered, body if entered else None
    return inside, pairs


def _pairs(state: Holder) -> set[tuple[str, str]]:
    return {(one.one.id[2:], one.other.id[2:]) for one in rows(state) if isinstance(one, DoubleEntry)}


@given(passages, st.randoms(use_true_random=False))
def test_the_state_depends_on_which_passages_there_were_and_not_on_their_order(
    given: list[tuple[int, str, str]], random: Random
) -> None:
    told = _bodies(given)
    shuffled = random.sample(told, len(told))

    assert list(rows(as_of("a", _facts(shuffled)))) == list(rows(as_of("a", _facts(told))))


@given(passages)
def test_double_entries_are_those_that_a_walk_through_the_day_finds(given: list[tuple[int, str, str]]) -> None:
    told = _bodies(given)
    state = as_of("a", _facts(told))

    inside, pairs = _plain(told)

    assert (state.presence.inside, _pairs(state)) == (inside, pairs)


@given(passages)
def test_the_last_passage_is_enough_for_one_that_comes_after_it(given: list[tuple[int, str, str]]) -> None:
    """What is read on the way of a redeem leads to the same rows as reading everything."""
    facts = _facts(sorted(_bodies(given), key=lambda one: one[0]))
    whole, table = Holder(presence=Presence(holder="a")), dict[Any, Row]()

    for fact in facts:
        little = recent(whole.presence)
        if whole.presence.last is None or fact.occurred_at > whole.presence.last.at:
            gone = {one.key() for one in rows(little)} - {one.key() for one in rows(step(little, fact))}
            assert gone == set()
            table |= {(type(one), one.key()): one for one in rows(step(little, fact))}
        else:
            table |= {(type(one), one.key()): one for one in rows(step(whole, fact))}
            kept = {(type(one), one.key()) for one in rows(step(whole, fact))}
            table = {key: one for key, one in table.items() if key in kept}
        whole = step(whole, fact)

    assert table == {(type(one), one.key()): one for one in rows(whole)}


def test_a_late_exit_explains_a_double_entry_away() -> None:
    one, other, exit_ = _bodies([(0, "A", "in"), (20, "B", "in"), (10, "C", "out")])

    assert _pairs(as_of("a", _facts([one, other]))) == {("n0", "n1")}
    assert _pairs(as_of("a", _facts([one, other, exit_]))) == set()


def test_somebody_who_was_turned_away_is_nowhere_else_than_before() -> None:
    (fact,) = _facts([(AT, TurnedAway(lane="A", gate="A", day=DAY, direction="in", code="admission.revoked"))])

    assert fold(Presence(holder="a"), fact) == Presence(holder="a", version=1)


# ---------------------------------------------------------------- twelve gates, on a real database

GATES = [f"G{number}-1" for number in range(1, 13)]
HOLDERS = 10
# The clock of the server stands at AT.
CUT_OFF = AT - timedelta(hours=4)


def _queues(random: Random) -> dict[str, list[dict[str, Any]]]:
    """What twelve gates decided alone within three hours: some holders at two gates, some out again, some turned away."""
    queues: dict[str, list[dict[str, Any]]] = {lane: [] for lane in GATES}
    for index in range(1, HOLDERS + 1):
        for minute in sorted(random.sample(range(180), random.randint(1, 5))):
            lane = random.choice(GATES)
            kind = random.choices(["in", "out", "no"], [6, 3, 1])[0]
            queues[lane].append(_kept(lane, len(queues[lane]), index, minute, kind))
    return queues


def _kept(lane: str, counter: int, index: int, minute: int, kind: str) -> dict[str, Any]:
    return {
        "nonce": f"{lane}.{counter}",
        "counter": counter,
        "at": (CUT_OFF + timedelta(minutes=minute, seconds=counter)).isoformat(),
        "direction": "out" if kind == "out" else "in",
        "outcome": "refuse" if kind == "no" else "admit",
        "code": "admission.already-inside" if kind == "no" else None,
        "index": index,
        "category": VISITOR,
        "table": "t1",
        "known": {"status": "valid", "list": "17", "list_age_s": 60 * minute, "clock_trusted": True},
    }


def _pieces(random: Random, queues: dict[str, list[dict[str, Any]]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Each queue cut into pieces, some told twice, all of them mixed."""
    found = list[tuple[str, list[dict[str, Any]]]]()
    for lane, queue in queues.items():
        while queue:
            size = random.randint(1, 4)
            found.append((lane, queue[:size]))
            if random.random() < 0.3:
                found.append((lane, queue[:size]))
            queue = queue[size:]
    random.shuffle(found)
    return found


async def _state(at_work: AtWork) -> dict[str, list[Any]]:
    await at_work.picture("gate")
    return _sorted(await at_work.rows(Presence, DoubleEntry, LaneMinute))


@pytest.fixture
async def fair(at_work: AtWork) -> Fair:
    made = await Fair(at_work).open()
    for index in range(1, HOLDERS + 1):
        await made.issue(f"h{index}", index)
    return made


@pytest.mark.postgres
@pytest.mark.parametrize("seed", [1, 2])
async def test_twelve_gates_tell_their_queues_in_any_order_and_the_same_state_results(fair: Fair, seed: int) -> None:
    queues = _queues(Random(5))

    told = [fair.upload(lane, piece) for lane, piece in _pieces(Random(seed), queues)]

    whole = [(lane, one) for lane, queue in queues.items() for one in queue]
    state = await _state(fair.at_work)
    assert sum(one["taken"] for one in told) == len(whole)
    assert [one["refused"] for one in told] == [[]] * len(told)
    assert state == _expected(whole)
    await fair.at_work.rebuild()
    assert _sorted(await fair.at_work.rows(Presence, DoubleEntry, LaneMinute)) == state


def _expected(whole: list[tuple[str, dict[str, Any]]]) -> dict[str, list[Any]]:
    """The tables as they must be: folded from the passages in the order of their time, without server and database."""
    found: dict[str, list[Any]] = {row.TABLE: [] for row in (Presence, DoubleEntry, LaneMinute)}
    minutes: dict[tuple[str, str], dict[str, Any]] = {}
    for index in range(1, HOLDERS + 1):
        mine = sorted((one["at"], lane, one) for lane, one in whole if one["index"] == index)
        facts = [_fact(number, lane, one) for number, (_, lane, one) in enumerate(mine, 1)]
        for row in rows(as_of(f"h{index}", facts)):
            found[row.TABLE].append(msgspec.to_builtins(row))
    for lane, one in whole:
        minute = datetime.fromisoformat(one["at"]).replace(second=0)
        count = minutes.setdefault((minute.isoformat(), lane), _no_minute(minute, lane))
        count["turned_away" if one["outcome"] != "admit" else "exits" if one["direction"] == "out" else "entries"] += 1
    found[LaneMinute.TABLE] = list(minutes.values())
    return _sorted({table: [_as_text(one) for one in some] for table, some in found.items()})


def _sorted(tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {table: sorted(some, key=partial(msgspec.json.encode, order="sorted")) for table, some in tables.items()}


def _no_minute(minute: datetime, lane: str) -> dict[str, Any]:
    counts = {"entries": 0, "exits": 0, "turned_away": 0}
    return {"minute": minute, "lane": lane, "category": VISITOR, "gate": lane[:-2], **counts}


def _as_text(row: dict[str, Any]) -> dict[str, Any]:
    """As the database tells its rows."""
    fields = ("entered_at", "minute")
    return {
        key: datetime.fromisoformat(str(value)).isoformat() if key in fields and value else value
        for key, value in row.items()
    }


def _fact(version: int, lane: str, one: dict[str, Any]) -> Fact:
    said: dict[str, Any] = {"lane": lane, "gate": lane[:-2], "day": DAY, "nonce": one["nonce"], "how": "offline"}
    said["known"] = msgspec.convert(one["known"], Known)
    if one["outcome"] != "admit":
        body: Body = TurnedAway(**said, direction="in", code=one["code"])
    else:
        body = Left(**said) if one["direction"] == "out" else Entered(**said)
    at = datetime.fromisoformat(one["at"])
    return Fact(
        run="r", stream=f"holder:h{one['index']}", version=version, body=body, occurred_at=at, recorded_at=AT, actor="x"
    )


@pytest.mark.postgres
async def test_a_double_entry_names_both_passages_and_what_was_known_to_whom(fair: Fair) -> None:
    fair.upload("G2-1", [_kept("G2-1", 0, 1, 20, "in")])
    fair.upload("G1-1", [_kept("G1-1", 0, 1, 10, "in")])

    (item,) = fair.at_work.get("/admission/doubles.json").json()

    assert (item["holder"], item["one"]["gate"], item["other"]["gate"]) == ("h1", "G1", "G2")
    assert (item["one"]["at"], item["other"]["at"]) == ("2024-11-04T21:10:00Z", "2024-11-04T21:20:00Z")
    assert (item["one"]["known"]["list_age_s"], item["other"]["known"]["list_age_s"]) == (600, 1_200)
    persons = [one.first for one in await fair.at_work.facts("holder:h1") if isinstance(one, Entered)]
    assert persons == [True, False]


@pytest.mark.postgres
async def test_a_passage_that_the_server_knows_already_is_not_counted_again(fair: Fair) -> None:
    """The answer was lost, the lane fell back with the same nonce and told it later."""
    fair.redeem("G1-1", code(1), nonce="G1-1.0")

    told = fair.upload("G1-1", [_kept("G1-1", 0, 1, 0, "in")])

    assert (told["taken"], told["known"]) == (0, 1)
    assert len(await fair.at_work.facts("holder:h1")) == 1


@pytest.mark.postgres
async def test_whom_the_server_turned_away_while_the_lane_let_him_in_is_in_nevertheless(fair: Fair) -> None:
    fair.redeem("G2-1", code(1))
    fair.redeem("G1-1", code(1), nonce="G1-1.0")

    first, again = (fair.upload("G1-1", [_kept("G1-1", 0, 1, 5, "in")]) for _ in range(2))

    assert (first["taken"], again["known"]) == (1, 1)
    assert [type(one) for one in await fair.at_work.facts("holder:h1")] == [Entered, TurnedAway, Entered]
    assert len(fair.at_work.get("/admission/doubles.json").json()) == 1


@pytest.mark.postgres
async def test_what_cannot_have_been_is_named_and_the_rest_is_taken(fair: Fair) -> None:
    wrong = _kept("G1-1", 1, 2, 600, "in")
    unnamed = _kept("G1-1", 2, 0, 0, "no") | {"index": None, "code": "admission.bad-code"}

    told = fair.upload("G1-1", [_kept("G1-1", 0, 1, 0, "in"), wrong, unnamed])

    assert (told["taken"], [(one["nonce"], one["code"]) for one in told["refused"]]) == (
        2,
        [("G1-1.1", "admission.clock-ahead")],
    )
    assert len(await fair.at_work.facts("unread:G1-1")) == 1


@pytest.mark.postgres
async def test_a_nonce_belongs_to_one_credential(fair: Fair) -> None:
    fair.upload("G1-1", [_kept("G1-1", 0, 1, 0, "in")])

    told = fair.upload("G1-1", [_kept("G1-1", 0, 2, 0, "in")])

    assert [one["code"] for one in told["refused"]] == ["admission.nonce-taken"]


@pytest.mark.postgres
async def test_a_late_upload_corrects_a_past_minute_and_shows_as_a_revision(fair: Fair) -> None:
    asked = "/admission/figures.json?day=2024-11-05&happened_by=2024-11-05T00:30:00Z"
    before = fair.at_work.get(asked).json()[0]["value"]

    fair.upload("G1-1", [_kept("G1-1", 0, 1, 10, "in")])

    after = fair.at_work.get(asked).json()[0]["value"]
    then = fair.at_work.get(f"{asked}&known_by=2024-11-05T00:59:00Z").json()[0]["value"]
    assert (before, after, then) == (0, 1, 0)
