# SPDX-License-Identifier: Apache-2.0
"""Crowd: passages of holders at gates, as the gates of a full edition would send them; the same for a seed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec

from fourleaf.engines.admission.facts import Entered, Left, TurnedAway
from fourleaf.engines.admission.state import Presence, fold
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import differences
from fourleaf.pack.declared import Declaration, stream_of
from fourleaf.pack.declared import fold as fold_declaration
from fourleaf.pack.facts import Declared
from fourleaf.postgres.append import Append

OPENS = datetime(2024, 11, 5, 0, 30, tzinfo=UTC)
OPEN_FOR = timedelta(hours=9)
DAYS = 6
LANES, GATES = 107, 20


def lane(number: int) -> tuple[str, str]:
    """A lane and its gate."""
    at = number % LANES
    return f"W-L1-{at:03d}", f"G{at % GATES}"


def opening(run: str) -> Append:
    """The pack's part: the lanes, declared."""
    facts, changes = list[Fact](), list[object]()
    for number in range(LANES):
        name, gate = lane(number)
        fact = _fact(
            run,
            stream_of("lane", name),
            1,
            Declared(kind="lane", key=name, value={"gate": gate, "entrance": gate}),
            OPENS - timedelta(days=1),
        )
        facts.append(fact)
        changes += differences([], [fold_declaration(Declaration(), fact)])
    return Append(facts=facts, changes=changes)  # type: ignore[arg-type]


def passage(run: str, before: Presence, number: int, at: datetime) -> tuple[Fact, Presence]:
    """The next passage of a holder, in when outside and out when inside, and where the holder is then."""
    name, gate = lane(number)
    kind = Left if before.inside else Entered
    body = kind(lane=name, gate=gate, day=at.date())
    fact = _fact(run, f"holder:{before.holder}", before.version + 1, body, at)
    return fact, fold(before, fact)


def passing(run: str, before: Presence, number: int, at: datetime) -> tuple[Append, Presence]:
    """One passage as a command: the fact with its own row."""
    fact, after = passage(run, before, number, at)
    return Append(facts=(fact,), changes=differences([before] if before.version else [], [after])), after


def edition(run: str, facts: int, *, seed: int = 7) -> Iterator[Fact]:
    """A whole edition: six days, six passages a holder in the mean, one attempt in a hundred turned away."""
    random = Random(seed)
    outside = [Presence(holder=f"{number:08x}") for number in range(max(facts // 6, 8))]
    inside: list[Presence] = []
    for number in range(facts):
        day, share = divmod(number * DAYS / facts, 1.0)
        at = OPENS + timedelta(days=day) + timedelta(milliseconds=int(share * OPEN_FOR.total_seconds() * 1000))
        come = not inside or (bool(outside) and random.random() > share)
        source, target = (outside, inside) if come else (inside, outside)
        holder = _take(source, random)
        if random.random() < 0.01:
            fact = _turned_away(run, holder, number, at)
            source.append(msgspec.structs.replace(holder, version=fact.version))
        else:
            fact, after = passage(run, holder, number, at)
            target.append(after)
        yield fact


def _take(holders: list[Presence], random: Random) -> Presence:
    at = int(random.random() * len(holders))
    holders[at], holders[-1] = holders[-1], holders[at]
    return holders.pop()


def _turned_away(run: str, holder: Presence, number: int, at: datetime) -> Fact:
    name, gate = lane(number)
    code = "admission.already-inside" if holder.inside else "admission.not-inside"
    direction = "in" if holder.inside else "out"
    body = TurnedAway(lane=name, gate=gate, day=at.date(), direction=direction, code=code)  # type: ignore[arg-type]
    return _fact(run, f"holder:{holder.holder}", holder.version + 1, body, at)


def _fact(run: str, stream: str, version: int, body: object, at: datetime) -> Fact:
    return Fact(
        run=run,
        stream=stream,
        version=version,
        body=body,  # type: ignore[arg-type]
        occurred_at=at,
        recorded_at=at,
        actor="lane:bench",
        labels=("office",),
    )
