# SPDX-License-Identifier: Apache-2.0
"""Turns: whoever brings many waits behind whoever brings one."""

from hypothesis import given
from hypothesis import strategies as st

from fourleaf.app.turns import Turns

callers = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 99)), max_size=60)


def test_one_of_each_is_taken_in_turn() -> None:
    room = Turns[int](most=10, of_each=5)
    for key, one in [("a", 1), ("a", 2), ("a", 3), ("b", 4), ("c", 5)]:
        room.add(key, one)

    taken = [room.take(2), room.take(9)]

    assert taken == [[1, 4], [5, 2, 3]]


def test_who_finds_no_room_is_not_taken_and_those_who_wait_keep_their_place() -> None:
    room = Turns[int](most=3, of_each=2)

    took = [room.add(key, one) for one, key in enumerate("aaabb")]

    assert took == [True, True, False, True, False]
    assert room.take(9) == [0, 3, 1]


@given(callers, st.integers(1, 20), st.integers(1, 8), st.integers(1, 9))
def test_nothing_is_lost_or_taken_twice_and_each_keeps_his_order(
    some: list[tuple[str, int]], most: int, of_each: int, at_once: int
) -> None:
    room = Turns[tuple[str, int, int]](most=most, of_each=of_each)

    took = [(key, value, number) for number, (key, value) in enumerate(some) if room.add(key, (key, value, number))]
    taken = list[tuple[str, int, int]]()
    while found := room.take(at_once):
        taken += found

    assert sorted(taken) == sorted(took) and len(room) == 0
    for key in "abcd":
        assert [one for one in taken if one[0] == key] == [one for one in took if one[0] == key]
    assert len(took) <= most
