"""Pseudonyms of IP and MAC addresses, in ranges that are nobody's. In: value. Out: same shape.

    ip("52.4.8.15", pseudonyms)       ->  "243.171.6.90"
    ip("52.4.8.0/24", pseudonyms)     ->  "243.171.6.0/24"
    ip("10.1.2.3", pseudonyms)        ->  "254.66.201.7"
    mac("3C-22-FB-AA-BB-CC", ...)     ->  "02-00-5E-91-0C-D7"

IPv4 goes to 240.0.0.0/4 (RFC 1112, reserved): 2^28 addresses where 198.18.0.0/15 has 2^17. Each
bit is flipped by the keyed hash of those before it, so two addresses with n bits in common have n
in common afterwards and no two of one /8 meet (Xu, Fan, Ammar, Moon: Prefix-preserving IP address
anonymization, ICNP 2002). A public first octet goes to one of 13: 2^-27.7 is the chance that two
addresses of different /8 meet, an even chance at 17,400 addresses, 1% at 2,100. Private blocks
(RFC 1918) have their own first octet each, 253 to 255, and never meet anything; they leave their
block because a pseudonym inside it could not be told from an address.
IPv6 goes to 2001:db8::/32 (RFC 3849): 32 bits for the network of 64, 64 for the interface.
"""

import ipaddress
import string

from transforms.anonymize.pseudonyms import Pseudonyms

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_PUBLIC_TOPS = 13


def ip(value: str, pseudonyms: Pseudonyms) -> str:
    """An address or a network, "52.4.8.0/20" with as many zero bits at its end."""
    host, slash, length = value.partition("/")
    host, percent, zone = host.partition("%")
    if percent:
        return f"{ip(host, pseudonyms)}%{zone}{slash}{length}"
    if ":" in host and "." in host:
        head, _, inner = host.rpartition(":")
        return f"{head}:{ip(inner, pseudonyms)}{slash}{length}"
    address = _parsed(host)
    fresh = _v4(address, pseudonyms) if address.version == 4 else _v6(address, pseudonyms)
    if slash and int(length) <= address.max_prefixlen:
        fresh = _without_host_bits(address, fresh, int(length))
    return f"{fresh}{slash}{length}"


def mac(value: str, pseudonyms: Pseudonyms) -> str:
    """Locally administered, 02:00 and 32 bits, in the value's separators and case."""
    plain = "".join(char for char in value if char in string.hexdigits).lower()
    fresh = iter("0200" + pseudonyms.tag("mac", plain)[:8])
    filled = "".join(next(fresh) if char in string.hexdigits else char for char in value)
    return filled.upper() if any(char.isupper() for char in value) else filled


def _parsed(host: str) -> IpAddress:
    if ":" in host:
        return ipaddress.IPv6Address(host)
    return ipaddress.IPv4Address(".".join(str(int(part)) for part in host.split(".")))


def _v4(address: IpAddress, pseudonyms: Pseudonyms) -> ipaddress.IPv4Address:
    """The first octet says of what kind an address is; the others are permuted below it."""
    packed = address.packed
    octets = [_first_octet(packed, pseudonyms)]
    octets += [_permuted(packed[i], packed[:i], pseudonyms) for i in range(1, 4)]
    return ipaddress.IPv4Address(bytes(octets))


def _first_octet(packed: bytes, pseudonyms: Pseudonyms) -> int:
    if packed[0] == 10:
        return 254
    if packed[0] == 172 and 16 <= packed[1] < 32:
        return 253
    if packed[:2] == b"\xc0\xa8":
        return 255
    return 240 + int(pseudonyms.tag("ip", f"{packed[0]}"), 16) % _PUBLIC_TOPS


def _permuted(octet: int, before: bytes, pseudonyms: Pseudonyms) -> int:
    """Each of the eight bits flipped or not, by one bit of the hash that stands for its prefix."""
    flips = int(pseudonyms.tag("ip", before.hex()), 16)
    fresh, node = 0, 1
    for place in range(7, -1, -1):
        bit = octet >> place & 1
        fresh = fresh << 1 | bit ^ (flips >> node & 1)
        node = node << 1 | bit
    return fresh


def _v6(address: IpAddress, pseudonyms: Pseudonyms) -> ipaddress.IPv6Address:
    network, interface = address.packed[:8].hex(), address.packed[8:].hex()
    top = pseudonyms.tag("ipv6", network)[:8]
    low = pseudonyms.tag("ipv6", network + interface)[:16] if interface.strip("0") else "0" * 16
    return ipaddress.IPv6Address(bytes.fromhex(f"20010db8{top}{low}"))


def _without_host_bits(
    address: IpAddress,
    fresh: IpAddress,
    length: int,
) -> IpAddress:
    """A network's own address stays one: its bits after the prefix are zero."""
    host_bits = address.max_prefixlen - length
    if int(address) & (1 << host_bits) - 1:
        return fresh
    return type(fresh)(int(fresh) >> host_bits << host_bits)
