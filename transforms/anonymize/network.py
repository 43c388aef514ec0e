"""Addresses of a network: IP, MAC, hosts and URLs inside. In: config. Out: shapes.

    network_shapes(AnonymizeConfig(internal_domains=("hooli.com",)))

"52.4.8.15", "2a00:1450:4001:81b::200e", "91.4.8.0/24" (with its prefix length), "::ffff:52.4.8.15",
"3C-22-FB-AA-BB-CC", "db-7.berlin.corp", "https://git.hooli.com:8443/a/b", "http://jira/browse/X-1".
A version ("1.2.3.4-beta"), a number of an SVG path, a C++ name ("a::b") is none.
"""

import ipaddress
import re

from transforms.anonymize.checks import Check, is_bounded, line_start
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.ip_numbers import IpAddress
from transforms.anonymize.recognizers import Shape

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TOPS = "internal|local|corp|lan|intranet"
# Names that an intranet gives to its services, where a URL has no domain.
_SERVICES = "bitbucket|confluence|gerrit|go|intranet|jenkins|jira|phabricator|sharepoint|stash|wiki"
_PATH = r"(?:[/?#](?:[a-z0-9._~!&'*+,;=:@/?#-]|%[0-9a-f]{2})*[a-z0-9_~&*+=@/-])?[/?]?"
_PORT = "(?::[0-9]{1,5})?"
_V6 = r"[0-9A-Fa-f:]{0,39}(?:(?:\.[0-9]{1,3}){3})?(?:%[a-z0-9]{1,15})?(?:/[0-9]{1,3}\b)?"
_WELL_KNOWN_IPS = frozenset(
    (
        "1.1.1.1",
        "1.0.0.1",
        "1.2.3.4",
        "4.3.2.1",
        "5.6.7.8",
        "8.8.8.8",
        "8.8.4.4",
        "9.9.9.9",
        "12.34.56.78",
        "123.45.67.89",
        "123.123.123.123",
        "11.22.33.44",
    )
)
_VERSION_BEFORE = re.compile(
    r"(?i)(?:(?<![a-z])(?:v|ver|version|release|rev|oid)|==|[<>~!]=|~>|\^)[ \t\"':=(]{0,4}\Z"
)
_VERSION_AFTER = re.compile(r"-[A-Za-z]")
_SMALL, _NEAR = 50, 60
_NETWORK_BEFORE = re.compile(
    r"(?i)(?<![a-z])(?:ips?|ipv4|ping|dns|ssh)(?![a-z])|(?:://|@)\S*\Z"
    r"|host|addr|server|gateway|proxy|peer|node|client|remote|listen|connect|allow|deny|route|subnet"
)
_OBJECT_IDS = ("2.5.4.", "2.5.29.", "1.3.6.")
_PAIR_BEFORE = re.compile(r"(?:^|[^0-9A-Za-z])[0-9A-Fa-f]{2}[:-]\Z")
_PAIR_AFTER = re.compile(r"[:-][0-9A-Fa-f]{2}\b")
_MAX_VECTOR = 20_000
_PRIVATE = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
_SOFTWARE_HOSTS = ("example.internal", "docker.internal", "google.internal", "cluster.local")


def network_shapes(config: AnonymizeConfig) -> list[Shape]:
    """Shapes for code and prose alike."""
    return [*_ip_shapes(config), *_mac_shapes(config), *_host_shapes(config)]


def is_private(address: IpAddress) -> bool:
    """RFC 1918 and unique local addresses (RFC 4193)."""
    return any(address in network for network in _PRIVATE)


