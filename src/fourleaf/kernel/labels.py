# SPDX-License-Identifier: Apache-2.0
"""Labels: the one rule of who may see what. Any label held in common is enough; no label means nobody."""

from collections.abc import Collection


def visible(labels: Collection[str], held: Collection[str]) -> bool:
    return not set(labels).isdisjoint(held)
