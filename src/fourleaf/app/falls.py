# SPDX-License-Identifier: Apache-2.0
"""Falls: how soon what fell is tried again, and whether it fell by its own doing."""

import psycopg

# The pause doubles with each fall in a row, up to this one.
LONGEST_PAUSE_S = 60.0
# Errors of the connection or of the moment.
PASSING = (psycopg.OperationalError, psycopg.InterfaceError)


def pause_s(before: int) -> float:
    """How long to wait after a fall. before: how many it follows in a row."""
    return float(min(2.0 ** min(before, 30), LONGEST_PAUSE_S))


def passes(error: BaseException) -> bool:
    """Whether it is all the database's or the network's doing."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(passes, error.exceptions))
    return isinstance(error, PASSING)
