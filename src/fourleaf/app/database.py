# SPDX-License-Identifier: Apache-2.0
"""Database: a running server for one command, whether or not `fourleaf up` runs."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from fourleaf.app.settings import Settings
from fourleaf.postgres.server import start


@contextmanager
def opened(settings: Settings) -> Iterator[Settings]:
    """Give the settings with a database_url that answers. A server that was not running is started, and stopped again at the end."""
    if settings.database_url:
        yield settings
        return
    server = start(settings.data, flavor=settings.pg, lasting=True)
    try:
        yield msgspec.structs.replace(settings, database_url=server.dsn)
    finally:
        server.stop()
