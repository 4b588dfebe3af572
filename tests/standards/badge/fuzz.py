# SPDX-License-Identifier: Apache-2.0
"""Coverage-guided fuzzing of the reader: `python -m tests.standards.badge.fuzz -max_total_time=600 FOLDER` goes on for ten minutes.

It fails on any exception, and on any code that is accepted and is not one of those it began with.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["fourleaf.standards"]):
    from fourleaf.standards import base45, cbor, status_list
    from fourleaf.standards.badge import Verified, read
    from fourleaf.standards.cbor import Malformed

from tests.standards.badge.codes import BADGE, FL1, FL2, ISSUER, NOW, PASS, RING, proved

GOOD = {FL1, FL2}
LIST = status_list.made("fuzz", 1, 64, [3], NOW)
SIGNED_LIST = status_list.sign(LIST, ISSUER)
DELTA = status_list.difference(LIST, status_list.made("fuzz", 2, 64, [5], NOW), ISSUER)
SEEDS = (FL1, FL2, proved(PASS, 1))


def one(data: bytes) -> None:
    """The first byte says what the rest is taken for."""
    kind, raw = data[:1], data[1:]
    if kind == b"l":
        assert raw == SIGNED_LIST or isinstance(status_list.read(raw, RING, NOW, uri="fuzz"), str)
        assert raw == DELTA or isinstance(status_list.apply(LIST, raw, RING, NOW), str)
    elif kind == b"c":
        canonical(raw)
    else:
        code(raw.decode("latin-1") if kind == b"t" else f"FL{1 + (kind < b'm')}:" + base45.encode(raw))


def code(text: str) -> None:
    answer = read(text, RING, NOW)
    assert not isinstance(answer, Verified) or text in GOOD, text


def canonical(raw: bytes) -> None:
    try:
        value = cbor.decode(raw, longest=512)
    except Malformed:
        return
    assert cbor.encode(value) == raw


def seed(folder: Path) -> None:
    seeds = [b"t" + text.encode() for text in SEEDS]
    seeds += [b"z" + BADGE, b"a" + base45.decode(FL2[4:]), b"l" + SIGNED_LIST, b"l" + DELTA, b"c" + BADGE[1:]]
    for number, data in enumerate(seeds):
        (folder / str(number)).write_bytes(data)


if __name__ == "__main__":
    seed(Path(sys.argv[-1]))
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
