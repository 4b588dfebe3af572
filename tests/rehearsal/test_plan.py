# SPDX-License-Identifier: Apache-2.0
"""The plan of a day: everyone accounted for, the published counters met."""

import tracemalloc
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rehearsal import parameters as p
from rehearsal.halls import draw_walks
from rehearsal.plan import AGAIN, IN, OUT, DayPlan, plan_day
from rehearsal.population import TWO_PM, Hours, draw_population, entries_on, share_by
from tests.rehearsal.stand_in import a_venue

VENUE = a_venue()
DAY = date(2024, 11, 5)

seeds = st.integers(0, 2**32)
days = st.builds(
    lambda seed, entries, sample, closes: plan_day(
        VENUE,
        DAY,
        seed=seed,
        entries=entries,
        sample=sample,
        hours=Hours(last_entry=min(33, closes - 2) * 1800, closes=closes * 1800),
    ),
    seeds,
    st.integers(1, 3_000),
    st.sampled_from((0.05, 0.1, 0.5, 1.0)),
    st.integers(31, 44),
)


@pytest.fixture(scope="module")
def calibration() -> DayPlan:
    return plan_day(VENUE, p.CALIBRATION_DAY, seed=7)


@given(days)
@settings(max_examples=40, deadline=None)
def test_everyone_who_enters_leaves_before_closing(plan: DayPlan) -> None:
    inside = plan.inside_by_minute()

    assert (inside >= 0).all()
    assert inside[-1:].sum() == 0
    assert np.count_nonzero(plan.passages.turn == IN) == np.count_nonzero(plan.passages.turn == OUT)
    assert (plan.passages.at < plan.hours.closes).all()
    assert (np.diff(plan.passages.at) >= 0).all()


