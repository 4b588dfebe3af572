# SPDX-License-Identifier: Apache-2.0
"""What lanes need to decide alone, what they tell afterwards, and what came of it."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from litestar import get, post
from litestar.params import Body

from fourleaf.engines.admission import actions, store
from fourleaf.engines.admission.declares import FIGURES
from fourleaf.engines.admission.facts import Direction, Known
from fourleaf.engines.admission.rules import Table, Told
from fourleaf.engines.admission.state import DoubleEntry, SigningKey
from fourleaf.engines.admission.web.passages import Name
from fourleaf.engines.admission.web.redeeming import Moment
from fourleaf.kernel.principal import Principal
from fourleaf.kernel.refusal import Refusal
from fourleaf.postgres.journal import Site
from fourleaf.ui.answers import device, require, sentence
from fourleaf.ui.sent import Sent

_ROOM = Path(__file__).parents[1]
# A lane tells its queue in pieces of at most so many.
MOST = 200
# Double entries on one page.
LISTED = 1_000

Number = Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
Category = Annotated[int, msgspec.Meta(ge=0, lt=2**16)]
Counter = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Version = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9._:-]*$")]
Reason = Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[a-z-]*$")]
TurnedAwayFor = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^admission\.[a-z-]+$")]


class KnownThere(Sent, frozen=True, kw_only=True):
    """What the lane knew: the status of the credential, version and age of its list, whether its clock was right."""

    status: Reason = ""
    list: Version = ""
    list_age_s: Annotated[int, msgspec.Meta(ge=0, lt=2**31)] | None = None
    clock_trusted: bool = True


class Kept(Sent, frozen=True, kw_only=True):
    """One passage that a lane decided by itself. index, holder: as the code says; without both it could not be read."""

    nonce: Name
    counter: Counter
    at: Moment
    direction: Direction
    outcome: Literal["admit", "refuse", "ask"]
    code: TurnedAwayFor | None = None
    index: Number | None = None
    holder: Number | None = None
    category: Category = 0
    how: Literal["offline", "override"] = "offline"
    table: Version = ""
    known: KnownThere = KnownThere()
    reason: Reason = ""


class Upload(Sent, frozen=True, kw_only=True):
    passages: Annotated[list[Kept], msgspec.Meta(min_length=1, max_length=MOST)]


class ForGates(msgspec.Struct, frozen=True, kw_only=True):
    """What a lane decides by: the rule table, and the keys whose codes count."""

    table: Table
    keys: tuple[SigningKey, ...]


@get("/r/{run:str}/admission/table.json", tags=["admission"])
async def table_json(site: Site, principal: Principal) -> ForGates:
    """The rule table of now, and the keys. A lane fetches them again while it has a network."""
    device(principal, "lane")
    kept = await actions.table_of(site)
    return ForGates(table=kept.table, keys=kept.keys)


@post("/r/{run:str}/admission/uploads", status_code=200, tags=["admission"])
async def uploads(site: Site, principal: Principal, data: Annotated[Upload, Body()]) -> dict[str, Any]:
    """Take what a lane decided while it was cut off. Pieces may come in any order and more than once.

    taken: written now; known: told before; refused: what cannot have been, with why. The lane forgets all three.
    """
    lane = device(principal, "lane")
    told = await actions.upload(site, principal, lane, [_told(one) for one in data.passages])
    return told | {"refused": [_refused(nonce, refusal) for nonce, refusal in told["refused"]]}


@get("/r/{run:str}/admission/doubles.json", tags=["admission"])
async def doubles_json(site: Site, principal: Principal) -> list[DoubleEntry]:
    """Entries of one day and holder without an exit between them, each once, the newest first: when, where, and what was known to whom."""
    require(principal, FIGURES)
    async with site.connection() as connection:
        return await store.doubles(connection, most=LISTED)


def _told(one: Kept) -> Told:
    fields = {name: getattr(one, name) for name in Told.__struct_fields__ if name != "known"}
    known = {name: getattr(one.known, name) for name in Known.__struct_fields__}
    return Told(**fields, known=Known(**known))


def _refused(nonce: str, refusal: Refusal) -> dict[str, Any]:
    said = sentence(_ROOM, f"refusal.{refusal.code}", **refusal.detail)
    return {"nonce": nonce, "code": refusal.code, "message": said}


HANDLERS = (table_json, uploads, doubles_json)
