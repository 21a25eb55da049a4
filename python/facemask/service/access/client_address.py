"""Where a request comes from. `X-Forwarded-For` counts only as far as trusted proxies have written it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

RULE: Final = "must be IP addresses or networks such as 10.0.0.0/8 with commas between them"
# What one customer gets of IPv6 is a network of this size, at least.
_IPV6_PREFIX = 64


def read_networks(text: str) -> tuple[Network, ...] | None:
    """Networks with commas between them; None when one of them is none."""
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        return None


def caller_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The address that counts for a request from `peer`: its own, unless it is a trusted proxy; then the nearest one in
    `X-Forwarded-For`, from the right, that is not. Every proxy appends the address it was asked from, so whatever a
    client has written there itself stands further to the left.
    """
    address = _address(peer)
    hops = [hop.strip() for header in forwarded for hop in header.split(",")]
    while address and hops and any(address in network for network in trusted):
        nearer = _address(hops.pop())
        if nearer is None:  # a proxy that does not say where it was asked from speaks for itself
            break
        address = nearer
    return _bucket_of(address) if address else peer


def is_loopback(host: str) -> bool:
    """Whether only this machine can ask there."""
    address = _address(host)
    return address.is_loopback if address else host.lower() == "localhost"


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _bucket_of(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _IPV6_PREFIX), strict=False))
