# SPDX-License-Identifier: Apache-2.0
"""Table: the policy of an edition as ordered rows that a server, a gate's browser and a turnstile decide by alike.

The rows stand in this order: who leaves; what no code at all can be known of; a supervisor's word; what is certainly
not allowed; what has to be asked; and at the end the ways in, which name all that has to be known for them.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

import msgspec

from fourleaf.engines.admission.declares import AdmissionRule
from fourleaf.engines.admission.rules.deciding import Condition, Outcome

# All that is known of one attempt. Shape: name -> what it may be; None where it is not known.
FIELDS: Mapping[str, str] = {
    "direction": "in | out",
    "problem": "what is wrong with the code, None: nothing",
    "carrier": "place in CARRIERS",
    "category": "number of the category",
    "zones": "mask of zones",
    "days": "mask of days",
    "day": "place of today among the table's days, None: none of them",
    "minute": "of the local day",
    "clock_trusted": "whether the lane's clock is right",
    "status": "valid | revoked | suspended | superseded | expired | invalid | unknown",
    "list_age_s": "of what is known of the status; 0 for who asks the server",
    "lane_zone": "number of the zone the lane leads to",
    "lane_categories": "mask of categories",
    "lane_carriers": "mask of carriers",
    "lane_direction": "in | out | both",
    "closed": "'' | gate | full",
    "inside": "whether the holder is inside, as far as is known here",
    "since_entry_s": "since the last entry that is known here, None: there was none",
    "external": "allow | deny | unknown; looked at only where the policy says so",
    "override": "none | looked (somebody compared photo or badge) | supervisor",
}
# With these nobody knows whose code it is.
NAMELESS = ("bad-code", "unknown-key", "bad-signature")
PROBLEMS = (*NAMELESS, "expired", "bad-proof", "stale-proof", "replayed")

# All that a table may say, beside nothing.
DECISION_CODES = (
    "admission.already-inside",
    "admission.not-inside",
    "admission.too-soon",
    "admission.wrong-zone",
    "admission.wrong-day",
    "admission.wrong-hours",
    "admission.wrong-category",
    "admission.wrong-lane",
    "admission.gate-closed",
    "admission.venue-full",
    "admission.revoked",
    "admission.superseded",
    "admission.expired",
    "admission.bad-code",
    "admission.unknown-key",
    "admission.bad-signature",
    "admission.bad-proof",
    "admission.stale-proof",
    "admission.replayed",
    "admission.clock-unknown",
    "admission.status-unknown",
    "admission.list-too-old",
    "admission.external-deny",
    "admission.external-unknown",
    "admission.incomplete",
)

_IN: Condition = ("direction", "eq", "in")
_OUT: Condition = ("direction", "eq", "out")
_NOT_LOOKED: Condition = ("override", "eq", "none")
_CLOCK: Condition = ("clock_trusted", "eq", True)
_ZONE: Condition = ("zones", "bit", {"field": "lane_zone"})
_DAY: Condition = ("days", "bit", {"field": "day"})
_CARRIER: Condition = ("lane_carriers", "bit", {"field": "carrier"})
_CATEGORY: Condition = ("lane_categories", "bit", {"field": "category"})


class Row(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    when: tuple[Condition, ...]
    outcome: Outcome
    code: str | None = None


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """Who may come from when to when. Unit: minutes of the local day; closes is the first minute that is too late.

    zones, days: masks of what the category opens, for who issues codes.
    """

    number: int
    key: str
    opens: int = 0
    closes: int = 1_440
    zones: int = 0
    days: int = 0


class Lane(msgspec.Struct, frozen=True, kw_only=True):
    """Where a lane leads and what it takes, as masks. zone: None where no rule of the policy fits."""

    gate: str
    gate_class: str = ""
    zone: int | None = None
    direction: str = "both"
    carriers: int = 0
    categories: int = 0


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """What the pack says of it: zone -> number; categories; dates that credentials can be for; lane -> lane."""

    zones: Mapping[str, int] = {}
    categories: tuple[Category, ...] = ()
    days: tuple[str, ...] = ()
    lanes: Mapping[str, Lane] = {}


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """What goes to the gates. version: a hash of all the rest."""

    version: str
    rows: tuple[Row, ...]
    clock_tolerance_s: int
    list_age_limit_s: int
    external: bool
    venue: Venue


def compiled(policy: AdmissionRule, venue: Venue) -> Table:
    """The same policy and venue give the same table, to the byte."""
    table = Table(
        version="",
        rows=tuple(_rows(policy, venue)),
        clock_tolerance_s=policy.clock_tolerance_s,
        list_age_limit_s=policy.list_age_limit_s,
        external=policy.external_status == "on",
        venue=venue,
    )
    whole = msgspec.json.encode(table, order="sorted")
    return msgspec.structs.replace(table, version=sha256(whole).hexdigest()[:16])


def _rows(policy: AdmissionRule, venue: Venue) -> Iterator[Row]:
    yield from _leaving()
    for problem in NAMELESS:
        yield _refuse(problem, ("problem", "eq", problem))
    yield _admit("supervisor", _IN, ("override", "eq", "supervisor"), _named(*PROBLEMS))
    yield from _never(policy, venue)
    yield from _not_now(policy, venue)
    yield from _questions(policy)
    sure = tuple(_sure(policy, venue))
    yield _admit("looked", *sure, ("override", "eq", "looked"), _named("expired", "stale-proof"))
    yield _admit("in", *sure, *_surer(policy, venue), ("problem", "eq", None))
    yield Row(id="incomplete", when=(), outcome="ask", code="admission.incomplete")


def _leaving() -> Iterator[Row]:
    """Nobody is kept inside: who is in goes out, at any hour, by any gate, with any right; at worst somebody looks."""
    for problem in NAMELESS:
        yield _ask(problem, _OUT, ("problem", "eq", problem), id=f"out-{problem}")
    yield _ask("not-inside", _OUT, ("inside", "eq", False))
    for problem in ("bad-proof", "replayed"):
        yield _ask(problem, _OUT, ("problem", "eq", problem), _NOT_LOOKED, id=f"out-{problem}")
    yield _ask("stale-proof", _OUT, ("problem", "eq", "stale-proof"), _CLOCK, _NOT_LOOKED, id="out-stale-proof")
    yield _admit("out", _OUT, _named(*PROBLEMS))


def _never(policy: AdmissionRule, venue: Venue) -> Iterator[Row]:
    """What no photo and no other hour mends."""
    for problem in ("bad-proof", "replayed"):
        yield _refuse(problem, ("problem", "eq", problem))
    yield _refuse("revoked", ("status", "in", ("revoked", "suspended", "invalid")))
    yield _refuse("superseded", ("status", "eq", "superseded"))
    yield _refuse("expired", ("status", "eq", "expired"), id="expired-early")
    if policy.external_status == "on":
        yield _refuse("external-deny", ("external", "eq", "deny"))
    if policy.lanes:
        yield _refuse("wrong-lane", ("lane_carriers", "nobit", {"field": "carrier"}))
        yield _refuse("wrong-lane", ("lane_direction", "eq", "out"), id="wrong-direction")
    if policy.lanes and venue.categories:
        yield _refuse("wrong-category", ("lane_categories", "nobit", {"field": "category"}))
    if policy.lanes and venue.zones:
        yield _refuse("wrong-zone", ("zones", "nobit", {"field": "lane_zone"}))


def _not_now(policy: AdmissionRule, venue: Venue) -> Iterator[Row]:
    """What another minute or another day would allow; a wrong clock says nothing of that."""
    yield _refuse("gate-closed", ("closed", "eq", "gate"))
    yield _refuse("venue-full", ("closed", "eq", "full"))
    for problem in ("expired", "stale-proof"):
        yield _refuse(problem, ("problem", "eq", problem), _CLOCK)
    if venue.days:
        yield _refuse("wrong-day", ("days", "nobit", {"field": "day"}), _CLOCK)
    for one in venue.categories:
        mine: Condition = ("category", "eq", one.number)
        if one.opens > 0:
            yield _refuse("wrong-hours", mine, ("minute", "lt", one.opens), _CLOCK, id=f"early-{one.key}")
        if one.closes < 1_440:
            yield _refuse("wrong-hours", mine, ("minute", "ge", one.closes), _CLOCK, id=f"late-{one.key}")
    yield _refuse("already-inside", ("inside", "eq", True))
    if policy.reentry_gap_s:
        yield _refuse("too-soon", ("since_entry_s", "lt", policy.reentry_gap_s))


def _questions(policy: AdmissionRule) -> Iterator[Row]:
    """What nobody here can know: a person looks, and says so."""
    yield _ask("clock-unknown", _IN, ("clock_trusted", "ne", True), _NOT_LOOKED)
    yield _ask("status-unknown", _IN, ("status", "ne", "valid"), _NOT_LOOKED)
    yield _ask("status-unknown", _IN, ("list_age_s", "eq", None), _NOT_LOOKED, id="list-age-unknown")
    yield _ask("list-too-old", _IN, ("list_age_s", "ge", policy.list_age_limit_s), _NOT_LOOKED)
    if policy.external_status == "on" and policy.external_outage == "ask":
        yield _ask("external-unknown", _IN, ("external", "ne", "allow"), _NOT_LOOKED)
    elif policy.external_status == "on":
        yield _refuse("external-unknown", ("external", "ne", "allow"))


def _sure(policy: AdmissionRule, venue: Venue) -> Iterator[Condition]:
    """What must be known of whoever comes in, also when somebody looked."""
    yield from (_IN, ("closed", "eq", ""), ("inside", "eq", False), ("status", "in", ("valid", "unknown")))
    if policy.lanes:
        yield from (_CARRIER, ("lane_direction", "in", ("in", "both")))
    if policy.lanes and venue.categories:
        yield _CATEGORY
    if policy.lanes and venue.zones:
        yield _ZONE
    if venue.categories:
        yield ("category", "in", tuple(one.number for one in venue.categories))
    if policy.external_status == "on":
        yield ("external", "in", ("allow", "unknown"))


def _surer(policy: AdmissionRule, venue: Venue) -> Iterator[Condition]:
    """What must be known besides where nobody looked."""
    yield from (_CLOCK, ("minute", "ge", 0), ("status", "eq", "valid"))
    yield from (("list_age_s", "ge", 0), ("list_age_s", "lt", policy.list_age_limit_s))
    if venue.days:
        yield _DAY
    if policy.external_status == "on":
        yield ("external", "eq", "allow")


def _named(*problems: str) -> Condition:
    """Either nothing is wrong with the code, or one of these; in any case it is known whose it is."""
    return "problem", "in", (None, *[problem for problem in problems if problem not in NAMELESS])


def _refuse(reason: str, *when: Condition, id: str = "") -> Row:
    return Row(id=id or reason, when=(_IN, *when), outcome="refuse", code=f"admission.{reason}")


def _ask(reason: str, *when: Condition, id: str = "") -> Row:
    return Row(id=id or reason, when=when, outcome="ask", code=f"admission.{reason}")


def _admit(id: str, *when: Condition) -> Row:
    return Row(id=id, when=when, outcome="admit")


def mask(bits: Sequence[int]) -> int:
    return sum(1 << bit for bit in set(bits))
