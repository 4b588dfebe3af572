# SPDX-License-Identifier: Apache-2.0
"""Codes that someone has tampered with: none is accepted, none breaks the reader, each has its reason."""

import subprocess
import sys
import zlib
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import assume, given, settings, target
from hypothesis import strategies as st

from fourleaf.standards import base45, cbor
from fourleaf.standards.badge import Problem, Verified, read, shown
from fourleaf.standards.cbor import Value
from tests.standards.badge.codes import BADGE, FL1, FL2, ISSUER, NOW, PASS, PHONE, RING, SLOT, proved

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
RAW = {text: base45.decode(text[4:]) for text in (FL1, FL2)}
FORGED = {"bad-code", "unknown-key", "bad-signature", "bad-proof", "stale-proof"}


def reason(text: str) -> str:
    answer = read(text, RING, NOW)
    return answer.code if isinstance(answer, Problem) else "accepted"


@pytest.mark.parametrize("text", [FL1, FL2], ids=["FL1", "FL2"])
def test_no_bit_of_a_code_can_be_turned(text: str) -> None:
    for at in range(8 * len(RAW[text])):
        turned = bytearray(RAW[text])
        turned[at // 8] ^= 1 << at % 8
        assert reason(text[:4] + base45.encode(bytes(turned))) in FORGED


PARTS = {
    "tag": (FL1, BADGE[:2], "bad-code"),
    "printed, key id": (FL1, ISSUER.kid, "unknown-key"),
    "printed, head of the claims": (FL1, BADGE[15:17], "bad-code"),
    "printed, claims": (FL1, BADGE[18:40], "bad-signature"),
    "printed, signature": (FL1, BADGE[-64:], "bad-signature"),
    "phone, key id": (FL2, ISSUER.kid, "unknown-key"),
    "phone, signature": (FL2, PASS[-64:], "bad-signature"),
    "phone, slot": (FL2, SLOT.to_bytes(4, "big"), "bad-proof"),
    "phone, proof": (FL2, RAW[FL2][-64:], "bad-proof"),
}


@pytest.mark.parametrize("name", PARTS)
def test_each_part_has_its_reason(name: str) -> None:
    text, part, code = PARTS[name]
    at = RAW[text].index(part) + len(part) - 1
    turned = RAW[text][:at] + bytes([RAW[text][at] ^ 1]) + RAW[text][at + 1 :]

    assert reason(text[:4] + base45.encode(turned)) == code


@pytest.mark.parametrize("text", [FL1, FL2], ids=["FL1", "FL2"])
def test_no_part_of_a_code_is_a_code(text: str) -> None:
    assert {reason(text[:end]) for end in range(len(text))} == {"bad-code"}
    assert {reason(text[:4] + base45.encode(RAW[text][:end])) for end in range(len(RAW[text]))} == {"bad-code"}


@given(st.sampled_from([FL1, FL2]), st.binary(min_size=1, max_size=40))
@settings(max_examples=50)
def test_nothing_follows_a_code(text: str, more: bytes) -> None:
    assert reason(text[:4] + base45.encode(RAW[text] + more)) == "bad-code"


WRONG = {
    "nothing": "",
    "no badge": "FL1:",
    "no badge and no proof": "FL2:",
    "another version": "FL3:" + FL1[4:],
    "no version": FL1[4:],
    "a badge as a phone's": "FL2:" + FL1[4:],
    "a phone's as a badge": "FL1:" + FL2[4:],
    "a version twice": "FL1:" + FL1,
    "small letters": FL1.lower(),
    "a line": FL1 + "\n",
    "a space before": " " + FL1,
    "a space after": FL1 + " ",
    "a health certificate": "HC1:" + FL1[4:],
    "wide letters": "FL1:" + "\uff21" * 9,
    "a million signs": "FL1:" + "A" * 1_000_000,
    "a million signs of a phone": "FL2:" + "A" * 1_000_000,
    "nested": "FL1:" + base45.encode(b"\x81" * 500),
    "nested, of a phone": "FL2:" + base45.encode(b"\x81" * 500),
    "nested in its tag": "FL1:" + base45.encode(b"\xd2" + b"\x81" * 500),
    "nested tags": "FL1:" + base45.encode(b"\xd2" * 500),
    "a long array": "FL1:" + base45.encode(b"\xd2\x9b" + b"\x7f" * 8),
    "a long header": "FL1:" + base45.encode(b"\xd2\x84\x5b" + b"\x7f" * 8),
    "no length": "FL1:" + base45.encode(b"\xd2\x9f" + BADGE[2:] + b"\xff"),
    "a MAC's tag": "FL1:" + base45.encode(b"\xd1" + BADGE[1:]),
    "its tag in two bytes": "FL1:" + base45.encode(b"\xd8\x12" + BADGE[1:]),
    "no tag": "FL1:" + base45.encode(BADGE[1:]),
    "the tag of a CWT": "FL1:" + base45.encode(b"\xd8\x3d" + BADGE),
    "packed": "FL1:" + base45.encode(zlib.compress(BADGE)),
    "too long": "FL1:" + base45.encode(ISSUER.signed(bytes(500))),
    "too long for a proof": proved(ISSUER.signed(bytes(500))),
}


@pytest.mark.parametrize("name", WRONG)
def test_whatever_is_no_code_is_a_bad_code(name: str) -> None:
    assert reason(WRONG[name]) == "bad-code"


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [PASS],
        [PASS, SLOT],
        [PASS, SLOT, bytes(64), 0],
        [PASS, -1, bytes(64)],
        [PASS, 1 << 32, bytes(64)],
        [PASS, True, bytes(64)],
        [PASS, str(SLOT), bytes(64)],
        [PASS, SLOT, bytes(63)],
        [PASS, SLOT, bytes(65)],
        [PASS, SLOT, "x" * 64],
        [[PASS], SLOT, bytes(64)],
        {0: PASS, 1: SLOT, 2: bytes(64)},
    ],
    ids=range(13),
)
def test_a_proof_of_another_shape_is_a_bad_code(parts: Value) -> None:
    assert reason("FL2:" + base45.encode(cbor.encode(parts))) == "bad-code"


