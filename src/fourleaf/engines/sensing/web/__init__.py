# SPDX-License-Identifier: Apache-2.0
"""Sensing over HTTP."""

from fourleaf.engines.sensing.web import counts, devices, feeds, readings

HANDLERS = (*counts.HANDLERS, *devices.HANDLERS, *readings.HANDLERS, *feeds.HANDLERS)