def _ip_shapes(config: AnonymizeConfig) -> list[Shape]:
    colons = "[0-9A-Fa-f]:[0-9A-Fa-f]*:(?:[0-9A-Fa-f]|:/[0-9])"
    patterns = [
        (
            r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2}\b)?",
            r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
        ),
        (rf"[0-9A-Fa-f]{{1,4}}:{_V6}", colons if config.keep_reserved else "[0-9A-Fa-f]:"),
        (rf"::(?i:ffff:)(?:0{{1,4}}:)?{_V6}", "(?i)::ffff:"),
    ]
    if not config.keep_reserved:
        patterns.append((rf"::{_V6}", "::"))
    kinds = [("IP_ADDRESS", False), ("PRIVATE_IP", True)]
    return [
        Shape(
            entity=entity, pattern=pattern, trigger=trigger, check=ip_check(config, private=private)
        )
        for entity, private in kinds
        for pattern, trigger in patterns
        if not (private and config.keep_private_ips)
    ]


def ip_check(config: AnonymizeConfig, *, private: bool) -> Check:
    """A check for public addresses, or for those of private networks, of either version."""

    def check(text: str, start: int, end: int) -> bool:
        value = text[start:end]
        address = address_of(value)
        if address is None or is_private(address) != private:
            return False
        if config.keep_reserved and (value in _WELL_KNOWN_IPS or not _names_a_host(address)):
            return False
        is_likely = not config.keep_reserved or _is_likely(value)
        also = ".:" if ":" in value else "" if config.min_score == 0 else "."
        return (
            is_likely
            and is_bounded(text, start, end, also=also)
            and not (":" in value and text[max(0, start - 1) : start] == ":")
            and (private or config.min_score == 0 or not _is_small(text, start, end))
            and not _is_version(text, start, end)
            and not _is_vector(text, start)
        )

    return check


def address_of(value: str) -> IpAddress | None:
    """The address without the length of its prefix; None where the digits are no address."""
    host, slash, length = value.partition("/")
    host = host.partition("%")[0]
    try:
        address = ipaddress.ip_address(_without_zeros(host))
    except ValueError:
        return None
    is_length = not slash or int(length) <= address.max_prefixlen
    return address if is_length else None


def _without_zeros(host: str) -> str:
    """ "10.001.2.3" is 10.1.2.3 to who writes it; the standard library wants no zeros."""
    return host if ":" in host else ".".join(part.lstrip("0") or "0" for part in host.split("."))


def _names_a_host(address: IpAddress) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or address
    return is_private(inner) or (
        inner.is_global and not inner.is_multicast and _is_given_out(inner)
    )


def _is_given_out(address: IpAddress) -> bool:
    """Of IPv6 only 2000::/3 is (RFC 4291); 170.85.170.85 is a pattern of bits, not a host."""
    if address.version == 6:
        # Written out in full it is meant as an address, whatever its range.
        return address.packed[0] >> 5 == 1 or len(set(address.exploded.split(":"))) == 8
    return address.packed[:2] != address.packed[2:]


def _is_likely(value: str) -> bool:
    """ "a::b" is a namespace or a slice, eight pairs are a fingerprint."""
    groups = re.findall("[0-9a-fA-F]+", value.partition("/")[0])
    return ":" not in value or "." in value or (len(groups) > 2 and max(map(len, groups)) > 2)


def _is_vector(text: str, start: int) -> bool:
    """True inside the d="..." of an SVG path: "3.38.85.9" is there three numbers."""
    quote = text.rfind('"', max(0, start - _MAX_VECTOR), start)
    return text[max(0, quote - 7) : max(0, quote)].endswith((" d=", "\td=", "points="))


def _is_version(text: str, start: int, end: int) -> bool:
    """True for "v1.2.3.4", "pkg==1.2.3.4", "pkg-1.2.3.4", "1.2.3.4-beta", and object ids."""
    before = text[max(0, start - 2) : start]
    return (
        _VERSION_BEFORE.search(text, max(0, start - 16), start) is not None
        or (before[-1:] == "-" and before[:1].isalpha())
        or _VERSION_AFTER.match(text, end) is not None
        or text.startswith(_OBJECT_IDS, start)
    )


