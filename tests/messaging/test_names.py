# SPDX-License-Identifier: Apache-2.0
"""Names of devices at the broker: each is its own, and can be read back from what the server says of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.messaging.names import Name, Spoken, of_client_id, of_subject, of_user

LEVELS = st.from_regex(r"\A[A-Za-z0-9:_-]{1,10}(\.[A-Za-z0-9:_-]{1,10}){0,2}\Z") | st.sampled_from(
    ["馆.一", "é", "a'\"b"]
)
NAMES = st.builds(Name, LEVELS, LEVELS)


@given(NAMES)
def test_a_name_is_read_back_from_user_client_id_and_subject(name: Name) -> None:
    subject = name.subject("r")

    assert of_user(name.user) == name
    assert of_client_id(name.client_id) == name
    assert of_subject(subject) == Spoken(name, "r")
    assert of_subject(f"$MQTT.msgs.{subject}") == Spoken(name, "r")


@given(NAMES, NAMES)
def test_two_names_share_nothing(one: Name, other: Name) -> None:
    same = one == other

    assert (one.user == other.user) == same
    assert (one.client_id == other.client_id) == same
    assert (one.subject("r") == other.subject("r")) == same


@given(st.text(max_size=30))
def test_no_text_breaks_what_reads_names(text: str) -> None:
    for name in (of_user(text), of_client_id(text)):
        assert name is None or of_user(name.user) == name
    assert of_subject(text) is None or text.count(".") >= 3


@pytest.mark.parametrize(
    "user",
    ["", "a", "/a", "a/", "a/b/c", "a/+", "a/#", "a/*", "a/>", "$SYS/a", "a/b c", "a/.b", "a/b.", "a/b..c", "a/\n"],
)
def test_a_user_that_could_be_taken_for_several_topics_is_nobody(user: str) -> None:
    assert of_user(user) is None


def test_a_client_id_holds_only_what_the_server_takes() -> None:
    assert Name("ciie-7.r1", "lane:N1-3").client_id == "ciie-7_2er1_2flane_3aN1-3"
    assert Name("ciie-7.r1", "lane:N1-3").subject("r") == "d.ciie-7//r1.lane:N1-3.r"
