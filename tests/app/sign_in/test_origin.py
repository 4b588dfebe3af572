# SPDX-License-Identifier: Apache-2.0
"""From where a request comes: only our own proxies are believed, and only what they heard themselves."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from litestar import Request

from fourleaf.app.settings import Settings
from fourleaf.app.sign_in.forms import address_of
from fourleaf.app.sign_in.origin import UNKNOWN, counted_as, origin

PROXIES = ("127.0.0.1/32", "10.2.0.0/16", "::1/128")


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        (None, [], UNKNOWN),
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, 10.2.3.4"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, not-an-address"], "127.0.0.1"),
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("::1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.2.3.4", ["10.2.9.9"], "10.2.9.9"),
        ("testclient", ["198.51.100.1"], "testclient"),
    ],
)
def test_only_our_own_proxies_are_believed(peer: str | None, forwarded: list[str], found: str) -> None:
    assert origin(peer, forwarded, PROXIES) == found


@given(st.ip_addresses(v=4).map(str), st.lists(st.text(max_size=20), max_size=4))
def test_what_somebody_says_before_our_proxy_heard_him_changes_nothing(visitor: str, lies: list[str]) -> None:
    proxies = ("127.0.0.1/32",)
    assume(visitor != "127.0.0.1")

    assert origin("127.0.0.1", [*lies, visitor], proxies) == origin("127.0.0.1", [visitor], proxies) == visitor


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=4))
def test_whoever_is_no_proxy_of_ours_is_who_he_is(peer: str, said: list[str]) -> None:
    assert origin(peer, said, ()) == (peer or UNKNOWN)


@pytest.mark.parametrize(
    ("proxies", "found"), [((), "127.0.0.1"), (("127.0.0.1/32",), "198.51.100.1"), (("10.2.0.5/32",), "127.0.0.1")]
)
def test_the_tries_of_a_request_are_counted_for_whoever_the_declared_proxy_heard(
    tmp_path: Path, proxies: tuple[str, ...], found: str
) -> None:
    headers = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"198.51.100.1")]
    scope: Any = {"type": "http", "client": ("127.0.0.1", 4711), "headers": headers}

    assert address_of(Request(scope), Settings(data=tmp_path, proxies=proxies)) == found


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("198.51.100.7", "198.51.100.7"),
        (UNKNOWN, UNKNOWN),
    ],
)
def test_the_addresses_of_one_home_are_counted_as_one(address: str, counted: str) -> None:
    assert counted_as(address) == counted


@pytest.mark.parametrize("peer", ["2001:db8:1:2::1", "2001:db8:1:2:a:b:c:d"])
def test_a_request_from_a_network_of_ipv6_is_counted_for_the_network(tmp_path: Path, peer: str) -> None:
    scope: Any = {"type": "http", "client": (peer, 4711), "headers": []}

    assert address_of(Request(scope), Settings(data=tmp_path)) == "2001:db8:1:2::/64"