def _is_small(text: str, start: int, end: int) -> bool:
    """True for "2.7.0.40", which is a version unless its line speaks of a network."""
    octets = text[start:end].partition("/")[0].split(".")
    is_small = len(octets) == 4 and all(len(octet) < 3 and int(octet) < _SMALL for octet in octets)
    goes_on = text[end : end + 1] == ":" or "/" in text[start:end]
    first = line_start(text, start, _NEAR)
    return is_small and not goes_on and _NETWORK_BEFORE.search(text, first, start) is None


def _mac_shapes(config: AnonymizeConfig) -> list[Shape]:
    def check(text: str, start: int, end: int) -> bool:
        plain = re.sub("[^0-9a-f]", "", text[start:end].lower())
        goes_on = _PAIR_BEFORE.search(text, max(0, start - 4), start) or _PAIR_AFTER.match(
            text, end
        )
        is_kept = config.keep_reserved and plain.startswith(("0200", "00005e0053"))
        is_nobodys = plain in ("0" * 12, "f" * 12) or (
            config.keep_reserved and len(set(plain)) == 1
        )
        is_name = "." in text[start:end] and (plain.isdigit() or plain.isalpha())
        return (
            is_bounded(text, start, end)
            and not (is_kept or is_nobodys or goes_on)
            and (config.min_score == 0 or not is_name)
        )

    patterns = [
        (
            r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}",
            r"(?:[0-9A-Fa-f]{2}[:-]){4}[0-9A-Fa-f]",
        ),
        (r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}", r"\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"),
    ]
    return [
        Shape(entity="MAC_ADDRESS", pattern=pattern, trigger=trigger, check=check)
        for pattern, trigger in patterns
    ]


def _host_shapes(config: AnonymizeConfig) -> list[Shape]:
    """A host alone, and a URL whose host is inside."""
    domains = [re.escape(domain.lower().lstrip(".")) for domain in config.internal_domains]
    dotted = rf"(?:{_LABEL}\.){{1,8}}(?:{_TOPS})"
    hosts = [dotted, *(rf"(?:{_LABEL}\.){{0,8}}{domain}" for domain in domains)]
    any_host = "|".join(hosts)
    bare = [rf"(?:{_LABEL}\.){{2,8}}(?:corp|lan|intranet)", *hosts[1:], rf"(?:@)(?P<v>{dotted})"]
    trigger = "|".join([rf"\.(?:{_TOPS})", *domains])
    return [
        Shape(
            entity="HOST",
            pattern=f"(?i)(?:{'|'.join(bare)})",
            trigger=f"(?i){trigger}",
            check=is_internal_host,
        ),
        Shape(
            entity="INTERNAL_URL",
            pattern=rf"(?i)[a-z][a-z0-9+]{{1,9}}://(?:[a-z0-9._-]+@)?(?:{any_host}){_PORT}{_PATH}",
            trigger=f"(?i){trigger}",
            check=is_internal_url,
        ),
        Shape(
            entity="INTERNAL_URL",
            rule="intranet_service",
            pattern=rf"(?i)https?://(?:{_SERVICES}){_PATH}",
            trigger=rf"(?i)://(?:{_SERVICES})/[a-z0-9]",
            check=is_internal_url,
        ),
    ]


def is_internal_host(text: str, start: int, end: int) -> bool:
    """A name inside a private network, other than those that software itself defines."""
    return is_bounded(text, start, end, also=".-") and not _is_software_host(text[start:end])


def is_internal_url(text: str, start: int, end: int) -> bool:
    """A URL whose host ends where the port, the path or the URL does."""
    host = re.split("[/?#:]", text[start:end].partition("://")[2].rpartition("@")[2], maxsplit=1)[0]
    after = text[end : end + 2]
    goes_on = after[:1].isalnum() or (after[:1] in tuple(".-") and after[1:].isalnum())
    return not _is_software_host(host) and not goes_on


def _is_software_host(host: str) -> bool:
    return host.lower().endswith(_SOFTWARE_HOSTS)
