"""Pseudonyms of shaped numbers: addresses, cards, accounts, telephones. Same shape, reserved range.

    replace_number("IP_ADDRESS", "52.4.8.15", pseudonyms)       ->  "198.18.77.201"
    replace_number("CREDIT_CARD", "4556 7375 8689 9855", ...)   ->  "4000 0071 2264 8305"

Ranges: RFC 2544 (198.18.0.0/15), RFC 3849 (2001:db8::/32), locally administered MACs (02:00),
cards 4000 00 (test numbers), country code 555 and exchange 555 (unassigned), social security
numbers from 900 (never issued), IBANs of bank code zero. Separators stay where they were.
"""

import ipaddress
import string
from collections.abc import Callable

from transforms.anonymize.pseudonyms import Pseudonyms

NUMBER_ENTITIES = (
    "IP_ADDRESS", "MAC_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "PHONE_NUMBER", "US_SSN",
)  # fmt: skip


def replace_number(entity: str, value: str, pseudonyms: Pseudonyms) -> str:
    """The pseudonym of a number that the check of its entity accepts."""
    return _REPLACE[entity](value, pseudonyms)


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` + digit valid (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits))]
    return str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def iban_remainder(iban: str) -> int:
    """ISO 13616: 1 for a valid IBAN in upper case without spaces."""
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97


def _ip(value: str, pseudonyms: Pseudonyms) -> str:
    address = ipaddress.ip_address(value)
    tag = int(pseudonyms.tag("ip", address.compressed), 16)
    if address.version == 4:
        return str(ipaddress.IPv4Address("198.18.0.0") + tag % 2**17)
    return str(ipaddress.IPv6Address("2001:db8::") + tag % 2**96)


def _mac(value: str, pseudonyms: Pseudonyms) -> str:
    plain = _only(string.hexdigits, value).lower()
    return _fill(value, "0200" + pseudonyms.tag("mac", plain)[:8], string.hexdigits)


def _card(value: str, pseudonyms: Pseudonyms) -> str:
    plain = _only(string.digits, value)
    body = "400000" + pseudonyms.digits("card", plain, len(plain) - 7)
    return _fill(value, body + luhn_digit(body), string.digits)


def _iban(value: str, pseudonyms: Pseudonyms) -> str:
    plain = _only(string.ascii_letters + string.digits, value).upper()
    fresh = pseudonyms.digits("iban", plain, len(plain))
    # Letters of the account become "X", digits are drawn; the first four say "no bank".
    body = "".join("X" if char.isalpha() else fresh[i] for i, char in enumerate(plain[4:]))
    body = "".join("X" if char.isalpha() else "0" for char in body[:4]) + body[4:]
    check = 98 - iban_remainder(f"{plain[:2]}00{body}")
    return _fill(value, f"{plain[:2]}{check:02}{body}", string.ascii_letters + string.digits)


def _phone(value: str, pseudonyms: Pseudonyms) -> str:
    plain = _only(string.digits, value)
    fresh = pseudonyms.digits("phone", plain, len(plain))
    if value.startswith("+"):
        return _fill(value, "555" + fresh[3:], string.digits)
    area = str(2 + int(fresh[0]) % 8) + fresh[1:3]
    return _fill(value, area + "555" + fresh[6:], string.digits)


def _ssn(value: str, pseudonyms: Pseudonyms) -> str:
    return _fill(value, "9" + pseudonyms.digits("ssn", value, 8), string.digits)


def _only(allowed: str, value: str) -> str:
    return "".join(char for char in value if char in allowed)


def _fill(shape: str, fresh: str, allowed: str) -> str:
    """The shape's separators with the fresh characters between them, in the shape's case."""
    source = iter(fresh)
    filled = "".join(next(source) if char in allowed else char for char in shape)
    return filled.upper() if any(char.isupper() for char in shape) else filled.lower()


_REPLACE: dict[str, Callable[[str, Pseudonyms], str]] = {
    "IP_ADDRESS": _ip,
    "MAC_ADDRESS": _mac,
    "CREDIT_CARD": _card,
    "IBAN_CODE": _iban,
    "PHONE_NUMBER": _phone,
    "US_SSN": _ssn,
}
