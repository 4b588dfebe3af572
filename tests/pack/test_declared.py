# SPDX-License-Identifier: Apache-2.0
"""An engine's own table of what the pack declares of one kind."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.fold import fold_total
from fourleaf.pack.declared import Followed, follower, stream_of
from fourleaf.pack.facts import Declared, Withdrawn

AT = datetime(2024, 11, 5, 1, tzinfo=UTC)


class Lot(Followed, frozen=True, kw_only=True):
    TABLE: ClassVar[str] = "lot"
    KEY: ClassVar[tuple[str, ...]] = ("lot",)
    lot: str
    capacity: int = 0
    limits: tuple[int, ...] = ()


LOTS = follower("lot", Lot)


def _fact(version: int, body: Body) -> Fact:
    return Fact(
        run="r",
        stream=stream_of("lot", "P1"),
        version=version,
        body=body,
        occurred_at=AT,
        recorded_at=AT,
        actor="pack",
    )


def _declared(version: int, **value: Any) -> Fact:
    return _fact(version, Declared(kind="lot", key="P1", value=value))


def test_a_row_takes_what_is_declared_under_the_names_of_its_fields() -> None:
    rows = fold_total(
        LOTS, {}, [_declared(1, capacity=600, limits=[1, 2], lot="other", name={"zh": "一", "en": "one"})]
    )

    assert rows == {("P1",): Lot(lot="P1", capacity=600, limits=(1, 2))}


def test_a_measured_number_kept_as_a_decimal_string_is_a_number_again() -> None:
    rows = fold_total(LOTS, {}, [_declared(1, capacity="600")])

    assert rows == {("P1",): Lot(lot="P1", capacity=600)}


def test_what_a_later_declaration_leaves_out_is_the_default_again() -> None:
    rows = fold_total(LOTS, {}, [_declared(1, capacity=600, limits=[1]), _declared(2, limits=[2])])

    assert rows == {("P1",): Lot(lot="P1", limits=(2,))}


def test_a_withdrawn_thing_keeps_its_row_and_is_present_once_it_is_declared_again() -> None:
    gone = fold_total(LOTS, {}, [_declared(1, capacity=600), _fact(2, Withdrawn(kind="lot", key="P1"))])
    back = fold_total(LOTS, gone, [_declared(3, capacity=700)])

    assert gone == {("P1",): Lot(lot="P1", capacity=600, present=False)}
    assert back == {("P1",): Lot(lot="P1", capacity=700)}


def test_declarations_of_other_kinds_are_passed_over() -> None:
    rows = fold_total(LOTS, {}, [_fact(1, Declared(kind="hall", key="P1", value={"capacity": 5}))])

    assert rows == {}


def test_a_follower_is_kept_in_the_transaction_of_the_load() -> None:
    assert (LOTS.name, LOTS.when, LOTS.row) == ("lot", "inline", Lot)
