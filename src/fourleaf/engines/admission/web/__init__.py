# SPDX-License-Identifier: Apache-2.0
"""Admission over HTTP: lanes ask and tell, supervisors override, and who may looks at double entries and figures."""

from fourleaf.engines.admission.web import lanes, passages, redeeming

HANDLERS = (*passages.HANDLERS, *redeeming.HANDLERS, *lanes.HANDLERS)
