# SPDX-License-Identifier: Apache-2.0
"""Sensing over HTTP."""

from fourleaf.engines.sensing.web import counts

HANDLERS = counts.HANDLERS
