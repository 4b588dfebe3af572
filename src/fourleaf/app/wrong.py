# SPDX-License-Identifier: Apache-2.0
"""Wrong: what a parser found wrong in a request, said in both languages beside the field it is about."""

import re
from collections.abc import Mapping
from typing import Any

from fourleaf.ui.format import Lang
from fourleaf.ui.words import Words

# What msgspec and our own bodies say (msgspec 0.19 and 0.20, `_core.c`), and the sentence that says the same to a person.
_SAID = (
    ("missing", re.compile(r"Object missing required field `(?P<name>[^`]+)`")),
    ("unknown", re.compile(r"Object contains unknown field `(?P<name>[^`]+)`")),
    ("missing", re.compile(r"Missing required (?P<where>\w+) parameter '(?P<name>[^']+)'")),
    ("choice", re.compile(r"Invalid enum value (?P<got>.+)")),
    ("zone", re.compile(r"Expected `datetime` with a timezone component")),
    ("moment", re.compile(r"Invalid RFC3339 encoded (datetime|date|time)|is no moment from")),
    ("unprintable", re.compile(r"characters that cannot be printed")),
    ("pattern", re.compile(r"Expected `str` matching regex '(?P<pattern>.+)'")),
    ("long", re.compile(r"Expected `(?P<wanted>\w+)` of length <= (?P<limit>\d+)")),
    ("brief", re.compile(r"Expected `(?P<wanted>\w+)` of length >= (?P<limit>\d+)")),
    ("large", re.compile(r"Expected `(?P<wanted>\w+)` <=? (?P<limit>[\d.-]+)")),
    ("small", re.compile(r"Expected `(?P<wanted>\w+)` >=? (?P<limit>[\d.-]+)")),
    ("kind", re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")),
    ("kind", re.compile(r"Expected `(?P<wanted>[^`]+)`")),
    ("range", re.compile(r"out of range")),
    ("malformed", re.compile(r"malformed|truncated|Invalid UTF-8")),
)
_ABOUT_A_FIELD = frozenset({"missing", "unknown"})


def wrong(item: Mapping[str, Any], words: Mapping[Lang, Words]) -> dict[str, Any]:
    """One mistake: `field` by its path in the body or the query, `detail` in both languages, `wrong` as the parser says it."""
    said = str(item.get("message", ""))[:300]
    name, found = next(((name, hit) for name, pattern in _SAID if (hit := pattern.search(said))), ("other", None))
    given = found.groupdict() if found else {}
    field = "" if item.get("key") == "data" else str(item.get("key", ""))
    if name in _ABOUT_A_FIELD and field != given["name"]:
        field = f"{field}.{given['name']}".lstrip(".")
    return {"field": field, "wrong": said, "detail": {lang: _say(one, name, given) for lang, one in words.items()}}


def _say(words: Words, name: str, given: Mapping[str, str | None]) -> str:
    values = {key: text or "" for key, text in given.items()}
    if "wanted" in values:
        values["wanted"] = _kinds(words, values["wanted"])
    if name == "kind":
        values["got"] = _kinds(words, values.get("got", "")) or words("wrong.type.other")
    return words(f"wrong.{name}", **values)


def _kinds(words: Words, names: str) -> str:
    """`int | null` in words. A kind that has none here is shown as it is."""
    kinds = [name for name in re.split(r" \| ", names) if name]
    return words("wrong.or").join(words.sentences.get(f"wrong.type.{kind}", kind) for kind in kinds)
