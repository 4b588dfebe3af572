# SPDX-License-Identifier: Apache-2.0
"""Admission: what an edition pack may declare of it: how gates decide; and what a role may be allowed to do."""

from fourleaf.engines.admission.declares.permissions import FIGURES, OVERRIDE, PERMISSIONS
from fourleaf.engines.admission.declares.policy import CARRIERS, AdmissionRule, Carrier, LaneRule

__all__ = [
    "CARRIERS",
    "DECLARES",
    "FIGURES",
    "OVERRIDE",
    "PERMISSIONS",
    "AdmissionRule",
    "Carrier",
    "LaneRule",
]
DECLARES = {"admission_rule": AdmissionRule}
