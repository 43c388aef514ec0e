"""Why a value need not be missed in the output. In: entity, value, settings. Out: a reason or "".

    Kept(config).reason("EMAIL_ADDRESS", "noreply@github.com")  ->  "a shared or reserved address"
    Kept(config).reason("PERSON", "Jane Doe")                   ->  ""

Each value that is not looked for is counted under its reason, so that a report can say so.
"""

import ipaddress
import re
from collections.abc import Callable

from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.identities import (
    canonical_email,
    is_bot,
    is_bot_email,
    is_distinctive,
    is_shared_email,
)
from transforms.anonymize.person_forms import fold
from transforms.anonymize.pseudonyms import is_issued, is_issued_secret
from transforms.anonymize.words import account_words, generic_words

MIN_CHARS = 5
_RESERVED_TOPS = ("example", "invalid", "localhost", "test")
_WORD = re.compile(r"[^\W_]+")


class Kept:
    """What the settings and common sense keep."""

    def __init__(self, config: AnonymizeConfig) -> None:
        self._entities = frozenset(config.keep_entities)
        self._names = frozenset(fold(name) for name in config.keep_names)
        self._emails = frozenset(entry.casefold().lstrip("@") for entry in config.keep_emails)
        self._keeps_private = config.keep_private_ips
        self._words = generic_words() | account_words()
        self._by_entity: dict[str, Callable[[str], str]] = {
            "EMAIL_ADDRESS": self._email,
            "IP_ADDRESS": self._ip,
            "PRIVATE_IP": self._ip,
            "LOGIN": why_common,
        }

    def reason(self, entity: str, value: str) -> str:
        """The reason, or "" for a value that must not be in the output."""
        if entity in self._entities:
            return "kept by keep_entities"
        if is_issued(value) or (entity == "SECRET" and is_issued_secret(value)):
            return "a pseudonym already"
        if len(value) < MIN_CHARS:
            return f"shorter than {MIN_CHARS} characters"
        if fold(value) in self._names or is_bot(value):
            return "a bot, or kept by keep_names"
        specific = self._by_entity.get(entity)
        if specific and (reason := specific(value)):
            return reason
        return "an everyday word" if self._is_everyday(value) else ""

    def _email(self, value: str) -> str:
        address = canonical_email(value)
        domain = address.rpartition("@")[2]
        if address in self._emails or domain in self._emails:
            return "kept by keep_emails"
        is_reserved = domain.rpartition(".")[2] in _RESERVED_TOPS
        if is_bot_email(value) or is_shared_email(value) or is_reserved:
            return "a shared or reserved address"
        return ""

    def _ip(self, value: str) -> str:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return ""
        if address.is_global and not address.is_multicast:
            return ""
        is_local = address.is_private and not (
            address.is_loopback or address.is_unspecified or address.is_link_local
        )
        is_ours = is_local and not self._keeps_private and not _is_documentation(address)
        return "" if is_ours else "no public address"

    def _is_everyday(self, value: str) -> bool:
        """True when every part is a word that code is full of, or a number of few digits."""
        parts, words = _WORD.findall(fold(value)), self._words
        are_known = all(
            part in words or (part.isdigit() and len(part) < MIN_CHARS) for part in parts
        )
        has_word = any(part in words for part in parts)
        return are_known and (has_word or sum(map(len, parts)) < MIN_CHARS)


def why_common(login: str) -> str:
    """Why a login is not looked for in code, by the very rule of the anonymizer; "" when it is."""
    is_common = not is_distinctive(fold(login))
    return "a common word, replaced only as a mention, a trailer or an author" if is_common else ""


def _is_documentation(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """RFC 5737, RFC 3849, and RFC 2544, from which pseudonyms are drawn."""
    networks = (
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "2001:db8::/32",
        "0.0.0.0/8", "240.0.0.0/4",
    )  # fmt: skip
    return any(address in ipaddress.ip_network(network) for network in networks)
