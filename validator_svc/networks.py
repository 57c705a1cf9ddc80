"""Addresses and networks of callers, IPv4 and IPv6."""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# The same ones come again and again.
ADDRESSES_KEPT = 1_024

# IPv6 networks whose addresses lead to an IPv4 address, and how far from its end that stands in them:
# mapped (RFC 4291), translated (RFC 2765), compatible (RFC 4291), NAT64 (RFC 6052 and 8215), 6to4 (RFC 3056).
EMBEDDING = [
    (ipaddress.IPv6Network(network), bits)
    for network, bits in (
        ("::ffff:0:0/96", 0),
        ("::ffff:0:0:0/96", 0),
        ("::/96", 0),
        ("64:ff9b::/96", 0),
        ("64:ff9b:1::/48", 0),
        ("2002::/16", 80),
    )
]
# ISATAP (RFC 5214): these 32 bits before the IPv4 address, in any network.
ISATAP = (0x00005EFE, 0x02005EFE)

EXPECTED = "expected an address or a network in CIDR notation, such as 192.0.2.0/24 or 2001:db8::/32"


def network(text: str) -> Network:
    """A network, such as `192.0.2.0/24`; an address is the network of it alone. Raises ValueError."""
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(EXPECTED) from None


@lru_cache(ADDRESSES_KEPT)
def address(text: str) -> Address | None:
    """An address, None for what is none. An IPv4 address that is mapped into IPv6 is the IPv4 address."""
    try:
        parsed = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, ipaddress.IPv6Address) else parsed


def is_within(caller: Address | None, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks; one that is not known lies in none."""
    return caller is not None and any(caller in each for each in networks)


def is_loopback(host: str) -> bool:
    """Whether a host, a name or an address, is this machine's loopback."""
    bare = host.strip().lower().rstrip(".").removeprefix("[").removesuffix("]")
    parsed = address(bare)
    if parsed is None:
        return bare == "localhost" or bare.endswith(".localhost")
    return parsed.is_loopback


def is_public(ip: Address) -> bool:
    """Whether an address is of the public internet; not one that leads to a private one through a gateway."""
    inner = embedded_ipv4(ip) if isinstance(ip, ipaddress.IPv6Address) else None
    return (inner or ip).is_global and not ip.is_multicast and not (inner is not None and inner.is_multicast)


def embedded_ipv4(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which an IPv6 address leads; None for one that leads to itself."""
    shifts = [bits for network, bits in EMBEDDING if ip in network]
    if not shifts and int(ip) >> 32 & 0xFFFFFFFF in ISATAP:
        shifts = [0]
    return ipaddress.IPv4Address(int(ip) >> shifts[0] & 0xFFFFFFFF) if shifts else None


def caller_address(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """Where a request came from. `forwarded`: the values of `X-Forwarded-For`, `peer`: who connected.

    The header counts only where a trusted proxy sent it, and from its end only as far as trusted proxies
    wrote it; None where what one of them wrote is no address.
    """
    caller = address(peer or "")
    hops = [hop for value in forwarded for hop in value.split(",")] if is_within(caller, trusted) else []
    for hop in reversed(hops):
        caller = address(without_port(hop.strip()))
        if not is_within(caller, trusted):
            break
    return caller


def without_port(hop: str) -> str:
    """An address of `X-Forwarded-For` as some proxies write it: `192.0.2.1:1234`, `[2001:db8::1]:1234`."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
