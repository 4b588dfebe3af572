# SPDX-License-Identifier: Apache-2.0
"""Admission: what is done at lanes. Read, decide, append; nothing is decided here."""

from fourleaf.engines.admission.actions.passing import attempt
from fourleaf.engines.admission.actions.redeeming import override, redeem
from fourleaf.engines.admission.actions.tables import table_of, trust
from fourleaf.engines.admission.actions.uploading import upload

__all__ = ["attempt", "override", "redeem", "table_of", "trust", "upload"]
