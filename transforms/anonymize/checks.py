"""Is a span what its shape says? In: text, start, end. Out: bool.

    is_public_ip("at 52.4.8.15", 3, 12) -> True       is_public_ip("v1.2.3.4", 1, 8) -> False

Each check looks at its own line only. Values of documentation, loopback, test and pseudonym
ranges are not personal and give False, which also makes every pseudonym map to itself.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable

from transforms.anonymize.numbers import iban_remainder, luhn_digit

Check = Callable[[str, int, int], bool]

_WELL_KNOWN_IPS = frozenset(
    ("1.1.1.1", "1.0.0.1", "1.2.3.4", "4.3.2.1", "8.8.8.8", "8.8.4.4", "9.9.9.9")
)
_TEST_CARDS = ("4111111111111111", "4242424242424242", "4012888888881881", "5555555555554444")
_CARD_BRANDS = re.compile(r"4\d{12}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5)\d+")
_VERSION_BEFORE = re.compile(
    r"(?i)(?:(?<![a-z])(?:v|ver|version|release|rev|oid)|==|[<>~!]=|~>|\^)[ \t\"':=(]{0,4}\Z"
)
_BARE_BEFORE = re.compile(r"[:=(,<>+*/%&|\[{-][ \t]*\Z")
_CARD_BEFORE = re.compile(r"(?i)card|credit|debit|visa|amex|payment|(?<![a-z])(?:pan|cc)(?![a-z])")
_VERSION_AFTER = re.compile(r"-[A-Za-z]")
_OBJECT_IDS = ("2.5.4.", "2.5.29.", "1.3.6.")
_PHONE_BEFORE = re.compile("(?i)phone|mobile|tel|call|sms|fax|whatsapp|ring|dial|number")
_PLUS_BEFORE = re.compile(r"\+[0-9 .()-]{1,8}\Z")
_FAKE_CARD_BEFORE = re.compile(r"4000[ -]?00[0-9 -]{0,14}\Z")
_PAIR_BEFORE = re.compile(r"(?:^|[^0-9A-Za-z])[0-9A-Fa-f]{2}[:-]\Z")
_PAIR_AFTER = re.compile(r"[:-][0-9A-Fa-f]{2}\b")
_SUFFIXES = """
    png jpg jpeg gif svg webp css js mjs ts tsx jsx rb go java json yaml yml toml xml html htm
    txt rst whl gz tar lock min log cfg ini service
    example invalid test localhost
"""
_NO_TOP_LEVEL = frozenset(_SUFFIXES.split())
# "icon@2x.png", "pkg@v1.2.zip": a scale or a version, then the ending of a file.
_SCALE = re.compile(r"[0-9]+x\.|v?[0-9]+(?:\.[0-9]+)*\.(?:py|rs|md|sh|zip|map)$")
# Endings of files that are domains too: "telekom.rs".
_FILE_OR_DOMAIN = frozenset(("py", "rs", "md", "sh", "zip", "map"))
_MAX_VECTOR = 20_000
_COMMON = "com org net edu gov mil int info biz dev app xyz cloud"
COMMON_TOPS = frozenset(_COMMON.split())
"""Top-level domains that are attributes of no matrix."""
_NO_LOCAL = frozenset(
    ("this", "self", "super", "return", "break", "continue", "yield", "git", "noreply")
)
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24,
    "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21,
    "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SA": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "TR": 26, "UA": 29,
}  # fmt: skip


def is_escaped(text: str, index: int) -> bool:
    r"""True for the "n" of "\n": the character ends an escape and is no part of a word."""
    backslashes = 0
    while index - backslashes > 0 and text[index - backslashes - 1] == "\\":
        backslashes += 1
    return backslashes % 2 == 1 and text[index] in "abefnrtv0"


def always(text: str, start: int, end: int) -> bool:
    """The pattern alone decides, apart from neighbours that continue the word."""
    return _is_bounded(text, start, end)


def email_check(keep: Iterable[str]) -> Check:
    """A check for e-mails that leaves the kept domains and addresses."""
    kept = frozenset(entry.casefold().lstrip("@") for entry in keep)

    def check(text: str, start: int, end: int) -> bool:
        before = text[max(0, start - 1) : start]
        if (before.isalnum() or before in tuple("._%+-")) and not is_escaped(text, start - 1):
            return False
        local, _, domain = text[start:end].casefold().rpartition("@")
        top = domain.rpartition(".")[2]
        return (
            domain not in kept
            and f"{local}@{domain}" not in kept
            and local not in _NO_LOCAL
            and top not in _NO_TOP_LEVEL
            and text[end : end + 1] != "("
            and not (top in _FILE_OR_DOMAIN and _is_file(domain, text[end : end + 1]))
            and not (domain.startswith("self.") and top not in COMMON_TOPS)
            and not _is_url_password(text, start)
            and _SCALE.match(domain) is None
        )

    return check


def _is_file(domain: str, after: str) -> bool:
    """True where a path goes on, or for the "corp.io.py" of a file named after an address."""
    before_top = domain.split(".")[1:-1]
    return after == "/" or (
        bool(before_top) and (len(before_top[-1]) == 2 or before_top[-1] in COMMON_TOPS)
    )


def ip_check(keep_private: bool) -> Check:
    """A check for addresses of either version that name a host on the public network."""

    def check(text: str, start: int, end: int) -> bool:
        value = text[start:end]
        address = _address(value)
        if address is None or value in _WELL_KNOWN_IPS or _is_version(text, start, end):
            return False
        if _is_vector(text, start):
            return False
        if not _is_bounded(text, start, end, also=".:" if ":" in value else "."):
            return False
        is_public = address.is_global and not address.is_multicast
        return is_public or (not keep_private and _is_local(address))

    return check


def is_mac(text: str, start: int, end: int) -> bool:
    """Six pairs; not all zeros or ones, not RFC 7042 documentation, not a pseudonym (02:00:...)."""
    plain = re.sub("[^0-9a-f]", "", text[start:end].lower())
    reserved = plain.startswith(("0200", "00005e0053")) or len(set(plain)) == 1
    goes_on = _PAIR_BEFORE.search(text, max(0, start - 4), start) or _PAIR_AFTER.match(text, end)
    return _is_bounded(text, start, end) and not reserved and not goes_on


def is_card(text: str, start: int, end: int) -> bool:
    """A brand's prefix and length and the Luhn digit; a bare value must be called a card."""
    plain = re.sub("[^0-9]", "", text[start:end])
    bare = plain == text[start:end]
    return (
        _is_bounded(text, start, end, also=".-")
        and _CARD_BRANDS.fullmatch(plain) is not None
        and luhn_digit(plain[:-1]) == plain[-1]
        and not plain.startswith("400000")
        and plain not in _TEST_CARDS
        and _FAKE_CARD_BEFORE.search(text, max(0, start - 22), start) is None
        and not (bare and _is_value_of_no_card(text, start))
    )


