"""What the portal notes about a browser: a truncated address, a device, a browser (P5)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from flask import request
from ua_parser import parse

IPV4_KEPT_BITS = 24
IPV6_KEPT_BITS = 48
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Visitor:
    """All that is kept of a request's technical information."""

    address: str
    device: str
    browser: str


def visitor() -> Visitor:
    """The present request's visitor; the full address and user agent go no further."""
    found = parse((request.user_agent.string or "")[:512])
    browser = found.user_agent.family if found.user_agent else UNKNOWN
    system = found.os.family if found.os else UNKNOWN
    return Visitor(truncated(request.remote_addr or ""), system, browser)


def truncated(address: str) -> str:
    """The network an address belongs to: IPv4 /24, IPv6 /48; empty for anything else."""
    return network_of(address, IPV4_KEPT_BITS, IPV6_KEPT_BITS)


def network_of(address: str, ipv4_bits: int, ipv6_bits: int) -> str:
    """The network of so many bits that holds the address; empty for what is no address.

    An IPv4 address that a socket for both families shows as IPv6 counts as what it is.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or ipaddress.IPv6Address(int(parsed))  # without its interface
    kept = ipv4_bits if parsed.version == 4 else ipv6_bits
    return str(ipaddress.ip_network((parsed, kept), strict=False).network_address)


def objects_by_signal() -> bool:
    """Whether the browser sends Global Privacy Control: counts as an objection (P5)."""
    return request.headers.get("Sec-GPC") == "1"
