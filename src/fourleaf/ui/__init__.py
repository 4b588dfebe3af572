# SPDX-License-Identifier: Apache-2.0
"""The page kit: languages, one formatter, templates, tokens and the vendored browser libraries."""

from pathlib import Path

ROOM = Path(__file__).parent
STATIC = ROOM / "static"
TEMPLATES = ROOM / "templates"
MESSAGES = ROOM / "messages"
