# SPDX-License-Identifier: Apache-2.0
"""Static files of a running server: kept by browsers, packed, never mixed between two versions."""

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Live

pytestmark = [pytest.mark.postgres, pytest.mark.process]


@pytest.fixture
def client(live_server: Live) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=live_server.url, trust_env=False, timeout=20) as opened:
        yield opened


def test_static_files_are_kept_for_good_under_their_version_and_asked_for_again_elsewhere(client: httpx.Client) -> None:
    page = client.get("/runs").text
    versioned = re.findall(r'"(/static/v-[0-9a-f]{12}/tokens\.css)"', page)

    kept, plain = client.get(versioned[0]), client.get("/static/tokens.css")
    again = client.get(versioned[0], headers={"If-None-Match": kept.headers["etag"]})

    assert 'href="/static/tokens.css"' not in page
    assert kept.content == plain.content
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


def test_static_files_come_packed_to_who_can_unpack_them(client: httpx.Client) -> None:
    path = "/static/vendor/echarts/echarts.esm.min.mjs"

    packed = client.head(path, headers={"Accept-Encoding": "gzip"})
    plain = client.head(path, headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 0.4 * int(plain.headers["content-length"])
    assert client.get(path, headers={"Accept-Encoding": "identity"}).content == client.get(path).content
