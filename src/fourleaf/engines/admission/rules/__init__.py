# SPDX-License-Identifier: Apache-2.0
"""Admission: who may pass, and why not. Pure: no clock, no database."""

from fourleaf.engines.admission.rules.deciding import Verdict, decide
from fourleaf.engines.admission.rules.knowing import Code, Override, Standing, known
from fourleaf.engines.admission.rules.passing import CLOCK_AHEAD, LATEST, Attempt, admit, plausible
from fourleaf.engines.admission.rules.scanning import Reason, Scan, of_category, read, recorded
from fourleaf.engines.admission.rules.sources import KINDS, table_of
from fourleaf.engines.admission.rules.table import FIELDS, Lane, Row, Table, Venue, compiled
from fourleaf.engines.admission.rules.uploading import Told, came_through

__all__ = [
    "CLOCK_AHEAD",
    "FIELDS",
    "KINDS",
    "LATEST",
    "Attempt",
    "Code",
    "Lane",
    "Override",
    "Reason",
    "Row",
    "Scan",
    "Standing",
    "Table",
    "Told",
    "Venue",
    "Verdict",
    "admit",
    "came_through",
    "compiled",
    "decide",
    "known",
    "of_category",
    "plausible",
    "read",
    "recorded",
    "table_of",
]
