# SPDX-License-Identifier: Apache-2.0
"""Credentials: the rules, one by one."""

from datetime import UTC, datetime, timedelta

import pytest

from fourleaf.engines.credentials.declares import Office
from fourleaf.engines.credentials.facts import (
    AppealGranted,
    Applied,
    Checked,
    Expired,
    Issued,
    Passed,
    Proposed,
    Reissued,
    Rejected,
    Returned,
    Step,
)
from fourleaf.engines.credentials.rules import (
    Applicant,
    Book,
    Outcome,
    Places,
    Said,
    appeal,
    apply,
    decide,
    decide_appeal,
    expire,
    issue,
    reissue,
    resubmit,
    resume,
    revoke,
    suspend,
    withdraw,
)
from fourleaf.engines.credentials.rules.clocks import office_due
from fourleaf.engines.credentials.state import Credential
from fourleaf.kernel.fact import Body
from fourleaf.kernel.refusal import Refusal
from tests.engines.credentials.samples import ALL, APPLICANT, DOCUMENTS, MONDAY, PHASES, ZONE, after, book

SHOW_DAY = datetime(2024, 11, 5, 2, tzinfo=UTC)


def applied(key: str = "visitor", documents: list[str] = DOCUMENTS, at: datetime = MONDAY) -> Credential:
    body = apply(book(key), APPLICANT, "h1", documents, Places(), at)
    assert isinstance(body, Applied)
    return after(Credential(credential="c1"), body, at=at)


def say(outcome: Outcome = "pass", stage: str = "decision", by: str = "bo", reason: str = "") -> Said:
    fitting = {"pass": "met", "reject": "not-needed", "return": "photo-unusable"}
    return Said(stage=stage, outcome=outcome, reason=reason or fitting[outcome], by=by, permissions=ALL)


def code(found: object) -> str:
    assert isinstance(found, Refusal), found
    return found.code


def ruled(one: Credential, key: str, said: Said, at: datetime = MONDAY) -> Credential:
    body = decide(one, book(key), said, at)
    assert isinstance(body, Body), body
    return after(one, body, at=at, by=said.by)


def approved(key: str = "media", at: datetime = MONDAY) -> Credential:
    one = ruled(applied(key, at=at), key, say(by="bo"), at)
    return ruled(one, key, say(by="cy"), at) if one.status == "vetting" else one


def issued(key: str = "media", carrier: str = "phone", at: datetime = MONDAY) -> Credential:
    body = issue(approved(key, at), book(key), carrier=carrier, earlier="", by="dee", index=7, now=at)
    assert isinstance(body, Issued)
    return after(approved(key, at), body, at=at)


def test_an_application_opens_its_first_stage_with_a_promise() -> None:
    body = apply(book(), APPLICANT, "h1", DOCUMENTS, Places(), MONDAY)

    assert body == Applied(
        holder="h1",
        type="visitor",
        organization="td-shanghai",
        documents=["document", "photo"],
        slot=0,
        step=Step(
            key="completeness",
            kind="completeness",
            decides="credentials.complete",
            due_at=MONDAY + timedelta(hours=9),
        ),
    )


@pytest.mark.parametrize(
    ("changed", "applicant", "documents", "at", "expected"),
    [
        ("nothing", APPLICANT, DOCUMENTS, MONDAY, "credentials.unknown-type"),
        ("visitor", Applicant(id="x", known=False), DOCUMENTS, MONDAY, "credentials.unknown-organization"),
        ("visitor", Applicant(id="x", types=("media",)), DOCUMENTS, MONDAY, "credentials.not-for-organization"),
        ("visitor", APPLICANT, ["passport"], MONDAY, "credentials.unknown-document"),
        ("visitor", APPLICANT, DOCUMENTS, datetime(2024, 11, 10, 10, tzinfo=UTC), "credentials.no-day-left"),
        ("same-day", APPLICANT, DOCUMENTS, MONDAY, "credentials.no-day-left"),
    ],
)
def test_who_may_not_apply_is_told_why(
    changed: str, applicant: Applicant, documents: list[str], at: datetime, expected: str
) -> None:
    asked = book(changed) if changed != "nothing" else Book(key="nothing", type=None, phases=PHASES, zone=ZONE)

    assert code(apply(asked, applicant, "h1", documents, Places(), at)) == expected


def test_one_holder_and_one_organization_have_only_so_many() -> None:
    full = apply(book(), APPLICANT, "h1", DOCUMENTS, Places(used=3), MONDAY)
    own = apply(book(), Applicant(id="x", types=("visitor",), quota={"visitor": 1}), "h1", [], Places(used=1), MONDAY)
    held = apply(book(), APPLICANT, "h1", DOCUMENTS, Places(slots=[0], used=1), MONDAY)
    second = apply(book("same-day"), APPLICANT, "h1", [], Places(slots=[0]), SHOW_DAY)
    third = apply(book("same-day"), APPLICANT, "h1", [], Places(slots=[0, 1]), SHOW_DAY)

    assert [code(one) for one in (full, own)] == ["credentials.quota-full"] * 2
    assert code(held) == "credentials.already-holds"
    assert isinstance(second, Applied) and (second.slot, second.ever) == (1, True)
    assert code(third) == "credentials.no-more"


