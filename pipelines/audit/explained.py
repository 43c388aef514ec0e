"""Which finding of a scanner is no leak. In: rule, value, line. Out: a reason or "".

    Explanations(kept).reason("generic-api-key", "user-3f2a9c1b77d0a1c2@example.com", line)
        ->  "issued pseudonym"

Subtracted are our own pseudonyms, reserved ranges, and digests that the line itself calls so; all
are counted. Nothing is subtracted because it looks harmless.
"""

import ipaddress
import re

from pipelines.audit.kept import Kept
from transforms.anonymize.pseudonyms import ISSUED, is_issued_secret

_PARTS = re.compile(r"[^A-Za-z0-9]+")
_FRAME_WORDS = """
    amqp amqps bearer basic begin com dsa ec encrypted end example ftp hooks http https internal
    key ldap mailto mongodb mysql openssh password pass private pwd postgres postgresql redis
    rediss rsa secret services slack smtp srv ssh token user
"""
_FRAME = frozenset(_FRAME_WORDS.split())
"""What stands around a pseudonym in a URL or an assignment."""
_PREFIX_WORDS = """
    ghp gho ghu ghs ghr github pat glpat live npm pk pypi rk sk test xapp xoxa xoxb xoxp xoxr xoxs
"""
_PREFIXES = frozenset(_PREFIX_WORDS.split())
"""What formats of tokens begin with; a pseudonym keeps it."""
_PREFIXED = re.compile(r"[A-Za-z]{2,5}?(?:[abcd]{10,}|[ABCD]{10,}|[0-3]{10,})")
_DIGEST = re.compile(r"(?i)\b(?:md5|sha-?(?:1|224|256|384|512)|integrity|checksum|digest|h1:)")
_HEX_DIGEST = re.compile(r"[0-9a-f]{32,128}")
_DIGEST_DIGITS = (32, 40, 56, 64, 96, 128)
_BASE64_DIGEST = re.compile(r"[A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==|[A-Za-z0-9+/]{64}")
_CARDS = ("400000", "4111111111111111", "4242424242424242", "4012888888881881", "5555555555554444")
_PHONE = re.compile(r"\+?555|\d{3}555")
_USERINFO = re.compile(r"[A-Za-z][A-Za-z0-9+]*://([^\s/@]+)@")
_LOCAL_PART = re.compile(r"([^\s@]+)@[^\s@]+")
_SHAPED = ("CREDIT_CARD", "EMAIL_ADDRESS", "IBAN_CODE", "IP_ADDRESS", "PHONE_NUMBER")


class Explanations:
    """Reasons under the run's settings."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def reason(self, rule: str, value: str, line: str) -> str:
        """The reason, or "" for a finding that somebody must look at."""
        if is_pseudonym(_whole(value, line)):
            return "issued pseudonym"
        if _is_reserved(rule, value):
            return "reserved range"
        if rule in _SHAPED or rule == "Public IP (ipv4)":
            entity = "IP_ADDRESS" if rule not in _SHAPED else rule
            return self._kept.reason(entity, value)
        is_hex = _HEX_DIGEST.fullmatch(value.lower()) and len(value) in _DIGEST_DIGITS
        if (is_hex or _BASE64_DIGEST.fullmatch(value)) and _DIGEST.search(line):
            return "digest, called so on its line"
        return ""


def is_pseudonym(value: str) -> bool:
    """True when a value consists of pseudonyms, and of nothing else but marks and schemes.

    In URLs with credentials and in addresses what stands before the "@" decides.
    """
    userinfo = _USERINFO.match(value) or _LOCAL_PART.fullmatch(value)
    rest, num_issued = ISSUED.subn(" ", (userinfo[1] if userinfo else value).replace("\\n", "\n"))
    for part in filter(None, _PARTS.split(rest)):
        if part.lower() in _FRAME | _PREFIXES or (part.isdigit() and len(part) <= 5):
            continue
        if not is_issued_secret(part) and not _PREFIXED.fullmatch(part):
            return False
        num_issued += 1
    return num_issued > 0 or is_issued_secret(value)


def _whole(value: str, line: str) -> str:
    """The token that a value begins, where a scanner reports nothing but its format's prefix."""
    if value.lower() not in _PREFIXES:
        return value
    match = re.search(rf"{re.escape(value)}[A-Za-z0-9_-]*", line)
    return match[0] if match else value


def _is_reserved(rule: str, value: str) -> bool:
    digits = re.sub("[^0-9]", "", value)
    if rule == "CREDIT_CARD":
        return digits.startswith(_CARDS[0]) or digits in _CARDS
    if rule == "PHONE_NUMBER":
        return _PHONE.match(re.sub("[^0-9+]", "", value)) is not None
    if rule == "IBAN_CODE":
        return set(value.replace(" ", "")[4:8]) <= {"0", "X"}
    if rule in ("IP_ADDRESS", "Public IP (ipv4)"):
        return _is_issued_address(value)
    return False


def _is_issued_address(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return any(
        address in ipaddress.ip_network(network) for network in ("198.18.0.0/15", "2001:db8::/32")
    )
