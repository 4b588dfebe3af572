# SPDX-License-Identifier: Apache-2.0
"""Admission: what is counted, with unit, scope and both sides of as-of."""

from collections.abc import Iterable
from datetime import date, datetime

from fourleaf.engines.admission.facts import Entered, Left
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.figure import Figure

FIGURES = ("admission.entries", "admission.inside")


def entries(facts: Iterable[Fact], day: date, *, happened_by: datetime, known_by: datetime) -> Figure:
    """Count the entries of one show day that happened by one time and were known by another.

    Unit:   person-times, not persons: one holder may enter twice.
    Source: ``Entered`` facts.
    """
    value = sum(
        1 for fact in _known(facts, happened_by, known_by) if isinstance(fact.body, Entered) and fact.body.day == day
    )
    return Figure(
        key="admission.entries",
        value=value,
        unit="person-time",
        scope=f"all gates, {day.isoformat()}",
        as_of=happened_by,
        known_by=known_by,
        source="admission.Entered",
    )


def inside(facts: Iterable[Fact], *, happened_by: datetime, known_by: datetime) -> Figure:
    """Persons between entry and exit at an instant.

    Source: ``Entered`` less ``Left``.
    """
    step = {Entered: 1, Left: -1}
    value = sum(step.get(type(fact.body), 0) for fact in _known(facts, happened_by, known_by))
    return Figure(
        key="admission.inside",
        value=value,
        unit="person",
        scope="venue, by gates",
        as_of=happened_by,
        known_by=known_by,
        source="admission.Entered, admission.Left",
    )


def _known(facts: Iterable[Fact], happened_by: datetime, known_by: datetime) -> Iterable[Fact]:
    return (fact for fact in facts if fact.occurred_at <= happened_by and fact.recorded_at <= known_by)
