# SPDX-License-Identifier: Apache-2.0
"""World: which things of the venue are closed or moved, and what each thing of a register says, as the facts about it say."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from fourleaf.engines.world.facts import Acted, Added, Changed, Closed, Moved, Removed, Reopened, Restored
from fourleaf.kernel.fact import Fact
from fourleaf.kernel.fold import Row, Stream

# Who loads edition packs.
PACK = "pack"
# A search looks at so many signs of a thing.
WORDS = 2_000


class Thing(Row, frozen=True, kw_only=True):
    """What differs from the pack's venue for one thing. place: "" where it stands as the pack says."""

    TABLE: ClassVar[str] = "world_thing"
    KEY: ClassVar[tuple[str, ...]] = ("thing",)
    thing: str
    version: int = 0
    closed: bool = False
    closed_at: datetime | None = None
    until: datetime | None = None
    reason_zh: str = ""
    reason_en: str = ""
    protected: str = ""
    level: str | None = None
    lon: str = ""
    lat: str = ""


class Item(Row, frozen=True, kw_only=True):
    """A thing of a register. thing: `register.item`; words: what a search looks at; said: what the pack said last, if it did.

    claims: the fields whose values no other thing of the register may have.
    """

    TABLE: ClassVar[str] = "world_item"
    KEY: ClassVar[tuple[str, ...]] = ("thing",)
    thing: str
    version: int = 0
    register: str = ""
    item: str = ""
    present: bool = False
    words: str = ""
    claims: list[str] = msgspec.field(default_factory=list)
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    said: dict[str, Any] | None = None
    changed_at: datetime | None = None


class Claim(Row, frozen=True, kw_only=True):
    """What one thing alone may say; a constraint of the database stands behind it."""

    TABLE: ClassVar[str] = "world_claim"
    KEY: ClassVar[tuple[str, ...]] = ("thing", "field")
    thing: str
    field: str
    register: str
    value: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one thing: how it stands in the venue, and what its register says of it."""

    thing: Thing
    item: Item

    @property
    def version(self) -> int:
        return max(self.thing.version, self.item.version)


def start(name: str) -> Standing:
    return Standing(thing=Thing(thing=name), item=Item(thing=name))


def fold(standing: Standing, fact: Fact) -> Standing:
    match fact.body:
        case Added() | Changed() | Acted() | Removed() | Restored():
            return msgspec.structs.replace(standing, item=_item(standing.item, fact))
    return msgspec.structs.replace(standing, thing=_thing(standing.thing, fact))


def _thing(thing: Thing, fact: Fact) -> Thing:
    thing = msgspec.structs.replace(thing, version=fact.version)
    match fact.body:
        case Closed() as body:
            return msgspec.structs.replace(
                thing,
                closed=True,
                closed_at=fact.occurred_at,
                until=body.until,
                reason_zh=body.reason_zh,
                reason_en=body.reason_en,
                protected=body.protected,
            )
        case Reopened():
            return msgspec.structs.replace(
                thing, closed=False, closed_at=None, until=None, reason_zh="", reason_en="", protected=""
            )
        case Moved() as body:
            return msgspec.structs.replace(thing, level=body.level, lon=body.lon, lat=body.lat)
    return thing


def _item(item: Item, fact: Fact) -> Item:
    by_pack = fact.actor == PACK
    fields, said, claims = item.fields, item.said, item.claims
    match fact.body:
        case Added(values=values, unique=unique):
            fields, claims = values, unique
            said = values if by_pack else None
        case Changed(changed=changed, unique=unique):
            fields, claims = merged(fields, changed), unique
            said = merged(said or {}, changed) if by_pack else said
        case Acted(changed=changed):
            fields = merged(fields, changed)
        case Removed():
            said = None if by_pack else said
    return Item(
        thing=item.thing,
        version=fact.version,
        register=getattr(fact.body, "register", item.register),
        item=getattr(fact.body, "item", item.item),
        present=not isinstance(fact.body, Removed),
        words=words(getattr(fact.body, "item", item.item), fields),
        claims=claims,
        fields=fields,
        said=said,
        changed_at=fact.occurred_at,
    )


def merged(fields: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """Fields after a change; one that is empty now is left out."""
    return {key: value for key, value in {**fields, **changed}.items() if value is not None}


def words(item: str, fields: Mapping[str, Any]) -> str:
    """All that is written of a thing, as a search compares it."""
    said = [item]
    for _, value in sorted(fields.items()):  # in the order of no store
        said += value if isinstance(value, list) else [value] if isinstance(value, str) else []
    return plain(" ".join(said))[:WORDS]


def plain(text: str) -> str:
    """Full-width and capital signs as ordinary small ones: what a person types finds what a person wrote."""
    return unicodedata.normalize("NFKC", text).casefold()


def rows(standing: Standing) -> Iterator[Row]:
    if standing.thing.version:
        yield standing.thing
    item = standing.item
    if item.version:
        yield item
    if item.present:
        for field in item.claims:
            if field in item.fields:
                yield Claim(thing=item.thing, field=field, register=item.register, value=str(item.fields[field]))


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of a thing's history. before, after: only the fields it changed."""

    fact: Fact
    before: dict[str, Any]
    after: dict[str, Any]


def history(name: str, facts: Iterable[Fact]) -> list[Step]:
    """Everything that happened to one thing, oldest first. facts: all of its stream."""
    found, standing = list[Step](), start(name)
    for fact in facts:
        earlier, standing = standing, fold(standing, fact)
        before = earlier.item.fields if earlier.item.present else {}
        after = standing.item.fields if standing.item.present else {}
        keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        found.append(
            Step(
                fact=fact,
                before={key: before[key] for key in keys if key in before},
                after={key: after[key] for key in keys if key in after},
            )
        )
    return found


def as_of(name: str, facts: Sequence[Fact]) -> Standing:
    standing = start(name)
    for fact in facts:
        standing = fold(standing, fact)
    return standing


THINGS = Stream(
    prefix="thing",
    tables=(Thing, Item, Claim),
    start=lambda stream: start(stream.partition(":")[2]),
    step=fold,
    rows=rows,
)
STREAMS = (THINGS,)
