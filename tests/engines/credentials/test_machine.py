# SPDX-License-Identifier: Apache-2.0
"""Credentials: whatever is tried in whatever order, the fold keeps what was promised."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fourleaf.engines.credentials import facts as f
from fourleaf.engines.credentials import rules
from fourleaf.engines.credentials.rules import Outcome, Places, Said
from fourleaf.engines.credentials.state import APPROVED, ISSUED, OVER, SUSPENDED, Credential, Index, fold, mark, touched
from fourleaf.kernel.fact import Body, Fact
from fourleaf.kernel.refusal import Refusal
from tests.engines.credentials.samples import ALL, APPLICANT, DOCUMENTS, MONDAY, book

PEOPLE = ("ann", "bo", "cy")
# Of the quota of the sample and of each person.
QUOTA, MOST = 3, {"visitor": 1, "media": 1}
REASONS = {"pass": "checked-by-hand", "reject": "late", "return": "document-missing"}
people = st.sampled_from(PEOPLE)


class Life(RuleBasedStateMachine):
    """Two holders, two categories, three persons at the desk; each attempt is decided by the rules and folded."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.index = MONDAY, 0
        self.all: dict[str, Credential] = {}
        self.status_list: dict[int, Index] = {}
        self.log = dict[str, list[tuple[str, Body]]]()

    def write(self, name: str, body: Body | Refusal, by: str) -> None:
        if isinstance(body, Refusal):
            return
        before = self.all.get(name, Credential(credential=name))
        fact = Fact(
            run="test",
            stream=f"credential:{name}",
            version=before.version + 1,
            body=body,
            occurred_at=self.now,
            recorded_at=self.now,
            actor=by,
        )
        self.all[name] = fold(before, fact)
        self.log.setdefault(name, []).append((by, body))
        if isinstance(body, f.Issued | f.Reissued | f.Suspended | f.Resumed | f.Revoked | f.Expired):
            for (index,) in touched(fact):
                self.status_list[index] = mark(self.status_list.get(index, Index(index=index)), fact)

    def one(self, data: Any) -> Credential:
        return self.all[data.draw(st.sampled_from(sorted(self.all)))]

    @rule(holder=st.sampled_from(["h1", "h2"]), key=st.sampled_from(sorted(MOST)), by=people)
    def apply(self, holder: str, key: str, by: str) -> None:
        counted = [one for one in self.all.values() if one.counts and one.type == key]
        slots = [one.slot for one in counted if one.holder == holder]
        places = Places(slots=slots, used=len(counted))
        body = rules.apply(book(key), APPLICANT, holder, DOCUMENTS, places, self.now)
        self.write(f"c{len(self.all)}", body, by)

    @precondition(lambda self: self.all)
    @rule(data=st.data(), by=people, outcome=st.sampled_from(["pass", "pass", "pass", "reject", "return"]))
    def decide(self, data: Any, by: str, outcome: Outcome) -> None:
        one = self.one(data)
        said = Said(stage=one.stage, outcome=outcome, reason=REASONS[outcome], by=by, permissions=ALL)
        self.write(one.credential, rules.decide(one, book(one.type), said, self.now), by)

    @precondition(lambda self: self.all)
    @rule(data=st.data(), by=people, grant=st.booleans())
    def answer_appeal(self, data: Any, by: str, grant: bool) -> None:
        one = self.one(data)
        taken = [
            each.slot
            for each in self.all.values()
            if each.counts and (each.holder, each.type) == (one.holder, one.type)
        ]
        body = rules.decide_appeal(
            one,
            book(one.type),
            grant=grant,
            reason="met" if grant else "late",
            by=by,
            places=Places(slots=taken),
            now=self.now,
            permissions=ALL,
        )
        self.write(one.credential, body, by)

    @precondition(lambda self: self.all)
    @rule(data=st.data(), by=people, what=st.sampled_from(["appeal", "resubmit", "withdraw"]))
    def ask(self, data: Any, by: str, what: str) -> None:
        one = self.one(data)
        asked: dict[str, Callable[[], Body | Refusal]] = {
            "appeal": lambda: rules.appeal(one, book(one.type), "new-documents", self.now),
            "resubmit": lambda: rules.resubmit(one, book(one.type), DOCUMENTS, self.now),
            "withdraw": lambda: rules.withdraw(one, "not-coming"),
        }
        self.write(one.credential, asked[what](), by)

    @precondition(lambda self: self.all)
    @rule(data=st.data(), by=people, what=st.sampled_from(["issue", "reissue", "suspend", "resume", "revoke"]))
    def carry(self, data: Any, by: str, what: str) -> None:
        one = self.one(data)
        self.index += 1
        pack = book(one.type)
        carried: dict[str, Callable[[], Body | Refusal]] = {
            "issue": lambda: rules.issue(one, pack, carrier="badge", earlier="", by=by, index=self.index, now=self.now),
            "reissue": lambda: rules.reissue(one, pack, carrier="badge", reason="lost", index=self.index, now=self.now),
            "suspend": lambda: rules.suspend(one, "misuse"),
            "resume": lambda: rules.resume(one, "found"),
            "revoke": lambda: rules.revoke(one, "stolen"),
        }
        self.write(one.credential, carried[what](), by)

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        for one in list(self.all.values()):
            if body := rules.expire(one, self.now):
                self.write(one.credential, body, "worker")

    @invariant()
    def nobody_has_more_than_one_of_a_category(self) -> None:
        places = [(one.holder, one.type, one.slot) for one in self.all.values() if one.counts]
        assert len(places) == len(set(places))
        assert all(slot < MOST[key] for _, key, slot in places)

    @invariant()
    def only_the_newest_version_of_what_is_in_use_is_good(self) -> None:
        good = {row.index for row in self.status_list.values() if row.state == "valid"}
        assert good == {one.index for one in self.all.values() if one.status == ISSUED}
        held = {row.index for row in self.status_list.values() if row.state == "suspended"}
        assert held == {one.index for one in self.all.values() if one.status == SUSPENDED}

    @invariant()
    def a_place_of_the_status_list_is_taken_once(self) -> None:
        taken = [body.index for log in self.log.values() for _, body in log if isinstance(body, f.Issued | f.Reissued)]
        assert len(taken) == len(set(taken))

    @invariant()
    def where_two_are_needed_two_said_so(self) -> None:
        for name, log in self.log.items():
            for by, body in log:
                if self.all[name].type == "media" and isinstance(body, f.Passed | f.Rejected):
                    assert body.by_two and body.by_two != by

    @invariant()
    def what_waits_has_a_promise_and_what_is_over_has_none(self) -> None:
        for one in self.all.values():
            assert (one.due_at is not None) == (one.status in ("vetting", "appealed"))
            assert one.counts == (one.status not in OVER) or one.status == "appealed"
            assert (one.stage == "") == (one.stage_kind == "")
            assert one.status != APPROVED or one.stage == ""


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
