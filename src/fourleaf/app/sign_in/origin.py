# SPDX-License-Identifier: Apache-2.0
"""Origin: from which address a request comes. What a header says is believed of our own proxies only. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Longer chains are made up.
MOST_HOPS = 10
UNKNOWN = "?"


def origin(peer: str | None, forwarded: Sequence[str], proxies: Sequence[str]) -> str:
    """The address nearest to us that is no proxy of ours.

    peer: who opened the connection. forwarded: every `X-Forwarded-For` header, in order; each proxy adds to its end
    whom it heard, so that only what our own proxies wrote is read, from the end on.
    """
    if peer is None or not _ours(peer, proxies):
        return peer or UNKNOWN
    hops = [hop.strip() for hop in ",".join(forwarded).split(",") if hop.strip()][-MOST_HOPS:]
    nearest = peer
    for hop in reversed(hops):
        found = _address(hop)
        if found is None:
            return nearest
        nearest = str(found)
        if not _ours(nearest, proxies):
            return nearest
    return nearest


def _ours(address: str, proxies: Sequence[str]) -> bool:
    found = _address(address)
    return found is not None and any(found in ip_network(one) for one in proxies)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """An address, with or without a port; one of IPv4 written as IPv6 is one of IPv4."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    bare = bare.partition(":")[0] if bare.count(":") == 1 else bare
    try:
        found = ip_address(bare)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
