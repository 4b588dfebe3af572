# SPDX-License-Identifier: Apache-2.0
"""The answer of a command over HTTP: first, repeated, refused."""

import pytest

from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.append import Answer
from fourleaf.ui.answers import Refused, respond


def test_an_answer_is_told_as_it_is_kept() -> None:
    told = respond(Answer({"fact": "thing:N@1"}))

    assert (told.content, told.headers) == ({"fact": "thing:N@1"}, {})


def test_a_repeated_request_is_told_that_this_is_its_first_answer() -> None:
    told = respond(Answer({"fact": "thing:N@1"}, replayed=True))

    assert (told.content, told.headers) == ({"fact": "thing:N@1"}, {"Idempotent-Replayed": "true"})


def test_words_are_added_to_what_is_told_and_not_to_what_is_kept() -> None:
    kept = Answer({"code": "full"})

    told = respond(kept, lambda value: value | {"message": "It is full."})

    assert told.content == {"code": "full", "message": "It is full."}
    assert kept.value == {"code": "full"}


def test_a_refusal_is_carried_to_the_edge() -> None:
    with pytest.raises(Refused) as refused:
        respond(Refusal("parking.full"))

    assert (refused.value.refusal, refused.value.status) == (Refusal("parking.full"), 422)
