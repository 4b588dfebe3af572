# SPDX-License-Identifier: Apache-2.0
"""The page kit: languages, one formatter, templates, tokens and the vendored browser libraries."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
MESSAGES = Path(__file__).parent / "messages"
