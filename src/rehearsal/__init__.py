# SPDX-License-Identifier: Apache-2.0
"""Rehearsal: the outside world in a box, a city of visitors that talks to Fourleaf over HTTP only."""
