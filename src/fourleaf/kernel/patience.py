# SPDX-License-Identifier: Apache-2.0
"""Patience: how long nobody may try again after so many mistakes. Pure."""

from datetime import timedelta

# The first pause after what is free; each further mistake doubles it, up to the longest.
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
_DOUBLED = 10


def pause(failures: int, free: int) -> timedelta:
    """How long nobody may try after so many failures. free: as many cost nothing."""
    if failures < free:
        return timedelta()
    return min(FIRST_PAUSE * (1 << min(failures - free, _DOUBLED)), LONGEST_PAUSE)


def pauses(free: int) -> list[timedelta]:
    """The pauses by number of failures; the last is for all further ones."""
    return [pause(failures, free) for failures in range(free + _DOUBLED + 1)]
