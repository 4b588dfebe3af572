# SPDX-License-Identifier: Apache-2.0
"""Origin: from which address a request comes, and with whom it is counted. What a header says is believed of our own proxies
only. Pure."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

# Longer chains are made up.
MOST_HOPS = 10
UNKNOWN = "?"
# Whoever has one address of IPv6 has as many as he likes: a network at home is this wide (RFC 6177).
_ONE_HOME = 64


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


def counted_as(address: str) -> str:
    """Whose limits an address shares: of IPv6 those of its whole network, of IPv4 its own, however it is written."""
    found = _address(address)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((int(found) >> _ONE_HOME << _ONE_HOME, _ONE_HOME)))
    return address if found is None else str(found)


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
