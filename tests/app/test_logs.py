# SPDX-License-Identifier: Apache-2.0
"""A log line is one JSON object."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from fourleaf.app.logs import set_up


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up("worker", stream=stream)
    yield stream
    root.handlers[:], root.level = handlers, level


def test_a_line_says_when_who_what_and_the_position(lines: io.StringIO) -> None:
    logging.getLogger("fourleaf.tail").info("folded %d", 3, extra={"position": "1.7342.991", "run": "ciie-7.r1"})

    line = json.loads(lines.getvalue())
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "info",
        "process": "worker",
        "logger": "fourleaf.tail",
        "event": "folded 3",
        "position": "1.7342.991",
        "run": "ciie-7.r1",
    }


def test_an_error_stays_on_one_line(lines: io.StringIO) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("x").exception("broke")

    assert lines.getvalue().count("\n") == 1
    assert "ValueError: first\nsecond" in json.loads(lines.getvalue())["error"]


def test_a_value_json_does_not_know_is_written_as_text(lines: io.StringIO) -> None:
    logging.getLogger("x").warning("odd", extra={"what": object})

    assert json.loads(lines.getvalue())["what"] == "<class 'object'>"
