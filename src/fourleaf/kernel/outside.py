# SPDX-License-Identifier: Apache-2.0
"""Outside: what this installation allows a run to reach beyond its database. Filled by app, read by an engine's feeds."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import msgspec

# Addresses that hold one of IPv4: a gateway would carry us to it, wherever it lies (RFC 4291, 6052, 3056, 4380).
_CARRIED = tuple(map(ip_network, ("::/96", "64:ff9b::/96", "2002::/16", "2001::/32")))


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """folder: where files for this run are put, a path.

    hosts: `host` or `host:port` that may be asked; private: networks such as 10.2.0.0/16 that these may lie in.
    rehearsals: `address:port` of this machine where a rehearsal answers in the place of other bodies; for rehearsals alone.
    persons: gives the vault of a site, for what must tell another body who is meant.
    """

    folder: str
    hosts: frozenset[str] = frozenset()
    private: tuple[str, ...] = ()
    rehearsals: frozenset[str] = frozenset()
    persons: Callable[[Any], Any] | None = None

    def may_ask(self, host: str, port: int) -> bool:
        """Whether the installation lets anybody ask this host at all."""
        return host in self.hosts or f"{host}:{port}" in self.hosts


def is_allowed(text: str, private: tuple[str, ...]) -> bool:
    """Whether an address is one of the wide world, or of a network that the installation names."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in ip_network(one, strict=False) for one in private):
        return True
    carried = any(address in one for one in _CARRIED)
    return address.is_global and not address.is_multicast and not carried