def test_the_stages_come_in_order_and_the_last_one_approves() -> None:
    one = applied()
    seen = []
    for stage, reason in (("completeness", "met"), ("organization", "met"), ("background", "checked-by-hand")):
        one = ruled(one, "visitor", say(stage=stage, reason=reason))
        seen.append(one.stage)
    last = ruled(one, "visitor", say(), MONDAY + timedelta(hours=2))

    assert seen == ["organization", "background", "decision"]
    assert (last.status, last.stage, last.due_at) == ("approved", "", None)


def test_documents_must_be_complete_before_it_passes() -> None:
    one = applied(documents=["photo"])

    assert code(decide(one, book(), say(stage="completeness"), MONDAY)) == "credentials.documents-missing"


def test_a_background_that_is_not_clear_passes_only_by_hand() -> None:
    one = applied()
    for stage in ("completeness", "organization"):
        one = ruled(one, "visitor", say(stage=stage))
    unclear = [
        decide(after(one, Checked(answer=said)), book(), say(stage="background"), MONDAY) for said in ("hit", "unknown")
    ]
    clear = decide(after(one, Checked(answer="clear")), book(), say(stage="background"), MONDAY)
    by_hand = decide(one, book(), say(stage="background", reason="checked-by-hand"), MONDAY)

    assert [code(found) for found in (*unclear, decide(one, book(), say(stage="background"), MONDAY))] == [
        "credentials.not-clear"
    ] * 3
    assert isinstance(clear, Passed) and isinstance(by_hand, Passed)


def test_nobody_decides_at_another_stage_without_the_permission_or_with_a_reason_that_does_not_fit() -> None:
    one = applied()
    nobody = Said(stage="completeness", outcome="pass", reason="met", by="bo", permissions=())

    assert code(decide(one, book(), say(stage="decision"), MONDAY)) == "credentials.other-stage"
    assert code(decide(one, book(), nobody, MONDAY)) == "credentials.not-your-stage"
    assert code(decide(one, book(), say(stage="completeness", reason="lost"), MONDAY)) == "credentials.unknown-reason"
    assert code(decide(approved(), book("media"), say(), MONDAY)) == "credentials.not-in-vetting"


def test_four_eyes_are_those_of_two_persons_who_say_the_same() -> None:
    one = applied("media")
    own = decide(one, book("media"), say(by="ann"), MONDAY)
    first = decide(one, book("media"), say(by="bo"), MONDAY)
    assert isinstance(first, Proposed)
    proposed = after(one, first, by="bo")

    again = decide(proposed, book("media"), say(by="bo"), MONDAY)
    other = decide(proposed, book("media"), say("reject", by="cy"), MONDAY)
    same = decide(proposed, book("media"), say(by="cy"), MONDAY)

    assert code(own) == "credentials.own-application"
    assert code(again) == "credentials.same-person"
    assert other == Proposed(stage="decision", outcome="reject", reason="not-needed")
    assert same == Passed(stage="decision", reason="met", waited_s=0, by_two="bo", next=None)


def test_what_is_returned_is_handed_in_again_at_the_same_stage_with_a_new_promise() -> None:
    one = ruled(applied(), "visitor", say(stage="completeness"))
    back = ruled(one, "visitor", say("return", stage="organization"))
    later = MONDAY + timedelta(days=1)
    body = resubmit(back, book(), ["photo"], later)
    assert isinstance(body, Body)
    again = after(back, body, at=later)

    assert (back.status, back.due_at) == ("returned", None)
    assert (again.status, again.stage, again.since) == ("vetting", "organization", later)
    assert code(resubmit(again, book(), [], later)) == "credentials.not-returned"


def test_a_rejection_is_appealed_once_and_decided_by_another_person() -> None:
    rejected = ruled(ruled(applied("media"), "media", say("reject", by="bo")), "media", say("reject", by="cy"))
    body = appeal(rejected, book("media"), "new-documents", MONDAY)
    assert isinstance(body, Body)
    open_ = after(rejected, body)

    def answer(by: str, grant: bool = True, slots: tuple[int, ...] = ()) -> object:
        reason = "met" if grant else "late"
        places = Places(slots=slots)
        return decide_appeal(
            open_, book("media"), grant=grant, reason=reason, by=by, places=places, now=MONDAY, permissions=ALL
        )

    assert (rejected.status, rejected.counts, rejected.rejected_by) == ("rejected", False, ["bo", "cy"])
    assert [code(answer(by)) for by in ("bo", "cy", "ann")] == ["credentials.same-person"] * 3
    assert code(answer("dee", slots=(0,))) == "credentials.already-holds"
    granted = answer("dee")
    assert granted == AppealGranted(stage="decision", reason="met", waited_s=0, next=None)
    assert after(open_, granted).status == "approved"
    dismissed = answer("dee", grant=False)
    assert isinstance(dismissed, Body)
    assert (
        code(appeal(after(open_, dismissed), book("media"), "new-documents", MONDAY)) == "credentials.appealed-before"
    )