@given(days)
@settings(max_examples=20, deadline=None)
def test_every_holder_goes_in_and_out_in_turn(plan: DayPlan) -> None:
    passages = plan.passages

    for person in np.unique(passages.person):
        rows = np.flatnonzero(passages.person == person)
        turns = [int(turn) for turn in passages.turn[rows] if turn != AGAIN]
        assert turns == [IN, OUT] * (len(turns) // 2)
        assert passages.nth[rows].tolist() == list(range(len(rows)))
        assert all(earlier < later for earlier, later in pairwise(passages.at[rows].tolist()))


@given(days)
@settings(max_examples=40, deadline=None)
def test_halls_lose_nobody_and_hold_only_people_who_are_inside(plan: DayPlan) -> None:
    halls = np.array(list(plan.hall_occupancy().values()))

    assert (halls >= 0).all()
    assert (halls[:, -1] == 0).all()
    assert plan.door_in.sum() == plan.door_out.sum()
    assert (halls.sum(axis=0) <= plan.inside_by_minute()).all()


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_nobody_is_in_two_halls_at_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    population = draw_population(2_000, Hours(), rng)

    walks = draw_walks(population.stays(), VENUE.halls, 2_000, Hours(), rng)

    order = np.lexsort((walks.into, walks.person))
    same = walks.person[order][1:] == walks.person[order][:-1]
    assert (walks.into < walks.out).all()
    assert (walks.out[order][:-1][same] < walks.into[order][1:][same]).all()


def test_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    first, second, other = (plan_day(VENUE, DAY, seed=seed, entries=500) for seed in (7, 7, 8))

    assert np.array_equal(first.passages.at, second.passages.at)
    assert np.array_equal(first.door_in, second.door_in)
    assert first.request_id(3) == second.request_id(3)
    assert not np.array_equal(first.passages.at, other.passages.at)
    assert first.holder(3) != other.holder(3)


def test_a_smaller_sample_is_part_of_a_larger_one_and_does_the_same() -> None:
    small, large = (plan_day(VENUE, DAY, seed=7, entries=5_000, sample=sample) for sample in (0.1, 0.4))

    def attempts(plan: DayPlan) -> set[tuple[str, int, int]]:
        columns = plan.passages
        return {(plan.request_id(row), int(columns.at[row]), int(columns.lane[row])) for row in range(len(columns))}

    assert attempts(small) < attempts(large)
    assert abs(small.persons - 0.1 * 5_000 / (1 + p.REENTRY_SHARE.value)) <= 2


def test_holders_and_request_ids_are_opaque_and_never_shared() -> None:
    plan = plan_day(VENUE, DAY, seed=7, entries=5_000)
    rows = range(len(plan.passages))

    requests = {plan.request_id(row) for row in rows}
    holders = {plan.holder(row) for row in rows}

    assert len(requests) == len(plan.passages)
    assert len(holders) == plan.persons
    assert all(len(holder) == 18 and holder.startswith("h-") for holder in holders)


def test_a_second_scan_comes_from_somebody_inside() -> None:
    plan = plan_day(VENUE, DAY, seed=7, entries=20_000)
    again = np.flatnonzero(plan.passages.turn == AGAIN)

    assert len(again)
    for row in again:
        before = np.flatnonzero(plan.passages.person[:row] == plan.passages.person[row])
        assert plan.passages.turn[before].tolist() == [IN]


def test_calibration_day_meets_the_counters_of_6_november_2019(calibration: DayPlan) -> None:
    entered = calibration.passages.turn == IN

    assert np.count_nonzero(entered) == 225_432
    assert np.count_nonzero(entered & (calibration.passages.at < TWO_PM)) == pytest.approx(190_500, abs=2)


def test_calibration_day_peaks_from_10_to_11_and_from_14_to_15(calibration: DayPlan) -> None:
    by_hour = calibration.entries_by_hour()

    assert max(by_hour, key=lambda hour: by_hour[hour]) == 10
    assert by_hour[13] < by_hour[14] > by_hour[15]
    assert by_hour[10] < p.GATE_RATE.value


def test_calibration_day_fills_the_halls_as_published(calibration: DayPlan) -> None:
    peaks = {hall: int(inside.max()) for hall, inside in calibration.hall_occupancy().items()}

    assert peaks["8.2"] == pytest.approx(13_582, rel=0.005)
    assert peaks["8.1"] == pytest.approx(12_838, rel=0.005)
    assert peaks["5.1"] == pytest.approx(12_792, rel=0.005)
    assert peaks["5.2"] > 10_000
    assert all(peak < 10_000 for hall, peak in peaks.items() if hall not in p.HALL_PEAKS)


def test_a_full_day_is_planned_in_less_than_300_megabytes() -> None:
    tracemalloc.start()
    plan_day(VENUE, p.CALIBRATION_DAY, seed=7)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 300e6


def test_the_days_of_2024_add_up_to_852_000_entries_to_noon_of_day_6() -> None:
    whole_days = sum(entries_on(date(2024, 11, day)) for day in range(5, 10))
    last_morning = entries_on(p.LAST_DAY) * share_by(12 * 3600)

    assert whole_days + last_morning == pytest.approx(852_000, abs=5)
    assert entries_on(p.OPENING_DAY) == 103_000


def test_lanes_of_a_gate_are_used_alike(calibration: DayPlan) -> None:
    used = np.bincount(calibration.passages.lane, minlength=len(VENUE.lanes))

    first = 0
    for gate in VENUE.gates:
        of_gate = used[first : first + len(gate.lanes)]
        assert of_gate.max() - of_gate.min() <= 1
        first += len(gate.lanes)


def test_no_lane_is_asked_for_more_than_it_passes_in_the_peak_hour(calibration: DayPlan) -> None:
    passages = calibration.passages
    in_peak = (passages.turn == IN) & (passages.at // 3600 == 10)

    per_lane = np.bincount(passages.lane[in_peak], minlength=len(VENUE.lanes))

    assert per_lane.max() <= p.GATE_RATE.value / len(VENUE.lanes)
    assert per_lane.min() > 0


@pytest.mark.parametrize("sample", [0.0, -0.1, 1.01])
def test_a_sample_outside_0_to_1_is_refused(sample: float) -> None:
    with pytest.raises(ValueError, match="sample"):
        plan_day(VENUE, DAY, seed=7, sample=sample)


def test_every_parameter_says_where_it_comes_from() -> None:
    named = [value for value in vars(p).values() if isinstance(value, p.Parameter)]
    named += [*p.MODES.values(), *p.HALL_PEAKS.values(), *p.DAY_WEIGHTS.values()]

    assert len(named) > 40
    assert all(parameter.tag.startswith(("source: ", "computed: ", "assumed: ")) for parameter in named)
    assert sum(share.value for share in p.MODES.values()) == pytest.approx(1)
    assert all(sum(shares.values()) == pytest.approx(1) for shares in p.GATE_SHARES.values())
