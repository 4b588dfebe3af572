# SPDX-License-Identifier: Apache-2.0
"""Permissions: what a role may be allowed to do at gates."""

# FIGURES: see the figures of entries as of any two times. OVERRIDE: let somebody pass against the table, with a reason.
FIGURES, OVERRIDE = "admission.figures", "admission.override"
PERMISSIONS = (FIGURES, OVERRIDE)
