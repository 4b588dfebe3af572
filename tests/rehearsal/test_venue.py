# SPDX-License-Identifier: Apache-2.0
"""The venue is read from venue.json, whatever order its features come in."""

import pytest

from rehearsal.venue import read_venue
from tests.rehearsal.stand_in import a_venue, venue_json


def test_a_venue_is_read_back_as_it_was_said() -> None:
    assert read_venue(venue_json(a_venue())) == a_venue()


def test_a_venue_without_lanes_is_refused() -> None:
    document = venue_json(a_venue())
    document["features"]["lane"]["features"] = []

    with pytest.raises(ValueError, match="no gate with a lane"):
        read_venue(document)


def test_only_keeps_what_there_are_tokens_for() -> None:
    part = a_venue().only(lanes={"N-00", "N-03"}, doors={"8.2-D1"})

    assert [(gate.id, gate.lanes) for gate in part.gates] == [("N", ("N-00", "N-03"))]
    assert [(hall.id, hall.doors) for hall in part.halls] == [("8.2", ("8.2-D1",))]
