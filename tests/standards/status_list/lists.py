# SPDX-License-Identifier: Apache-2.0
"""What tests of status lists share: a key, a ring, a list."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from fourleaf.standards.keyring import Keyring, SigningKey
from fourleaf.standards.status_list import StatusList, made

NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
URI = "https://fair.example/r/ciie-7/status/1"
KEY = SigningKey(bytes(range(40)))
RING = Keyring([KEY.published(NOW - timedelta(days=1), NOW + timedelta(days=1))])


def listed(version: int, size: int, invalid: Iterable[int], uri: str = URI) -> StatusList:
    return made(uri, version, size, invalid, NOW)
