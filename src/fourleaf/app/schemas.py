# SPDX-License-Identifier: Apache-2.0
"""Schemas: what a declaration of a pack may hold, as JSON Schema for editors; generated from the types of the engines."""

import json
from typing import Any

import msgspec

from fourleaf.app.rooms import rooms
from fourleaf.app.speech import Speech

# A decimal stands in TOML as a number.
_DECIMAL = {"type": "string", "format": "decimal"}


def schema(kind: str) -> str:
    """The schema of one kind of declaration, ready to be written to a file.

    Raises: KeyError
    """
    found = _mended(msgspec.json.schema(rooms().declares[kind]))
    return (
        json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", **found}, indent=2, ensure_ascii=False) + "\n"
    )


def show(kind: str, speech: Speech) -> int:
    """Print a schema. Gives the exit code."""
    if kind not in rooms().declares:
        known = ", ".join(sorted(rooms().declares))
        speech.fail(f"没有声明类别“{kind}”，只有：{known}", f"There is no kind of declaration '{kind}', only: {known}")
        return 1
    print(schema(kind), end="")
    return 0


def _mended(part: Any) -> Any:
    if isinstance(part, list):
        return [_mended(one) for one in part]
    if not isinstance(part, dict):
        return part
    if part.items() >= _DECIMAL.items():
        return {key: value for key, value in part.items() if key not in _DECIMAL} | {"type": "number"}
    found = {key: _mended(value) for key, value in part.items()}
    if isinstance(found.get("description"), str):
        found["description"] = " ".join(found["description"].split())
    return found