@given(st.text(max_size=400))
def test_noise_is_a_bad_code(text: str) -> None:
    assert {reason(start + text) for start in ("", "FL1:", "FL2:")} == {"bad-code"}


@given(st.binary(max_size=300))
def test_noise_in_base45_is_a_bad_code(raw: bytes) -> None:
    assert {reason(start + base45.encode(raw)) for start in ("FL1:", "FL2:")} == {"bad-code"}


@given(
    st.sampled_from([FL1, FL2]),
    st.lists(st.tuples(st.integers(0, 370), st.sampled_from(SIGNS)), min_size=1, max_size=4),
)
def test_a_misread_code_is_never_accepted(text: str, misread: list[tuple[int, str]]) -> None:
    signs = list(text)
    for at, sign in misread:
        signs[at % len(signs)] = sign
    assume("".join(signs) != text)

    assert reason("".join(signs)) in FORGED


@given(st.sampled_from([FL1, FL2]), st.data())
@settings(max_examples=300)
def test_a_code_cut_and_pasted_is_never_accepted(text: str, data: st.DataObject) -> None:
    raw = RAW[text]
    at, end = sorted(data.draw(st.tuples(*[st.integers(0, len(raw))] * 2)))
    mended = raw[:at] + data.draw(st.binary(max_size=20)) + raw[end:]
    assume(mended != raw)

    code = reason(text[:4] + base45.encode(mended))

    # The further a mended code comes, the more like it the next ones are.
    target(float(["bad-code", "unknown-key", "bad-signature", "bad-proof", "stale-proof"].index(code)))


@given(st.binary(min_size=64, max_size=64))
@settings(max_examples=50)
def test_no_made_up_signature_proves_anything(signature: bytes) -> None:
    assert reason(shown(PASS, SLOT, signature)) == "bad-proof"


def test_the_codes_of_these_tests_are_good() -> None:
    assert [type(read(text, RING, NOW)) for text in (FL1, FL2, proved(PASS, SLOT, PHONE))] == [Verified] * 3


@pytest.mark.skipif(find_spec("atheris") is None, reason="the fuzzer is made for Linux on x86_64")
def test_a_fuzzer_led_by_coverage_finds_no_crash_and_no_acceptance(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.standards.badge.fuzz",
            "-runs=20000",
            "-max_total_time=25",
            "-seed=4",
            str(tmp_path),
        ],
        cwd=Path(__file__).parents[3],
        env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Done " in done.stderr
