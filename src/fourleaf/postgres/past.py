# SPDX-License-Identifier: Apache-2.0
"""Past: where a run's pictures begin, its changes frame by frame, and the marks on its line of time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from fourleaf.postgres.pictures import Shown
from fourleaf.postgres.pool import Connection

# At most so many rows are read at once.
PAGE = 2_000


class After(NamedTuple):
    """Where a page ended: the frame or the instant, and the serial of the change."""

    frame: int
    seq: int

    def __str__(self) -> str:
        return f"{self.frame}.{self.seq}"

    @classmethod
    def parse(cls, text: str) -> "After":
        """Raises: ValueError"""
        frame, seq = text.split(".")
        found = cls(int(frame), int(seq))
        if not all(0 <= number < 2**63 for number in found):
            raise ValueError(text)
        return found


BEGIN = After(0, 0)


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of edition time, without its start and with its end, in frames of so many seconds; the last may be shorter."""

    start: datetime
    end: datetime
    every_s: int

    def ends(self, frame: int) -> datetime:
        return min(self.start + timedelta(seconds=self.every_s) * frame, self.end)


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A change that matters. status: `over` where a thing went; says: what the thing says, or said last."""

    at: datetime
    layer: str
    thing: str
    status: str
    says: dict[str, Any]


async def first(connection: Connection) -> datetime | None:
    """Since when there are pictures of this run."""
    row = await (await connection.execute("select min(shown_from) from picture_change")).fetchone()
    return row[0] if row else None


# Of each thing the last change of a frame that the viewer may see: what he is shown at its end. That one of his
# labels sufficed then is asked of the row, which labels he holds of the one who asks.
_FRAMES = """
with seen as (
  select seq, layer, thing, shown_from, ceil(extract(epoch from shown_from - %(start)s) / %(every_s)s)::bigint as frame
  from picture_change
  where shown_from > %(start)s and shown_from <= %(end)s and labels && %(held)s::text[]),
last as (select distinct on (frame, layer, thing) frame, seq from seen order by frame, layer, thing, shown_from desc, seq desc)
select last.frame, last.seq, p.layer, p.thing, p.place, p.props, p.labels, p.stale_at, p.shown_from
from last join picture_change p on p.seq = last.seq
where (last.frame, last.seq) > (%(frame)s, %(after)s) order by last.frame, last.seq limit %(limit)s"""


async def frames(
    connection: Connection, stretch: Stretch, held: Sequence[str], after: After = BEGIN, *, limit: int = PAGE
) -> tuple[list[tuple[int, Shown]], After | None]:
    """Changes as (number of the frame, what is shown at its end), and where to go on; None when this is all.

    Put over what was shown at the start, they give what was shown at the end of each frame.
    """
    values = msgspec.structs.asdict(stretch) | {"held": list(held), "limit": limit + 1}
    cursor = await connection.execute(_FRAMES, values | {"frame": after.frame, "after": after.seq})
    rows = await cursor.fetchall()
    found = [(row[0], _shown(row[2:])) for row in rows[:limit]]
    return found, After(*rows[limit - 1][:2]) if len(rows) > limit else None


# By microseconds, so that a page can end between two marks of one instant.
_MARKS = """
select (extract(epoch from shown_from) * 1000000)::bigint as us, seq, shown_from, layer, thing, mark ->> 'status', mark -> 'says'
from picture_change
where mark is not null and shown_from >= %(start)s and shown_from <= %(end)s and labels && %(held)s::text[]
  and ((extract(epoch from shown_from) * 1000000)::bigint, seq) > (%(us)s, %(after)s)
order by shown_from, seq limit %(limit)s"""


async def marks(
    connection: Connection,
    start: datetime,
    end: datetime,
    held: Sequence[str],
    after: After = BEGIN,
    *,
    limit: int = PAGE,
) -> tuple[list[Mark], After | None]:
    """What mattered from start to end, oldest first, and where to go on; None when this is all."""
    values = {"start": start, "end": end, "held": list(held), "us": after.frame, "after": after.seq, "limit": limit + 1}
    rows = await (await connection.execute(_MARKS, values)).fetchall()
    found = [Mark(at=row[2], layer=row[3], thing=row[4], status=row[5], says=row[6]) for row in rows[:limit]]
    return found, After(*rows[limit - 1][:2]) if len(rows) > limit else None


def _shown(row: Sequence[Any]) -> Shown:
    layer, thing, place, props, labels, stale_at, shown_from = row
    return Shown(
        layer=layer,
        thing=thing,
        place=place,
        props=props,
        labels=tuple(labels),
        stale_at=stale_at,
        shown_from=shown_from,
    )
