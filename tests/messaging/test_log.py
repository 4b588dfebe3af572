# SPDX-License-Identifier: Apache-2.0
"""The server's log: what it says of refused devices is found, once, whoever writes what into it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.messaging.log import Reader, Refused, read
from fourleaf.messaging.names import Name

HEAD = "[7] 2026/01/31 08:00:00.123456 [ERR] 127.0.0.1:5 - mid:8"
BOX = Name("ciie-7.r1", "electric-box:B001")


# As nats-server 2.15.1 wrote them.
@pytest.mark.parametrize(
    ("said", "reason", "about"),
    [
        ('Publish Violation - Subject "d.ciie-7//r1.lane:N1.r"', "forbidden-publish", "d/ciie-7.r1/lane:N1/r"),
        ('Publish Violation - Subject "$JS.API.INFO"', "forbidden-publish", "$JS/API/INFO"),
        ('Subscription Violation - Subject ">", SID >', "forbidden-subscription", "#"),
        ('Subscription Violation - Subject "d.*.*.r", SID d.*.*.r', "forbidden-subscription", "d/+/+/r"),
        ("maximum payload exceeded: 17025 vs 16448", "oversize", "17025 vs 16448"),
    ],
)
def test_what_the_server_refused_is_read_with_device_and_topic(said: str, reason: str, about: str) -> None:
    line = f'{HEAD} - "{BOX.client_id}" - {said}'

    assert read([line]) == [Refused(BOX, reason, about)]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[7] 2026/01/31 08:00:00.123456 [INF] Server is ready",
        f'{HEAD} - "free-choice" - Publish Violation - Subject "d.a.b.r"',
        f'{HEAD} - "{BOX.client_id}" - authentication error - User "x"',
        f'{HEAD} - "x" - said "{BOX.client_id}" - Publish Violation - Subject "d.a.b.r"',
        f'[7] a b [WRN] c - mid:8 - "{BOX.client_id}" - Publish Violation - Subject "d.a.b.r"',
    ],
)
def test_other_lines_tell_of_nobody(line: str) -> None:
    assert read([line]) == []


@given(st.text())
def test_no_line_breaks_the_reader(text: str) -> None:
    assert read([text, f'{HEAD} - "{text}" - Publish Violation - Subject "{text}"']) is not None


def test_a_log_is_read_once_over_starts_halves_of_lines_and_a_new_file(tmp_path: Path) -> None:
    log = tmp_path / "nats.log"
    reader = Reader(log, tmp_path)

    none_yet = reader.more()
    log.write_text("one\ntw")
    first = reader.more()
    log.write_text("one\ntwo\nthree\n")
    second = reader.more()
    reader.done()
    after_a_start = Reader(log, tmp_path).more()
    log.rename(tmp_path / "nats.log.1")
    log.write_text("four\n")
    of_the_new_file = Reader(log, tmp_path).more()

    assert (none_yet, first, second) == ([], ["one"], ["two", "three"])
    assert (after_a_start, of_the_new_file) == ([], ["four"])
