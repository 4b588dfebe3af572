# SPDX-License-Identifier: Apache-2.0
"""Faces: pages that put several engines together. They own no tables."""
