# SPDX-License-Identifier: Apache-2.0
"""Draw: turns changed rows into pictures. Knows what is shown already, so that only differences are written."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from fourleaf.app.rooms import Rooms
from fourleaf.kernel.fold import Change, Picture, Pictured
from fourleaf.kernel.position import Position
from fourleaf.postgres import pictures
from fourleaf.postgres.pool import Connection


class Drawing:
    """The pictures of one run, as its only worker draws them."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._shown: dict[tuple[str, str], bytes] = {}
        self._thing_of: dict[tuple[str, str], str] = {}
        self._due = {index: 0.0 for index, picture in enumerate(rooms.pictures) if picture.beat_s}

    async def restore(self, connection: Connection) -> None:
        """Learn what is shown already, after a start."""
        _, shown = await pictures.now(connection)
        self._shown = {(one.layer, one.thing): b"" for one in shown}

    async def draw(
        self,
        connection: Connection,
        changes: Sequence[Change],
        *,
        now: datetime,
        wall_s: float,
        position: Position,
        everything: bool = False,
    ) -> int:
        """Redraw what changed and what is due. Gives the number of things written."""
        written: dict[tuple[str, str], Pictured | None] = {}
        for index, picture in enumerate(self._rooms.pictures):
            things = self._things(index, picture, changes, wall_s, everything)
            if things is not None and not things:
                continue
            views = await self._rooms.views[picture.view](connection, things, now)
            for name, view in views.items():
                if things is None or name in things:
                    self._keep(written, picture, name, picture.draw(name, view, now))
        if everything:  # what a crash left behind is taken down
            written = dict.fromkeys(self._shown) | written
        fresh = [(layer, what, thing) for (layer, thing), what in written.items() if self._differs(layer, thing, what)]
        await pictures.write(connection, fresh, at=now, position=position)
        return len(fresh)

    def _things(
        self, index: int, picture: Picture, changes: Iterable[Change], wall_s: float, everything: bool
    ) -> set[str] | None:
        """Which things of a picture to redraw; None: all."""
        if everything or (picture.beat_s and wall_s >= self._due[index]):
            if picture.beat_s:
                self._due[index] = wall_s + picture.beat_s
            return None
        if picture.thing is None:
            return set()
        return (
            {picture.thing(change.row) for change in changes if isinstance(change.row, picture.of)}
            if picture.of
            else set()
        )

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
