# SPDX-License-Identifier: Apache-2.0
"""Admission: what a role may be allowed to do."""

# See the figures of entries as of any two times.
PERMISSIONS = ("admission.figures",)
