# SPDX-License-Identifier: Apache-2.0
"""Draw: turns changed rows into pictures. Knows what is shown already, so that only differences are written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fourleaf.app.rooms import Rooms
from fourleaf.kernel.fold import Change, Picture, Pictured
from fourleaf.kernel.position import Position
from fourleaf.postgres import pictures
from fourleaf.postgres.pool import Connection

# The status of a mark where a thing went.
OVER = "over"


class Marking:
    """What the line of time says of changes. by: layer -> the property whose changes matter."""

    def __init__(self, by: Mapping[str, str]) -> None:
        self._by = by
        self._last: dict[tuple[str, str], dict[str, Any]] = {}

    def of(self, layer: str, thing: str, props: dict[str, Any] | None) -> dict[str, Any] | None:
        """The mark of this change, if it is worth one. Shape: status, and what the thing says, or last said."""
        before = self._last.pop((layer, thing), None)
        if layer not in self._by or props is None:
            return before and {"status": OVER, "says": before}
        self._last[layer, thing] = props
        by = self._by[layer]
        if before and before.get(by) == props.get(by):
            return None
        return {"status": str(props.get(by, "")), "says": props}


class Drawing:
    """The pictures of one run, as its only worker draws them."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._shown: dict[tuple[str, str], bytes] = {}
        self._thing_of: dict[tuple[str, str], str] = {}
        self._due = {index: 0.0 for index, picture in enumerate(rooms.pictures) if picture.beat_s}
        self._marking = Marking({picture.layer: picture.mark for picture in rooms.pictures if picture.mark})

    def due_in_s(self, wall_s: float) -> float:
        """How long until a picture is due; 0 when one is."""
        return max(0.0, min(self._due.values(), default=float("inf")) - wall_s)

    async def restore(self, connection: Connection) -> None:
        """Learn what is shown already, after a start."""
        _, shown = await pictures.now(connection)
        self._shown = {(one.layer, one.thing): b"" for one in shown}
        for one in shown:
            self._marking.of(one.layer, one.thing, one.props)

    async def draw(
        self,
        connection: Connection,
        changes: Sequence[Change],
        touched: Collection[str],
        *,
        now: datetime,
        wall_s: float,
        position: Position,
        everything: bool = False,
    ) -> int:
        """Redraw what changed and what is due. touched: streams that got facts. Gives the number of things written."""
        written: dict[tuple[str, str], Pictured | None] = {}
        whole: dict[str, Mapping[str, Any]] = {}  # each view is asked once a round
        for index, picture in enumerate(self._rooms.pictures):
            things = self._things(index, picture, changes, touched, wall_s, everything)
            if things is not None and not things:
                continue
            if things is None and picture.view not in whole:
                whole[picture.view] = await self._rooms.views[picture.view](connection, None, now)
            views = whole.get(picture.view) or await self._rooms.views[picture.view](connection, things, now)
            states = {picture.view: views} if picture.whole else views
            for name, view in states.items():
                if things is None or name in things:
                    self._keep(written, picture, name, picture.draw(name, view, now))
            for name in self._left(picture, states) if things is None else ():
                self._keep(written, picture, name, None)
        if everything:  # what a crash left behind is taken down
            written = dict.fromkeys(self._shown) | written
        fresh = [(layer, what, thing) for (layer, thing), what in written.items() if self._differs(layer, thing, what)]
        marks = {
            (layer, thing): mark
            for layer, what, thing in fresh
            if (mark := self._marking.of(layer, thing, what.props if what else None))
        }
        await pictures.write(connection, fresh, at=now, position=position, marks=marks)
        return len(fresh)

    def _things(
        self,
        index: int,
        picture: Picture,
        changes: Iterable[Change],
        touched: Collection[str],
        wall_s: float,
        everything: bool,
    ) -> set[str] | None:
        """Which things of a picture to redraw; None: all."""
        if everything or (picture.beat_s and wall_s >= self._due[index]):
            if picture.beat_s:
                self._due[index] = wall_s + picture.beat_s
            return None
        things = {
            name for prefix, _, name in (stream.partition(":") for stream in touched) if prefix in picture.streams
        }
        if picture.thing:
            things |= {picture.thing(change.row) for change in changes if isinstance(change.row, picture.of)}
        return things

    def _left(self, picture: Picture, states: Collection[str]) -> list[str]:
        """Things that a look at all of a view finds no more: what declared them has changed."""
        before = f"{picture.view}/"
        known = [thing for layer, thing in self._thing_of if layer == picture.layer and thing.startswith(before)]
        return [name for thing in known if (name := thing.removeprefix(before)) not in states]

    def _keep(
        self, written: dict[tuple[str, str], Pictured | None], picture: Picture, name: str, what: Pictured | None
    ) -> None:
        known = (picture.layer, f"{picture.view}/{name}")
        if what is not None:
            self._thing_of[known] = what.thing
            written[(picture.layer, what.thing)] = what
        elif known in self._thing_of:
            written.setdefault((picture.layer, self._thing_of.pop(known)), None)

    def _differs(self, layer: str, thing: str, what: Pictured | None) -> bool:
        seen = self._shown.get((layer, thing))
        if what is None:
            return self._shown.pop((layer, thing), None) is not None
        encoded = msgspec.json.encode((what.place, what.props, what.labels))
        self._shown[(layer, thing)] = encoded
        return encoded != seen
