# SPDX-License-Identifier: Apache-2.0
"""What tests of feeds share: the declaration of one, changed where a test wants it otherwise."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from fourleaf.engines.sensing.declares.feed import Feed
from fourleaf.engines.sensing.rules.feed_tables import Delivery, Format

# Nine in the morning at the fair.
AT = datetime(2024, 11, 5, 1, tzinfo=UTC)
ZONE = "Asia/Shanghai"
METRO: dict[str, Any] = {
    "name": {"zh": "地铁客流", "en": "Metro counts"},
    "owner": {"zh": "地铁集团", "en": "Metro"},
    "way": "push",
    "interval_s": 300,
    "late_after_s": 900,
    "schema": {"at": "at", "thing": "line"},
    "grant": {"purpose": {"zh": "保障", "en": "Service"}, "from": "2024-10-01", "until": "2024-11-10", "after": "hide"},
    "quantity": [
        {"key": "n_in", "name": {"zh": "进站", "en": "In"}, "column": "in", "min": 0, "max": 20000, "jump": 5000},
        {
            "key": "n_out",
            "name": {"zh": "出站", "en": "Out"},
            "column": "out",
            "min": 0,
            "max": 20000,
            "required": False,
        },
    ],
    "thing": [
        {"key": "line-2", "name": {"zh": "2号线", "en": "Line 2"}, "at": "metro-2-1"},
        {"key": "line-17", "name": {"zh": "17号线", "en": "Line 17"}},
    ],
}


def metro(**other: Any) -> Feed:
    return msgspec.convert(METRO | other, Feed, strict=False)


def delivery(body: str | bytes, format: Format = "csv", received: datetime = AT) -> Delivery:
    return Delivery(body=body.encode() if isinstance(body, str) else body, format=format, received=received)
