# SPDX-License-Identifier: Apache-2.0
"""Columns: what the columns of a register's tables are called, in each language, and what may stand in them. Pure."""

import re
import unicodedata

from fourleaf.engines.world.declares.register import Field, Lang, Register

ID = "id"
_UNIT = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")


def column_of(register: Register, text: str) -> str | None:
    """The field that a column is called like, by key or by name in any language, with or without its unit."""
    words = _words(register)
    return words.get(_bare(text)) or words.get(_bare(_UNIT.sub("", text)))


def heads(register: Register, lang: Lang) -> list[str]:
    """What the columns are called, the id first. Each finds its field again; where a name would not, the key stands."""
    found = [register.IDS[0 if lang == "zh" else 1]]
    for field in register.fields:
        name = f"{getattr(field.name, lang)} ({field.unit})" if field.unit else getattr(field.name, lang)
        found.append(name if column_of(register, name) == field.key else field.key)
    return found


def template(register: Register, lang: Lang) -> list[list[str]]:
    """The head, and a line of hints that an import leaves out."""
    note = "# 本行是说明，不导入" if lang == "zh" else "# this line is a hint and is not imported"
    return [heads(register, lang), [note, *(hints(field)[lang] for field in register.fields)]]


def hints(field: Field) -> dict[str, str]:
    """What a cell of this field may hold, in a few words. Shape: language -> text."""
    zh, en = _TYPES[field.type]
    known_zh, known_en = (
        " / ".join(getattr(one.name, lang) for one in field.choices[:30]) if field.choices else word
        for lang, word in (("zh", zh), ("en", en))
    )
    need = ("必填：", "required: ") if field.required else ("", "")
    return {"zh": f"{need[0]}{known_zh}{_limits(field)}", "en": f"{need[1]}{known_en}{_limits(field)}"}


def _limits(field: Field) -> str:
    if field.min is None and field.max is None:
        return f" ≤ {field.most}" if field.most else ""
    return f" {'' if field.min is None else field.min}–{'' if field.max is None else field.max}"


_TYPES = {
    "text": ("文字", "text"),
    "integer": ("整数", "whole number"),
    "decimal": ("数", "number"),
    "boolean": ("是 / 否", "yes / no"),
    "choice": ("选项", "choice"),
    "date": ("日期，如 2024-11-05", "day, such as 2024-11-05"),
    "moment": ("时刻，如 2024-11-05 09:30", "moment, such as 2024-11-05 09:30"),
    "place": (
        "位置：楼层 经度 纬度，或场馆事物的编号",
        "place: level longitude latitude, or the id of a thing of the venue",
    ),
    "reference": ("编号", "id"),
    "photo": ("照片在页面上添加", "a photo is added on the page"),
    "file": ("文件在页面上添加", "a file is added on the page"),
    "texts": ("多项用分号隔开", "several, semicolons between"),
}


def _words(register: Register) -> dict[str, str]:
    """What a column may be called -> its field. Keys come before names, and the first field of a name before others."""
    words = {_bare(word): ID for word in register.IDS} | {field.key: field.key for field in register.fields}
    for field in register.fields:
        for name in (field.name.zh, field.name.en):
            words.setdefault(_bare(name), field.key)
            words.setdefault(_bare(f"{name} ({field.unit})"), field.key)
    return words


def _bare(text: str) -> str:
    """A name without what is marked or written otherwise by hand."""
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "").rstrip("*")