def _is_value_of_no_card(text: str, start: int) -> bool:
    """True after "id:" or "x =": one of ten identifiers of this length has the digit by chance."""
    line_start = text.rfind("\n", max(0, start - 40), start) + 1 or max(0, start - 40)
    is_value = _BARE_BEFORE.search(text, max(0, start - 8), start) is not None
    return is_value and _CARD_BEFORE.search(text, line_start, start) is None


def is_iban(text: str, start: int, end: int) -> bool:
    """A country's length and ISO 13616 modulo 97; bank code zero is a pseudonym."""
    plain = text[start:end].replace(" ", "")
    return (
        _is_bounded(text, start, end)
        and _IBAN_LENGTHS.get(plain[:2]) == len(plain)
        and iban_remainder(plain) == 1
        and not set(plain[4:8]) <= {"0", "X"}
    )


def is_phone(text: str, start: int, end: int) -> bool:
    """Eight to fifteen digits after "+", or a North American number; 555 is no one's."""
    value = text[start:end]
    plain = re.sub("[^0-9]", "", value)
    if not _is_bounded(text, start, end, also=".-/") or len(set(plain)) < 3:
        return False
    if value[0] == "+":
        num_groups = len(re.findall("[0-9]+", value))
        is_number = value.count(".") == 1 or num_groups > 6
        is_clear = num_groups > 1 or _is_called_phone(text, start, end)
        return 8 <= len(plain) <= 15 and not plain.startswith("555") and is_clear and not is_number
    is_part = _PLUS_BEFORE.search(text, max(0, start - 10), start) is not None
    return len(plain) == 10 and "555" not in (plain[:3], plain[3:6]) and not is_part


def _is_called_phone(text: str, start: int, end: int) -> bool:
    """True when digits without separators fill a string or follow a word like "phone"."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    line_start = text.rfind("\n", max(0, start - 40), start) + 1 or max(0, start - 40)
    named = _PHONE_BEFORE.search(text, line_start, start) is not None
    return named or (before == after and before in ("'", '"'))


def is_ssn(text: str, start: int, end: int) -> bool:
    """Area, group and serial that the Social Security Administration issues."""
    area, group, serial = text[start:end].split("-")
    issued = area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
    return (
        issued and _is_bounded(text, start, end, also=".-+/") and text[start:end] != "123-45-6789"
    )


def is_internal_host(text: str, start: int, end: int) -> bool:
    """A name inside a private network, other than those that software itself defines."""
    host = text[start:end].lower()
    known = ("example.internal", "docker.internal", "google.internal", "cluster.local")
    return _is_bounded(text, start, end, also=".-") and not host.endswith(known)


def _is_bounded(text: str, start: int, end: int, also: str = "") -> bool:
    """No letter, digit or "_" on either side, and none of `also` that joins on to one."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if _is_word(before) and not is_escaped(text, start - 1):
        return False
    if _is_word(after):
        return False
    joined_before = before in tuple(also) and _is_word(text[max(0, start - 2) : start - 1])
    return not joined_before and not (after in tuple(also) and _is_word(text[end + 1 : end + 2]))


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_url_password(text: str, start: int) -> bool:
    """True inside "scheme://user:HERE@host": the rule for credentials in URLs knows better."""
    _, slashes, user = text[max(0, start - 300) : start].rpartition("://")
    return bool(slashes) and ":" in user and re.search(r"[\s/@\"']", user) is None


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    groups = re.findall("[0-9a-fA-F]+", value)
    # "a::b" is a namespace or a slice, eight pairs are a fingerprint.
    is_likely = address.version == 4 or (len(groups) > 2 and max(map(len, groups)) > 2)
    return address if is_likely else None


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


def _is_local(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    networks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
    return any(address in ipaddress.ip_network(network) for network in networks)