def test_what_two_approved_a_third_issues() -> None:
    one = approved()

    assert (
        code(issue(one, book("media"), carrier="badge", earlier="", by="cy", index=1, now=MONDAY))
        == "credentials.same-person"
    )
    assert issue(one, book("media"), carrier="badge", earlier="", by="dee", index=1, now=MONDAY) == Issued(
        index=1,
        carrier="badge",
        valid_from=datetime(2024, 11, 5, 0, 30, tzinfo=UTC),
        valid_until=datetime(2024, 11, 10, 9, 30, tzinfo=UTC),
    )
    assert (
        code(issue(applied(), book(), carrier="badge", earlier="", by="dee", index=1, now=MONDAY))
        == "credentials.not-approved"
    )


def test_an_earlier_badge_is_used_again_where_the_category_says_so() -> None:
    one = after(applied(), Passed(stage="decision", reason="met", waited_s=0))

    def with_(earlier: str, key: str = "visitor", carrier: str = "badge") -> object:
        return issue(one, book(key), carrier=carrier, earlier=earlier, by="dee", index=1, now=MONDAY)

    good = with_("ciie-6:B0042")
    assert isinstance(good, Issued) and after(one, good).earlier == "ciie-6:B0042"
    bad = [
        with_("ciie-3:B0042"),
        with_("B0042"),
        with_("ciie-6:B0042", carrier="phone"),
        with_("ciie-6:B0042", "media"),
    ]
    assert [code(found) for found in bad] == ["credentials.not-reusable"] * 4


def test_a_new_version_takes_the_place_of_the_one_before() -> None:
    one = issued()
    body = reissue(one, book("media"), carrier="badge", reason="lost", index=9, now=MONDAY)

    assert isinstance(body, Reissued) and (body.superseded, body.index) == (7, 9)
    again = after(one, body)
    assert (again.status, again.index, again.issues, again.carrier) == ("issued", 9, 2, "badge")
    assert (
        code(reissue(one, book("media"), carrier="plate", reason="lost", index=9, now=MONDAY))
        == "credentials.other-carrier"
    )
    assert (
        code(reissue(applied(), book(), carrier="badge", reason="lost", index=9, now=MONDAY))
        == "credentials.not-issued"
    )


def test_it_is_suspended_resumed_and_revoked_and_its_place_is_free_then() -> None:
    one = issued()
    stopped = after(one, _body(suspend(one, "misuse")))
    going = after(stopped, _body(resume(stopped, "cleared")))
    gone = after(going, _body(revoke(going, "holder-left")))

    assert [each.status for each in (stopped, going, gone)] == ["suspended", "issued", "revoked"]
    assert [each.counts for each in (stopped, going, gone)] == [True, True, False]
    assert code(suspend(stopped, "misuse")) == "credentials.not-issued"
    assert code(resume(going, "found")) == "credentials.not-suspended"
    assert code(revoke(gone, "lost")) == "credentials.not-issued"


def test_a_credential_of_one_day_ends_with_it_and_still_counts() -> None:
    one = issued("same-day", at=SHOW_DAY)
    over = datetime(2024, 11, 5, 9, 30, 1, tzinfo=UTC)

    assert one.valid_until == datetime(2024, 11, 5, 9, 30, tzinfo=UTC)
    assert expire(one, SHOW_DAY) is None
    assert expire(one, over) == Expired(index=7)
    assert after(one, Expired(index=7)).counts


def test_an_application_is_taken_back_until_it_is_issued() -> None:
    assert after(applied(), _body(withdraw(applied(), "not-coming"))).status == "withdrawn"
    assert code(withdraw(issued(), "not-coming")) == "credentials.not-open"


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2024-10-14T01:00", 540, "2024-10-14T10:00"),
        ("2024-10-14T09:59", 2, "2024-10-15T01:01"),
        ("2024-10-18T09:00", 120, "2024-10-21T02:00"),
        ("2024-10-13T20:00", 30, "2024-10-14T01:30"),
        ("2024-10-14T12:00", 1, "2024-10-15T01:01"),
    ],
)
def test_office_clocks_run_in_office_hours_only(start: str, minutes: int, due: str) -> None:
    begun, wanted = (datetime.fromisoformat(f"{text}+00:00") for text in (start, due))

    assert office_due(Office(), begun, minutes, ZONE) == wanted


def _body(found: Body | Refusal) -> Body:
    assert isinstance(found, Body), found
    return found


def test_a_return_is_one_persons_word_even_where_it_takes_two() -> None:
    assert decide(applied("media"), book("media"), say("return"), MONDAY) == Returned(
        stage="decision", reason="photo-unusable", waited_s=0
    )


def test_two_say_the_same_to_reject() -> None:
    proposed = ruled(applied("media"), "media", say("reject", by="bo"))

    assert decide(proposed, book("media"), say("reject", by="cy"), MONDAY) == Rejected(
        stage="decision", reason="not-needed", waited_s=0, by_two="bo"
    )
