# SPDX-License-Identifier: Apache-2.0
"""Feed: what another body sends us: by which way, in which shape, how often, for what purpose and until when."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

import msgspec

from fourleaf.engines.sensing.declares import feed_complaints
from fourleaf.engines.sensing.declares.words import Words, in_both
from fourleaf.kernel.labels import DESK
from fourleaf.pack.complaint import Complaint

Way = Literal["pull", "push", "folder", "hand", "one-way"]


class FeedThing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the values are of. key: as the feed calls it; at: the thing of the venue where the map shows it."""

    key: str
    name: Words
    at: str = ""


class FeedQuantity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One value of each row. column: of a table, or the path in a JSON row.

    min, max: what is plausible; a row with a value outside is refused. jump: a larger step from the value before is
    suspicious; stuck_after_s: so is the same value of one thing for so long. unit: in both languages where they differ.
    """

    key: str
    name: Words
    unit: str | Words = ""
    column: str
    min: Decimal
    max: Decimal
    required: bool = True
    jump: Decimal | None = None
    stuck_after_s: int = 0

    def unit_in(self, language: str) -> str:
        return str(getattr(in_both(self.unit), language))


class FeedSchema(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a delivery says what. rows: path to the list of rows in JSON, "" where it is the list itself, or one row.

    at, thing: column or path; thing "" where there is one thing only. clock_ahead_s, behind_s: rows beyond are refused.
    """

    format: Literal["csv", "json"] = "csv"
    rows: str = ""
    at: str
    thing: str = ""
    clock_ahead_s: int = 600
    behind_s: int = 86_400


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the owner allowed. Both days are part of it. after: what becomes then of what was taken in."""

    purpose: Words
    from_day: date = msgspec.field(name="from")
    until: date
    after: Literal["hide", "drop"]


class Aggregates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The owner gives sums only: a row that sums up fewer than `smallest` is refused, and never stored.

    column: where a row says how many it sums up.
    """

    smallest: int
    column: str


class Feed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What one file `feeds/<key>.toml` says. group: the folder it stands in.

    interval_s: how often it is due; late_after_s: older than this its newest value is late.
    url: of a pull; public_key: the Ed25519 key of a one-way feed, in base64. see: who sees it; send: who may send it by hand;
    of both: the desk and its own group if nothing is said.
    """

    name: Words
    owner: Words
    way: Way
    schema: FeedSchema
    quantities: tuple[FeedQuantity, ...] = msgspec.field(name="quantity", default=())
    things: tuple[FeedThing, ...] = msgspec.field(name="thing", default=())
    grant: Grant
    interval_s: int
    late_after_s: int
    aggregates: Aggregates | None = None
    url: str = ""
    public_key: str = ""
    group: str = ""
    note: Words | None = None
    source: str = ""
    see: tuple[str, ...] = (DESK,)
    send: tuple[str, ...] = (DESK,)

    @cached_property
    def thing_of(self) -> Mapping[str, FeedThing]:
        return {thing.key: thing for thing in self.things}

    @cached_property
    def by_key(self) -> Mapping[str, FeedQuantity]:
        return {quantity.key: quantity for quantity in self.quantities}

    @property
    def columns(self) -> tuple[str, ...]:
        """Everything a row may say; another column is a mistake of whoever sends it."""
        named = [self.schema.at, self.schema.thing, *(quantity.column for quantity in self.quantities)]
        return tuple(filter(None, [*named, self.aggregates.column if self.aggregates else ""]))

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the declaration beyond its types."""
        return feed_complaints.of_feed(self)

    def venue_things(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Things of the venue that it names, and at which key of its file."""
        for number, thing in enumerate(self.things):
            if thing.at:
                yield ("thing", number, "at"), thing.at
