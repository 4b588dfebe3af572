# SPDX-License-Identifier: Apache-2.0
"""Fourleaf: the city side of a world expo."""

__version__ = "0.1.0"
