# SPDX-License-Identifier: Apache-2.0
"""Draw: which changes are worth a mark on the line of time."""

from fourleaf.app.draw import Marking
from fourleaf.app.rooms import rooms


def test_a_mark_stands_where_a_thing_comes_changes_and_goes() -> None:
    marking = Marking({"attention": "severity"})
    watch, still, alert = ({"severity": word, "as_of": n} for n, word in enumerate(("watch", "watch", "alert")))

    marks = [marking.of("attention", "level:8.1", said) for said in (watch, still, alert, None, None)]

    assert marks == [
        {"status": "watch", "says": watch},
        None,
        {"status": "alert", "says": alert},
        {"status": "over", "says": alert},
        None,
    ]


def test_what_no_engine_calls_worth_a_mark_gets_none() -> None:
    marking = Marking({"attention": "severity"})

    assert [marking.of("hall", "8.1", said) for said in ({"severity": "watch"}, None)] == [None, None]


def test_all_pictures_of_a_layer_mark_the_same_property() -> None:
    marked = {(picture.layer, picture.mark) for picture in rooms().pictures if picture.mark}

    assert len({layer for layer, _ in marked}) == len(marked)
    assert ("attention", "severity") in marked
