# SPDX-License-Identifier: Apache-2.0
"""World over HTTP: things of the venue, and things of registers."""

from fourleaf.engines.world.web import exports, files, layers, registers, venue

HANDLERS = (*venue.HANDLERS, *registers.HANDLERS, *exports.HANDLERS, *layers.HANDLERS, *files.HANDLERS)
