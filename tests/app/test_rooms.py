# SPDX-License-Identifier: Apache-2.0
"""What app finds in the rooms of the engines, and what it does not accept there."""

import pytest

from fourleaf.app import rooms as found
from fourleaf.engines.world.state import THINGS
from fourleaf.pack import Edition
from fourleaf.pack.kinds import FEATURES


def test_every_engine_is_found_with_its_facts_streams_and_views() -> None:
    rooms = found.rooms()

    assert {"admission", "sensing", "world"} <= set(rooms.engines)
    assert {"pack", "holder", "hall", "door", "thing"} <= {stream.prefix for stream in rooms.streams}
    assert {picture.view for picture in rooms.pictures} <= rooms.views.keys()


def test_no_engine_declares_what_the_pack_itself_calls_so(edition: Edition) -> None:
    declares = found.rooms().declares

    others = [one for one in edition.values if one.kind not in declares]

    assert {"venue", "group", "exhibitor", *FEATURES} & declares.keys() == set()
    assert {one.kind for one in others} >= {"hall", "level"}


def test_two_engines_cannot_call_their_streams_the_same() -> None:
    with pytest.raises(ValueError, match="thing"):
        found.apart((THINGS, THINGS))
