# SPDX-License-Identifier: Apache-2.0
"""Register: a list of things of one sort, declared in one TOML file: its fields, who may see it and who may write."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, Literal

import msgspec

from fourleaf.engines.world.declares import complaints, values
from fourleaf.kernel.labels import DESK
from fourleaf.pack.complaint import Complaint, Wrong

FieldType = Literal[
    "text", "integer", "decimal", "boolean", "choice", "date", "moment", "place", "reference", "texts", "photo", "file"
]
# Of these the log keeps the name of a file.
FILES = ("photo", "file")
Lang = Literal["zh", "en"]


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same in Chinese and in English."""

    zh: str
    en: str


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer of a choice. key: what the log keeps; status: how the map shows a thing that answers so."""

    key: str
    name: Words
    status: Literal["calm", "watch"] = "calm"


class Field(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One field of a register's things.

    of: what a reference, or each of several texts, names: a register, a kind of venue thing or of declaration. min, max: limits
    of a number; most: of the signs of a text or the entries of a list. label: what the thing is called; lang: in which language.
    listed: a column of the table until somebody chooses others; of fields in both languages a table shows that of the page.
    unit: as it is written behind the number. plain: a number without separators, such as a year: true for all, or where
    another field says one of these words.
    """

    key: str
    name: Words
    type: FieldType
    unit: str = ""
    plain: bool | Mapping[str, tuple[str, ...]] = False
    choices: tuple[Choice, ...] = ()
    of: str = ""
    required: bool = False
    unique: bool = False
    label: bool = False
    lang: Lang | None = None
    listed: bool = True
    min: Decimal | None = None
    max: Decimal | None = None
    most: int | None = None
    help: Words | None = None

    def is_plain(self, fields: Mapping[str, Any]) -> bool:
        """Whether its number is written without separators, in a thing that says this."""
        if isinstance(self.plain, bool):
            return self.plain
        return any(fields.get(key) in words for key, words in self.plain.items())


class Layer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the map shows the things. from_zoom: nearer than this they stand one by one, farther off in clusters."""

    from_zoom: Decimal = Decimal(17)
    color: Literal["water", "power", "care", "food", "shield", "guide", "plain"] = "plain"


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that is done to so many of a thing: lend, return, hand out. name: as it stands on the button.

    add, take: integer fields that rise or fall by how many it is done to; none falls below 0 or its own `min`, none
    rises above its own `max`. within: what rises never rises above this field.
    """

    key: str
    name: Words
    add: tuple[str, ...] = ()
    take: tuple[str, ...] = ()
    within: str = ""


class Register(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """What one file `registers/<key>.toml` says. group: the folder it stands in, "" for none.

    see, write: labels; one in common is enough; the desk and its own group if nothing is said. icon: a sign or two before its name
    and on the map; icon_en: the same in English, where the other is Chinese. personal: not yet possible, and refused.
    """

    name: Words
    fields: tuple[Field, ...] = msgspec.field(name="field")
    group: str = ""
    icon: str = ""
    icon_en: str = ""
    note: Words | None = None
    source: str = ""
    see: tuple[str, ...] = (DESK,)
    write: tuple[str, ...] = (DESK,)
    personal: bool = False
    layer: Layer | None = None
    acts: tuple[Act, ...] = msgspec.field(name="act", default=())
    # What the id of a thing is called in a table, and what is said of one that cannot be.
    IDS: ClassVar[tuple[str, str]] = ("编号", "Id")
    BAD_ID: ClassVar[str] = "cell.bad-id"

    def id_of(self, text: str) -> str | None:
        """The id of a thing, if this can be one."""
        return values.find_key(text)

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        return {field.key: field for field in self.fields}

    @cached_property
    def place(self) -> Field | None:
        """The field that says where a thing stands; the first, where there are several."""
        return next((field for field in self.fields if field.type == "place"), None)

    @cached_property
    def state(self) -> Field | None:
        """The choice by which a thing is not calm; the first, where there are several."""
        return next((field for field in self.fields if any(one.status != "calm" for one in field.choices)), None)

    @cached_property
    def odd(self) -> Mapping[str, Choice]:
        """The answers of that choice that are not calm, by key."""
        return {one.key: one for one in self.state.choices if one.status != "calm"} if self.state else {}

    def icon_in(self, lang: str) -> str:
        """Its sign in a language. A Chinese one says nothing on an English page."""
        return self.icon if lang == "zh" or self.icon.isascii() else self.icon_en

    def unique(self) -> tuple[str, ...]:
        """Fields of which no two things may say the same."""
        return tuple(field.key for field in self.fields if field.unique)

    def columns(self) -> tuple[str, ...]:
        """What a table of its things may hold beside `id`."""
        return tuple(field.key for field in self.fields)

    def complaints(self) -> Iterator[Complaint]:
        """What is wrong with the declaration beyond its types."""
        return complaints.of_register(self)

    def refers(self) -> Mapping[str, str]:
        """Field -> the register or kind of thing it names."""
        return {field.key: field.of for field in self.fields if field.of}

    def read(self, said: Mapping[str, Any], zone: str) -> tuple[dict[str, Any], list[Wrong]]:
        """The values of a whole thing as the log keeps them, and what is wrong with them. Empty fields are left out."""
        found, wrong = self.read_some(said, zone)
        missing = [field.key for field in self.fields if field.required and field.key not in found]
        named = {one.field for one in wrong}
        wrong += [Wrong(key, "cell.required", {}) for key in missing if key not in named]
        return found, wrong

    def read_some(self, said: Mapping[str, Any], zone: str) -> tuple[dict[str, Any], list[Wrong]]:
        """The same of some fields only; nothing is asked of the others."""
        found, wrong = dict[str, Any](), list[Wrong]()
        for key, given in said.items():
            field = self.by_key.get(key)
            if field is None:
                wrong.append(Wrong(key, "cell.unknown-field", {"value": key}))
            elif not values.is_empty(given):
                value = values.read(field, given, zone)
                if isinstance(value, Wrong):
                    wrong.append(value)
                elif not values.is_empty(value):  # a list of nothing but semicolons
                    found[key] = value
        return found, wrong

    def called(self, key: str, fields: Mapping[str, Any], lang: str) -> str:
        """What a thing is called in a language: its label, in another language if it has none in this, else its id."""
        labels = [field for field in self.labels(lang) if fields.get(field.key)]
        return str(fields[labels[0].key]) if labels else key

    def listed(self, lang: str) -> list[Field]:
        """The columns of a table until somebody chooses others: of what is said in several languages the one in this."""

        def stands(field: Field) -> bool:
            if field.lang and field.lang != lang and any(one.lang == lang for one in self.twins(field)):
                return False
            return field.listed or (field.label and field.lang == lang)

        return [field for field in self.fields if stands(field)]

    def twins(self, field: Field) -> list[Field]:
        """The fields that say the same in another language: all names, and others by their keys (`unit_zh`, `unit_en`)."""
        if field.label:
            return [one for one in self.fields if one.label and one is not field]
        stem = field.key.removesuffix(f"_{field.lang}")
        return [one for one in self.fields if one.lang != field.lang and one.key == f"{stem}_{one.lang}"]

    def labels(self, lang: str) -> list[Field]:
        """The fields that say what a thing is called, those in this language first."""
        return sorted((field for field in self.fields if field.label), key=lambda field: field.lang not in (lang, None))
