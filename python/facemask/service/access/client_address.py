"""The client's address behind proxies.

`X-Forwarded-For` counts only as far as trusted proxies wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

RULE: Final = "must be IP addresses or networks such as 10.0.0.0/8 with commas between them"
# Providers assign every customer an IPv6 network of at least this size.
_IPV6_PREFIX = 64


def parse_networks(text: str) -> tuple[Network, ...] | None:
    """Return the comma-separated networks, or None where one of them is invalid."""
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        return None


def caller_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Return the client's address of a request that arrived from `peer`.

    An IPv6 address stands for its network. Where the peer is a trusted proxy, it is the last address in
    `X-Forwarded-For` that is none. Every proxy appends the address of its own client, so what the client itself wrote
    stands further to the left.
    """
    address = _parse_address(peer)
    hops = [hop.strip() for header in forwarded for hop in header.split(",")]
    while address and hops and any(address in network for network in trusted):
        previous = _parse_address(hops.pop())
        if previous is None:  # a proxy that hides its client is itself the caller
            break
        address = previous
    return _bucket(address) if address else peer


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach the host."""
    address = _parse_address(host)
    return address.is_loopback if address else host.lower() == "localhost"


def _parse_address(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _bucket(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _IPV6_PREFIX), strict=False))
