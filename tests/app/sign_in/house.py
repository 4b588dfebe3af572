# SPDX-License-Identifier: Apache-2.0
"""A house: what is in one fair under whichever labels, and who comes to look at it, in whichever roles of the shipped pack."""

import tomllib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from fourleaf.app.directory import Directory
from fourleaf.app.sign_in.standing import Standings
from fourleaf.engines.world import actions
from fourleaf.engines.world.declares.register import Register
from fourleaf.kernel.principal import Principal
from fourleaf.postgres.pool import Connection, Pools
from tests.app.sign_in.fair import Browser, Fair
from tests.blobs import made
from tests.conftest import CIIE

ROLES: dict[str, dict[str, Any]] = {
    one["id"]: one for one in tomllib.loads((CIIE / "people" / "roles.toml").read_text("utf-8"))["role"]
}
# Codes are another test's: here every role opens what it says.
POSTS = sorted(
    f"{name}@{group}" if role.get("in_group") else name
    for name, role in ROLES.items()
    for group in (("security", "traffic") if role.get("in_group") else ("",))
)
LABELS = ("public", "office", "desk", "group:security", "group:traffic", "protected:guests", "agency:police")
NUMBERS = count(1)

some_labels = st.sets(st.sampled_from(LABELS), min_size=1, max_size=3).map(sorted)
posts = st.none() | st.sets(st.sampled_from(POSTS), max_size=3).map(sorted)
slowly = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class House:
    """What is in one fair, and who comes: a browser for each set of posts, made once."""

    def __init__(self, fair: Fair, pools: Pools) -> None:
        self.fair, self.pools = fair, pools
        self._browsers = dict[tuple[str, ...], Browser]()

    async def browser(self, held: Sequence[str] | None) -> Browser:
        """None: a visitor."""
        if held is None:
            return self.fair.browser()
        key = tuple(held)
        if key not in self._browsers:
            name = f"p{next(NUMBERS)}"
            said = await self.fair.open(name, held[0] if held else "nobody")
            for post in held[1:]:
                await self.fair.act(said.account, "give", post)
            self._browsers[key] = self.fair.browser()
            assert self._browsers[key].sign_in(name, said.password).status_code == 303
        return self._browsers[key]

    async def principal(self, browser: Browser) -> Principal:
        """Who the server says it is."""
        standings = Standings(self.pools, Directory(self.pools), timedelta(minutes=30))
        who = await standings.who(browser.client.cookies.get("fourleaf") or "")
        found = who.principal(rehearsal=False) if who else None
        return found or Principal(id="visitor", labels=("public",))

    async def fill(self, key: str, see: list[str], write: list[str]) -> str:
        """A register with one thing, whose name stands nowhere else. Gives the name."""
        words, field = {"zh": key, "en": key}, {"key": "name", "type": "text", "label": True}
        fields = [
            field | {"name": words},
            {"key": "photo", "type": "photo", "name": words},
            {"key": "at", "type": "place", "name": words},
        ]
        await self.fair.declare("register", key, name=words, see=see, write=write, field=fields)
        register = msgspec.convert({"name": words, "see": see, "write": write, "field": fields}, Register, strict=False)
        photo = await actions.attach(self.fair.site, self.fair.app.state.office.safe, register, "photo", _photo(key))
        assert isinstance(photo, str)
        asked = actions.Asked(
            principal=Principal(id="pack", labels=("office",)),
            request_id=f"r-{key}",
            name=key,
            register=register,
            item="x1",
            given=[key],
        )
        said = {"name": f"needle{key}", "photo": photo, "at": "L1 121.3 31.19"}
        await actions.add(self.fair.site, asked, "x1", said)
        return photo.removeprefix("blob:")


async def _photo(key: str) -> AsyncIterator[bytes]:
    """No two are equal: equal files are one file."""
    number = int(key.strip("r-").replace("-", ""))
    image = made.picture((8, 8))
    image.putpixel((0, 0), (number % 256, number // 256 % 256, number // 65536 % 256))
    yield made.saved(image, "PNG")


def oracle(held: Sequence[str] | None, browser_account: str) -> set[str]:
    """The labels that these posts give, as the pack says."""
    found = {"public"}
    for post in held or ():
        role, _, group = post.partition("@")
        found |= {label.replace("{group}", group) for label in ROLES[role]["labels"]}
    return found | ({browser_account} if held is not None else set())


async def after_all(db: Connection, now: datetime) -> datetime:
    """After everything that is there: an instant is before or after all of an example."""
    row = await (await db.execute("select max(shown_from) from picture_change")).fetchone()
    last = row[0] if row and row[0] else now - timedelta(hours=2)
    return max(last, now - timedelta(hours=2)) + timedelta(milliseconds=10)
