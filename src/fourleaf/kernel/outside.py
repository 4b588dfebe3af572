# SPDX-License-Identifier: Apache-2.0
"""Outside: what this installation allows a run to reach beyond its database. Filled by app, read by an engine's feeds."""

import msgspec


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """folder: where files for this run are put, a path.

    hosts: `host` or `host:port` that may be asked; private: networks such as 10.2.0.0/16 that these may lie in.
    rehearsals: `address:port` of this machine where a rehearsal answers in the place of other bodies; for rehearsals alone.
    """

    folder: str
    hosts: frozenset[str] = frozenset()
    private: tuple[str, ...] = ()
    rehearsals: frozenset[str] = frozenset()
