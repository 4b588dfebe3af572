# SPDX-License-Identifier: Apache-2.0
"""The rule table says what plain words say, never lets the unknown slip in, and keeps nobody inside."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourleaf.engines.admission.declares import AdmissionRule
from fourleaf.engines.admission.rules import FIELDS, Table, compiled, decide
from fourleaf.engines.admission.rules.deciding import holds
from fourleaf.engines.admission.rules.table import DECISION_CODES, NAMELESS, PROBLEMS, Venue
from tests.engines.admission.attempts import FINE, LANES, LEAVING, TABLES, VENUE, changed, missing, tables, without
from tests.engines.admission.vectors import read

ALL = list(range(len(TABLES)))
Said = tuple[str, str | None]


def _said(number: int, known: dict[str, Any]) -> Said:
    row = decide(TABLES[number].rows, known)
    return row.outcome, row.code and row.code.removeprefix("admission.")


class Plain:
    """The same policy in plain words. Knows nothing of rows."""

    def __init__(self, number: int, known: dict[str, Any]) -> None:
        self.external = {0: "", 1: "ask", 2: "refuse", 3: ""}[number]
        self.gap = 0 if number == 2 else 120
        self.oldest = 600 if number == 1 else 3_600
        self.open = number == 3  # nothing is declared: no zones, no lanes, no days
        self.known = known

    def __getattr__(self, name: str) -> Any:
        return self.known.get(name)

    def has(self, mask: Any, bit: Any) -> bool:
        whole = all(type(one) is int and 0 <= one < 2**53 for one in (mask, bit))
        return whole and bit < 53 and f"{mask:053b}"[52 - bit] == "1"

    def said(self) -> Said:
        if self.direction == "out":
            return self.leaves()
        if self.direction != "in":
            return "ask", "incomplete"
        if self.problem in NAMELESS:
            return "refuse", self.problem
        if self.override == "supervisor" and self.problem in (None, *PROBLEMS):
            return "admit", None
        for no in (self.never(), self.closed_now(), self.not_now(), self.has_been()):
            if no:
                return "refuse", no
        return self.asks() or self.comes()

    def leaves(self) -> Said:
        if self.problem in NAMELESS:
            return "ask", self.problem
        if self.inside is False:
            return "ask", "not-inside"
        unproven = ["bad-proof", "replayed", *(["stale-proof"] if self.clock_trusted is True else [])]
        if self.problem in unproven and self.override == "none":
            return "ask", self.problem
        return ("admit", None) if self.problem in (None, *PROBLEMS) else ("ask", "incomplete")

    def never(self) -> str | None:
        if self.problem in ("bad-proof", "replayed"):
            return str(self.problem)
        lost = {"revoked": "revoked", "suspended": "revoked", "invalid": "revoked", "superseded": "superseded"}
        if no := (lost | {"expired": "expired"}).get(self.status):
            return no
        if self.external and self.known.get("external") == "deny":
            return "external-deny"
        if self.open:
            return None
        if not self.has(self.lane_carriers, self.carrier) or self.lane_direction == "out":
            return "wrong-lane"
        if not self.has(self.lane_categories, self.category):
            return "wrong-category"
        return None if self.has(self.zones, self.lane_zone) else "wrong-zone"

    def closed_now(self) -> str | None:
        return {"gate": "gate-closed", "full": "venue-full"}.get(self.closed)

    def not_now(self) -> str | None:
        if self.clock_trusted is not True:
            return None
        if self.problem in ("expired", "stale-proof"):
            return str(self.problem)
        if self.open:
            return None
        if not self.has(self.days, self.day):
            return "wrong-day"
        opens, closes = {1: (450, 1_140), 3: (510, 1_050)}.get(self.category, (0, 1_440))
        if type(self.category) is int and self.minute is not None and not opens <= self.minute < closes:
            return "wrong-hours"
        return None

    def has_been(self) -> str | None:
        if self.inside is True:
            return "already-inside"
        since = self.since_entry_s
        return "too-soon" if type(since) is int and -(2**53) < since < self.gap else None

    def asks(self) -> Said | None:
        age = self.list_age_s
        whole = type(age) is int and age < 2**53
        looked = self.override != "none"
        if self.clock_trusted is not True and not looked:
            return "ask", "clock-unknown"
        if (self.status != "valid" or age is None) and not looked:
            return "ask", "status-unknown"
        if whole and age >= self.oldest and not looked:
            return "ask", "list-too-old"
        if self.external and self.known.get("external") != "allow":
            if self.external == "refuse":
                return "refuse", "external-unknown"
            return None if looked else ("ask", "external-unknown")
        return None

    def comes(self) -> Said:
        sure = self.closed == "" and self.inside is False and self.status in ("valid", "unknown")
        if not self.open:
            sure = (
                sure
                and self.lane_direction in ("in", "both")
                and type(self.category) is int
                and self.category in (1, 3, 6)
            )
        if self.external:
            sure = sure and self.known.get("external") in ("allow", "unknown")
        if sure and self.override == "looked" and self.problem in (None, "expired", "stale-proof"):
            return "admit", None
        age = self.list_age_s
        fresh = type(age) is int and 0 <= age < self.oldest
        all_known = self.clock_trusted is True and self.minute is not None and fresh and self.status == "valid"
        if self.external:
            all_known = all_known and self.known.get("external") == "allow"
        return ("admit", None) if sure and all_known and self.problem is None else ("ask", "incomplete")


@given(tables, changed(), missing)
def test_the_table_says_what_plain_words_say(number: int, known: dict[str, Any], left_out: str) -> None:
    known = without(known, left_out)

    assert _said(number, known) == Plain(number, known).said()


def test_both_interpreters_are_held_against_thousands_of_vectors() -> None:
    kept = read()
    stored = [msgspec.convert(one, Table) for one in kept.tables]

    wrong = [
        (number, differs, row, found.id)
        for number, differs, row in kept.vectors
        if (found := decide(stored[number].rows, kept.known(differs))).id != row
    ]

    assert len(kept.vectors) >= 4_000
    assert wrong == []


def test_the_stored_tables_are_those_of_today() -> None:
    """Else: python -m tests.engines.admission.vectors, and say in the changelog what decides otherwise now."""
    assert read().tables == [msgspec.json.decode(msgspec.json.encode(one)) for one in TABLES]


def test_each_row_of_each_table_is_reached_by_a_vector() -> None:
    reached = {(number, row) for number, _, row in read().vectors}

    assert {(number, row.id) for number in ALL for row in TABLES[number].rows} - reached == set()


@given(
    tables,
    changed(override="none"),
    st.sampled_from(["clock_trusted", "status", "list_age_s", "inside", "minute", "closed"]),
)
def test_what_is_unknown_never_silently_admits(number: int, known: dict[str, Any], unknown: str) -> None:
    entering = without(known | {"direction": "in"}, unknown)

    assert _said(number, entering)[0] != "admit"
    assert _said(number, entering | {unknown: None})[0] != "admit"


@given(
    changed(direction="in", override="none"),
    st.sampled_from(["category", "zones", "day", "lane_zone", "carrier", "problem"]),
)
def test_nothing_that_the_policy_asks_about_may_be_missing(known: dict[str, Any], unknown: str) -> None:
    strange = known | {unknown: "unheard-of"}

    assert _said(0, strange)[0] != "admit"


@given(tables, changed(direction="out"), st.sampled_from([True, None]), st.sampled_from([None, "expired"]))
def test_nobody_is_kept_inside(number: int, known: dict[str, Any], inside: bool | None, problem: str | None) -> None:
    """Whatever zone, hours, status or gate: whose code can be read goes out, and whose cannot is looked at."""
    assert _said(number, known | {"inside": inside, "problem": problem}) == ("admit", None)
    assert _said(number, known)[0] != "refuse"


@given(tables, changed(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_does_not_matter(number: int, known: dict[str, Any], random: Any) -> None:
    names = list(known)
    random.shuffle(names)

    assert _said(number, {name: known[name] for name in names}) == _said(number, known)


@pytest.mark.parametrize("number", ALL)
def test_who_has_every_right_comes_in_and_goes_out(number: int) -> None:
    assert _said(number, FINE) == ("admit", None)
    assert _said(number, LEAVING) == ("admit", None)


def test_a_supervisor_lets_in_whom_the_table_refuses_but_not_who_has_no_name() -> None:
    against = FINE | {"override": "supervisor", "status": "revoked", "inside": True}

    assert _said(0, against) == ("admit", None)
    assert _said(0, against | {"problem": "bad-signature"}) == ("refuse", "bad-signature")


def test_a_certain_no_goes_before_a_question() -> None:
    assert _said(0, FINE | {"clock_trusted": False, "status": "revoked"}) == ("refuse", "revoked")
    assert _said(0, FINE | {"clock_trusted": False, "problem": "stale-proof"}) == ("ask", "clock-unknown")
    assert _said(0, FINE | {"clock_trusted": False, "problem": "stale-proof", "override": "looked"}) == ("admit", None)


@pytest.mark.parametrize("number", ALL)
def test_rows_ask_only_what_is_a_field_and_each_has_its_own_name(number: int) -> None:
    rows = TABLES[number].rows

    asked = {field for row in rows for field, _, _ in row.when}
    named = {one["field"] for row in rows for _, _, one in row.when if isinstance(one, dict)}
    assert asked | named <= set(FIELDS)
    assert set(FINE) == set(FIELDS)
    assert len({row.id for row in rows}) == len(rows)
    assert rows[-1].when == ()


def test_the_tables_say_every_code_that_is_known_and_no_other() -> None:
    assert {row.code for table in TABLES for row in table.rows} - {None} == set(DECISION_CODES)


def test_the_version_changes_with_what_decides_and_with_nothing_else() -> None:
    first = compiled(AdmissionRule(lanes=LANES), VENUE)

    assert first == compiled(AdmissionRule(lanes=LANES), VENUE)
    assert first.version != compiled(AdmissionRule(lanes=LANES, reentry_gap_s=121), VENUE).version
    assert first.version != compiled(AdmissionRule(lanes=LANES), Venue()).version


def test_an_operator_that_is_not_there_is_a_mistake_and_not_a_no() -> None:
    with pytest.raises(ValueError, match="no such operator"):
        holds({}, ("zones", "like", 1))
