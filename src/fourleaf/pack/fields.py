# SPDX-License-Identifier: Apache-2.0
"""Fields: checks one table of a pack against what its keys should be."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, TypeVar

from fourleaf.pack.problems import Like, Place, Problems

# Key -> type; `?` at the end: may be left out, or null. `one of`: "a|b|c".
Spec = Mapping[str, str]
At = Callable[[str], Place]
Table = dict[str, Any]
T = TypeVar("T")

SIZES = re.compile(r"capacity|thresholds|.*_(m|m2|kw|kg|s)")
_TAG = re.compile(r"source:[^\s:]+|carried-over:[^\s:]+|assumed")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LANGUAGES = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}


def check_table(problems: Problems, at: At, data: Table, spec: Spec) -> None:
    """Report unknown, missing, wrong and untranslated keys, and sizes without a tag."""
    for key, value in data.items():
        if key.endswith("_tag") and key[:-4] in spec:
            check_tag(problems, at(key), key, value)
        elif key not in spec:
            problems.add("pack.unknown-key", at(key), key=key, like=(key, spec))
    for key, wanted in spec.items():
        optional, type_ = wanted.endswith("?"), wanted.removesuffix("?")
        if data.get(key) is None:
            if not optional:
                problems.add("pack.missing-key", at(""), key=key)
        else:
            check_value(problems, at(key), key, data[key], type_)
            if SIZES.fullmatch(key) and data.get(f"{key}_tag") is None:
                problems.add("pack.no-tag", at(key), key=key)


def check_value(problems: Problems, at: Place, key: str, value: object, type_: str) -> bool:
    """Report a value that is not of its type. Gives whether it is."""
    if type_ == "id" and isinstance(value, str) and value.strip():
        good = _ID.fullmatch(value) is not None
        return good or _no(problems, "pack.bad-id", at, id=value)
    if type_ == "words" and isinstance(value, dict):
        return _check_words(problems, at, key, value)
    if "|" in type_:
        known = type_.split("|")
        return value in known or _no(
            problems, "pack.not-one-of", at, key=key, value=value, known=", ".join(known), like=(value, known)
        )
    is_right, zh, en = TYPES[type_]
    return is_right(value) or _no(problems, "pack.wrong-type", at, key=key, value=value, wanted_zh=zh, wanted_en=en)


def as_date(value: object) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return _parsed(date.fromisoformat, value, r"\d{4}-\d\d-\d\d")


def as_time(value: object) -> time | None:
    if isinstance(value, time):
        return value
    return _parsed(time.fromisoformat, value, r"\d\d:\d\d(:\d\d)?")


def is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _no(problems: Problems, code: str, at: Place, like: Like = None, **blanks: Any) -> bool:
    problems.add(code, at, like, **blanks)
    return False


def _check_words(problems: Problems, at: Place, key: str, value: Table) -> bool:
    missing = [language for language in _LANGUAGES if not is_text(value.get(language))]
    for language in missing:
        zh, en = _LANGUAGES[language]
        problems.add("pack.untranslated", at, key=key, language=language, language_zh=zh, language_en=en)
    unknown = [language for language in value if language not in _LANGUAGES]
    for language in unknown:
        problems.add("pack.unknown-key", at, key=f"{key}.{language}", like=(language, _LANGUAGES))
    return not missing and not unknown


def check_tag(problems: Problems, at: Place, key: str, tag: object) -> None:
    if not isinstance(tag, str) or not _TAG.fullmatch(tag):
        problems.add("pack.bad-tag", at, key=key, value=tag)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_amount(value: object) -> bool:
    """Text keeps a zero at the end: 2.0 % is not said as closely as 2 %."""
    return _is_number(value) or (isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) is not None)


def _is_size(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _is_thresholds(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_count(one) for one in value)


def _is_point(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(one) for one in value)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(is_text(one) for one in value)


def _parsed(parse: Callable[[str], T], value: object, form: str) -> T | None:
    if not isinstance(value, str) or not re.fullmatch(form, value, re.ASCII):
        return None
    try:
        return parse(value)
    except ValueError:
        return None


TYPES: dict[str, tuple[Callable[[object], bool], str, str]] = {
    "id": (is_text, "编号（文字）", "an id (text)"),
    "text": (is_text, "文字", "text"),
    "texts": (_is_texts, "文字列表", "a list of texts"),
    "words": (lambda value: isinstance(value, dict), "中英文对照 {zh, en}", "words {zh, en}"),
    "int": (_is_int, "整数", "a whole number"),
    "count": (_is_count, "非负整数", "a whole number, 0 or more"),
    "number": (_is_number, "数", "a number"),
    "amount": (_is_amount, '数，或写成文字的小数，如 "2.0"', 'a number, or a decimal as text such as "2.0"'),
    "size": (_is_size, "正数，单位见键名", "a number above 0, in the unit of the key's name"),
    "thresholds": (_is_thresholds, "两个整数 [关注, 警戒]", "two whole numbers [watch, alert]"),
    "point": (_is_point, "[经度, 纬度]", "[longitude, latitude]"),
    "flag": (lambda value: isinstance(value, bool), "true 或 false", "true or false"),
    "date": (lambda value: as_date(value) is not None, "日期，如 2024-11-05", "a date such as 2024-11-05"),
    "time": (lambda value: as_time(value) is not None, "时刻，如 08:30", "a time such as 08:30"),
    "list": (lambda value: isinstance(value, list), "列表", "a list"),
    "table": (lambda value: isinstance(value, dict), "表", "a table"),
    "any": (lambda value: True, "任意", "anything"),
}
