# SPDX-License-Identifier: Apache-2.0
"""Positions: every key that tomllib reads is found on the line where it stands."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fourleaf.pack.positions import Path, positions

TEXTS = st.text(alphabet="ab[]{}=#,.\"'\\\n \t馆", max_size=12)
SCALARS = st.integers(-9, 9) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
TABLES = st.dictionaries(TEXTS, VALUES, max_size=4)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML in many hands: plain and quoted keys, dotted keys, comments, empty lines, tables and arrays of tables."""
    lines = list[str]()
    for number, table in enumerate(draw(st.lists(TABLES, max_size=4))):
        header = draw(
            st.sampled_from([f"[t{number}]", f"[ t{number} . 'x.y' ]", "[[many]]", "[[many]]\n[[many.inner]]"])
        )
        lines += [header + draw(st.sampled_from(["", " # [no] = table"]))] if number else []
        for key, value in table.items():
            form = draw(st.sampled_from(["{}", "d.{}", "k . {}"])) if not isinstance(value, dict) else "{}"
            lines += [""] * draw(st.integers(0, 2)) + [f"{form.format(quoted(key))} = {written(draw, value)}"]
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n# end"]))


def written(draw: st.DrawFn, value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {written_flat(part)}" for key, part in value.items()) + "}"
        case list():
            gap = draw(st.sampled_from(["", " ", "\n", " # , ]\n"]))
            return "[" + gap + f",{gap}".join(written(draw, part) for part in value) + gap + "]"
        case str() if draw(st.booleans()):
            safe = value.replace("\\", "\\\\").replace('"""', '""\\"')
            return f'"""\n{safe}"""' if not safe.endswith('"') else f'"""{safe[:-1]}\\""""'
    return written_flat(value)


def written_flat(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{quoted(key)} = {written_flat(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(written_flat(part) for part in value) + "]"
        case str():
            return quoted(value)
        case bool():
            return str(value).lower()
    return repr(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*path, key)
        yield from paths(part, (*path, key))


@given(documents())
def test_every_key_is_found_where_it_stands(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # two keys of one name
        return

    found = positions(text)

    assert set(found) == set(paths(data))
    lines = text.split("\n")
    for path, (line, column) in found.items():
        if isinstance(path[-1], str):
            at = lines[line - 1][column - 1 :]
            assert quoted(path[-1]) in at or path[-1] in at


@given(st.text(alphabet="ab[]{}=#,.\"'\\\n ", max_size=60))
def test_rubbish_ends(text: str) -> None:
    positions(text)


def test_lines_of_a_pack_are_right() -> None:
    text = 'id = "a"\n\n[[day]]\ndate = 1\n[[day]]\n# date\ndate = 2\nname = { zh = "x", en = "y" }\nlist = [\n  1,\n  { k = 2 },\n]\n'

    found = positions(text)

    assert {path: line for path, (line, _) in found.items()} == {
        ("id",): 1,
        ("day",): 3,
        ("day", 0): 3,
        ("day", 0, "date"): 4,
        ("day", 1): 5,
        ("day", 1, "date"): 7,
        ("day", 1, "name"): 8,
        ("day", 1, "name", "zh"): 8,
        ("day", 1, "name", "en"): 8,
        ("day", 1, "list"): 9,
        ("day", 1, "list", 0): 10,
        ("day", 1, "list", 1): 11,
        ("day", 1, "list", 1, "k"): 11,
    }
