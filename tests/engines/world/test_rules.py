# SPDX-License-Identifier: Apache-2.0
"""World: what may be closed, reopened and moved."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from fourleaf.engines.world import rules
from fourleaf.engines.world.facts import Closed, Moved, Reopened
from fourleaf.engines.world.state import Thing, fold, start
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.refusal import Refusal

NOW = datetime(2024, 11, 5, 1, tzinfo=UTC)


def _close(thing: Thing, kind: str | None = "gate", until: datetime | None = None) -> Closed | Refusal:
    return rules.close(thing, kind, reason_zh="检修", reason_en="repair", until=until, now=NOW)


def test_a_gate_can_be_closed_with_an_end() -> None:
    until = NOW + timedelta(hours=1)

    assert _close(Thing(thing="N"), until=until) == Closed(thing="N", reason_zh="检修", reason_en="repair", until=until)


@pytest.mark.parametrize(
    ("thing", "kind", "until", "code"),
    [
        (Thing(thing="N", closed=True), "gate", None, "world.already-closed"),
        (Thing(thing="N"), None, None, "world.unknown-thing"),
        (Thing(thing="B1"), "booth", None, "world.fixed-thing"),
        (Thing(thing="N"), "gate", NOW, "world.ends-before-it-starts"),
    ],
)
def test_a_closure_is_refused_with_a_reason(thing: Thing, kind: str | None, until: datetime | None, code: str) -> None:
    refused = _close(thing, kind, until)

    assert isinstance(refused, Refusal)
    assert refused.code == code


@pytest.mark.parametrize("blank", [" ", "\u3000", "\u200b", "\u00ad\u200d", "\ufe0f"])
def test_a_closure_says_why_in_both_languages(blank: str) -> None:
    for zh, en in ((blank, "repair"), ("检修", blank)):
        refused = rules.close(Thing(thing="N"), "gate", reason_zh=zh, reason_en=en, until=None, now=NOW)

        assert refused == Refusal("world.no-reason", {"thing": "N"}, "reason")


def test_a_closure_is_kept_for_those_only_whose_label_one_holds_and_only_they_reopen_it() -> None:
    refused, closed = (
        rules.close(
            Thing(thing="N"),
            "gate",
            reason_zh="嘉宾",
            reason_en="a guest",
            until=None,
            now=NOW,
            protected="protected:guests",
            held=held,
        )
        for held in (["office", "desk"], ["protected:guests"])
    )
    thing = Thing(thing="N", closed=True, protected="protected:guests")

    assert refused == Refusal("world.not-yours-to-protect", {"label": "protected:guests"}, "protected")
    assert isinstance(closed, Closed) and closed.protected == "protected:guests"
    assert rules.reopen(thing, ["office", "desk"]) == Refusal(
        "world.closed-for-protection", {"thing": "N", "label": "protected:guests"}
    )
    assert rules.reopen(thing, ["protected:guests"]) == Reopened(thing="N")


@pytest.mark.parametrize("lon", ["181", "-180.1", "NaN", "1e400", "abc", ""])
def test_a_place_off_the_map_is_refused(lon: str) -> None:
    refused = rules.move(Thing(thing="m1"), "meal_point", level="L1", lon=lon, lat="31.19")

    assert isinstance(refused, Refusal)
    assert refused.code == "world.no-such-place"


class World(RuleBasedStateMachine):
    """Closing and opening in any order: a thing is closed exactly when the last accepted word was closing."""

    things = Bundle("things")

    def __init__(self) -> None:
        super().__init__()
        self.standing = start("N")
        self.closed = False

    def _apply(self, body: Closed | Reopened | Moved | Refusal) -> bool:
        if isinstance(body, Refusal):
            return False
        fact = Fact(
            run="r",
            stream="thing:N",
            version=self.standing.version + 1,
            body=body,
            occurred_at=NOW,
            recorded_at=NOW,
            actor="local",
        )
        self.standing = fold(self.standing, fact)
        return True

    @rule()
    def close(self) -> None:
        assert self._apply(_close(self.standing.thing)) == (not self.closed)
        self.closed = True

    @rule()
    def reopen(self) -> None:
        assert self._apply(rules.reopen(self.standing.thing)) == self.closed
        self.closed = False

    @rule(lon=st.decimals(-180, 180, places=6))
    def move(self, lon: object) -> None:
        assert self._apply(rules.move(self.standing.thing, "lane", level="L1", lon=str(lon), lat="31.19"))
        assert self.standing.thing.lon == str(lon)

    @invariant()
    def closed_as_last_said(self) -> None:
        assert self.standing.thing.closed == self.closed
        assert (self.standing.thing.closed_at is not None) == self.closed


TestWorld = World.TestCase
