# SPDX-License-Identifier: Apache-2.0
"""The worked example of docs/adr/0019: every byte of it can be made again, so whoever follows it reads and writes our codes."""

import json
import re
from pathlib import Path
from typing import get_args

from fourleaf.standards import cbor, jwk
from fourleaf.standards.badge import Verified, read, to_be_proved
from fourleaf.standards.badge.claims import encode
from fourleaf.standards.badge.reading import Reason
from tests.standards.badge.codes import BADGE, FL1, FL2, ISSUER, NOW, PAPER, PASS, RING, SLOT, on_phone

PAGE = (Path(__file__).parents[3] / "docs/adr/0019-the-credentials-code.md").read_text("utf-8")
EXAMPLE = PAGE.split("```text\n")[1].split("```")[0]


def said(word: str) -> list[str]:
    """What stands behind a word, lines of hexadecimal joined."""
    joined = re.sub(r"\n {8}", "", EXAMPLE)
    return [line.removeprefix(word).strip() for line in joined.splitlines() if line.startswith(word + " ")]


def test_the_example_has_the_issuers_key() -> None:
    assert said("key id") == [ISSUER.kid.hex()]
    assert json.loads(said("key")[0]) == jwk.members(ISSUER.public)


def test_the_example_has_claims_badges_and_codes_as_we_make_them() -> None:
    assert said("claims") == [encode(PAPER).hex(), encode(on_phone(PAPER)).hex()]
    assert said("badge") == [BADGE.hex(), PASS.hex()]
    assert said("slot") == [str(SLOT)]
    assert said("proved")[0].replace(" ", "") == to_be_proved(PASS, SLOT).hex()
    assert said("code") == [FL1, FL2]


def test_the_codes_of_the_example_are_good_at_its_time() -> None:
    assert [type(read(code, RING, NOW)) for code in said("code")] == [Verified, Verified]


def test_the_claims_of_the_example_are_those_of_its_text() -> None:
    claims = cbor.decode(bytes.fromhex(said("claims")[0]), longest=100)

    assert claims == {4: int(PAPER.expires_at.timestamp()), -65537: [431_007, 902_114, 3, 0b1011, 0b111111]}


def test_the_page_names_every_reason() -> None:
    reasons = {word for part in get_args(Reason) for word in (get_args(part) or (part,))}

    assert {reason for reason in reasons if f"| `{reason}` |" not in PAGE} == set()
