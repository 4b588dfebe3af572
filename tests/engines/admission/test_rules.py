# SPDX-License-Identifier: Apache-2.0
"""Admission's rules, folds and totals agree with a plain reference over any history."""

from datetime import UTC, date, datetime, timedelta
from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.admission import figures, rules, state
from fourleaf.engines.admission.facts import Direction, Entered, Left, TurnedAway
from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.fold import fold_total
from fourleaf.kernel.refusal import Refusal
from fourleaf.pack.facts import Declared

AT = datetime(2024, 11, 5, 1, tzinfo=UTC)
DAY = date(2024, 11, 5)
directions: st.SearchStrategy[Direction] = st.sampled_from(["in", "out"])
attempts = st.lists(st.tuples(st.sampled_from("abc"), directions, st.booleans(), st.integers(0, 600)), max_size=60)


def _attempt(direction: Direction, *, closed: bool = False, minute: int = 0, second: float = 0) -> rules.Attempt:
    at = AT + timedelta(minutes=minute, seconds=second)
    return rules.Attempt(lane="l1", gate="N", direction=direction, at=at, day=DAY, closed=closed)


def _fact(holder: str, version: int, body: Body, at: datetime) -> Fact:
    return Fact(
        run="r", stream=f"holder:{holder}", version=version, body=body, occurred_at=at, recorded_at=at, actor="lane:l1"
    )


def _history(given: list[tuple[str, Direction, bool, int]]) -> list[Fact]:
    """Decide every attempt in turn, as the action does; no two at one same instant."""
    presences: dict[str, state.Presence] = {}
    facts = []
    for number, (holder, direction, closed, minute) in enumerate(sorted(given, key=itemgetter(3))):
        presence = presences.get(holder, state.Presence(holder=holder))
        attempt = _attempt(direction, closed=closed, minute=minute, second=number / 60)
        fact = _fact(holder, presence.version + 1, rules.admit(presence, attempt), attempt.at)
        presences[holder] = state.fold(presence, fact)
        facts.append(fact)
    return facts


def test_admit_lets_a_newcomer_in() -> None:
    assert rules.admit(state.Presence(holder="a"), _attempt("in")) == Entered(lane="l1", gate="N", day=DAY, first=True)


def test_admit_turns_away_who_is_inside_already() -> None:
    refused = rules.admit(state.Presence(holder="a", inside=True, day=DAY), _attempt("in"))

    assert refused == TurnedAway(lane="l1", gate="N", day=DAY, direction="in", code="admission.already-inside")


def test_who_was_not_seen_leaving_yesterday_comes_in_today() -> None:
    yesterday = state.Presence(holder="a", inside=True, day=DAY - timedelta(days=1))

    assert rules.admit(yesterday, _attempt("in")) == Entered(lane="l1", gate="N", day=DAY, first=True)
    assert isinstance(rules.admit(yesterday, _attempt("out")), TurnedAway)


def test_admit_lets_people_out_of_a_closed_gate_but_not_in() -> None:
    out = rules.admit(state.Presence(holder="a", inside=True, day=DAY), _attempt("out", closed=True))
    refused = rules.admit(state.Presence(holder="a"), _attempt("in", closed=True))

    assert out == Left(lane="l1", gate="N", day=DAY)
    assert isinstance(refused, TurnedAway)
    assert refused.code == "admission.gate-closed"


def test_a_passage_from_the_future_is_refused_and_one_within_the_allowance_is_not() -> None:
    assert rules.plausible(AT + rules.CLOCK_AHEAD, AT) is None
    assert rules.plausible(AT + rules.CLOCK_AHEAD + timedelta(seconds=1), AT) == Refusal(
        "admission.clock-ahead", {"minutes": 10}, "occurred_at"
    )


def test_a_passage_from_before_the_fair_is_refused_and_one_of_a_gate_that_was_cut_off_is_not() -> None:
    assert rules.plausible(AT - rules.LATEST, AT) is None
    assert rules.plausible(AT - timedelta(days=3650), AT) == Refusal(
        "admission.clock-behind", {"days": 14}, "occurred_at"
    )


@given(attempts)
def test_nobody_enters_twice_without_leaving(given: list[tuple[str, Direction, bool, int]]) -> None:
    inside: set[str] = set()
    for fact in _history(given):
        match fact.body:
            case Entered():
                assert fact.stream not in inside
                inside.add(fact.stream)
            case Left():
                inside.remove(fact.stream)


@given(attempts)
def test_totals_agree_with_counting_the_facts(given: list[tuple[str, Direction, bool, int]]) -> None:
    facts = _history(given)
    lane_minute, day = state.TOTALS[0], state.TOTALS[1]

    minutes = fold_total(lane_minute, {}, facts).values()
    days = fold_total(day, {}, facts)

    entries = sum(isinstance(fact.body, Entered) for fact in facts)
    exits = sum(isinstance(fact.body, Left) for fact in facts)
    assert (sum(row.entries for row in minutes), sum(row.exits for row in minutes)) == (entries, exits)
    if facts:
        assert (days[(DAY,)].entries, days[(DAY,)].exits, days[(DAY,)].inside) == (entries, exits, entries - exits)
        assert days[(DAY,)].peak_inside >= days[(DAY,)].inside >= 0


@given(attempts, st.integers(0, 59))
def test_totals_do_not_depend_on_how_the_tail_cuts_its_batches(
    given: list[tuple[str, Direction, bool, int]], cut: int
) -> None:
    facts = _history(given)
    day = state.TOTALS[1]

    at_once = fold_total(day, {}, facts)
    first = fold_total(day, {}, facts[:cut])
    in_two = first | fold_total(day, first, facts[cut:])

    assert in_two == at_once


def test_a_late_fact_shows_as_a_revision() -> None:
    on_time = _fact("a", 1, Entered(lane="l1", gate="N", day=DAY), AT)
    late = Fact(
        run="r",
        stream="holder:b",
        version=1,
        body=on_time.body,
        occurred_at=AT,
        recorded_at=AT + timedelta(hours=2),
        actor="lane:l1",
    )

    then = figures.entries([on_time, late], DAY, happened_by=AT, known_by=AT)
    now = figures.entries([on_time, late], DAY, happened_by=AT, known_by=AT + timedelta(hours=2))

    assert (then.value, now.value) == (1, 2)
    assert (then.unit, then.as_of, now.known_by) == ("person-time", AT, AT + timedelta(hours=2))
    assert figures.inside([on_time, late], happened_by=AT, known_by=AT).value == 1


def test_the_published_total_of_an_earlier_edition_is_followed() -> None:
    told = {
        "key": "admission.entries",
        "edition": "ciie-4",
        "value": 480_000,
        "unit": "person-time",
        "bound": "over",
        "as_of": "2021-11-10T12:00:00+08:00",
        "source": "002",
        "quote": "累计进场超过48万人次",
    }
    other = told | {"key": "other", "edition": "ciie-1"}
    fact = _fact("x", 1, Declared(kind="history", key="ciie-4", value={"figure": [other, told]}), AT)
    total = next(total for total in state.TOTALS if total.name == "published")

    rows = fold_total(total, {}, [fact])

    assert rows == {
        ("ciie-4",): state.Published(
            edition="ciie-4",
            value=480_000,
            unit="person-time",
            bound="over",
            as_of=datetime(2021, 11, 10, 4, tzinfo=UTC),
            source="002",
            quote="累计进场超过48万人次",
        )
    }
