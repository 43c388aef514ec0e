"""Pseudonyms of cards, accounts, telephones and national numbers: same shape, nobody's range.

    card("4556 7375 8689 9855", pseudonyms)    ->  "4000 0071 2264 8305"
    national_id("536-90-4399", pseudonyms)      ->  "917-02-4481"

Cards 4000 00 (test numbers), country code 999 and exchange 555 (unassigned), national telephone
numbers from 000, social security numbers from 900 with a group that no taxpayer number has,
national insurance numbers QQ, IBANs of bank code zero; other national numbers have zeros where
none is issued with them. Separators stay where they were.
"""

import re
import string

from transforms.anonymize.pseudonyms import Pseudonyms

NUMBER_ENTITIES = (
    "IP_ADDRESS", "PRIVATE_IP", "MAC_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "PHONE_NUMBER",
    "NATIONAL_ID",
)  # fmt: skip
_MIN_DATED = 10
_FIXED = re.compile(r"(?i)(?P<kept>DE(?=(?:[ .-]?[0-9]{3}){3}\Z)|HR[AB](?= ?[0-9]))")
_AMERICAN_ID = re.compile(r"[0-9]{3}([ .-])[0-9]{2}\1[0-9]{4}")
_INSURANCE = re.compile("(?i)[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]")
_AMERICAN = re.compile(
    r"(?P<head>(?:001|1)?[ .-]?)\(?(?P<area>[2-9][0-9]{2})\)?[ .-]?(?P<exchange>[0-9]{3})"
    r"[ .-]?[0-9]{4}(?![0-9])"
)


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` + digit valid (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(digits))]
    return str(-sum(number // 10 + number % 10 for number in doubled) % 10)


def iban_remainder(iban: str) -> int:
    """ISO 13616: 1 for a valid IBAN in upper case without spaces."""
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97


def digits_of(value: str) -> str:
    """The ASCII digits of a value."""
    return "".join(char for char in value if char in string.digits)


def card(value: str, pseudonyms: Pseudonyms) -> str:
    """Luhn-valid, in the issuer range of test cards."""
    plain = digits_of(value)
    body = "400000" + pseudonyms.digits("card", plain, len(plain) - 7)
    return fill(value, body + luhn_digit(body), string.digits)


def iban(value: str, pseudonyms: Pseudonyms) -> str:
    """Valid modulo 97, of the same country; letters of the account become "X"."""
    allowed = string.ascii_letters + string.digits
    plain = "".join(char for char in value if char in allowed).upper()
    # Four different digits: entropy under what scanners take for a key in hexadecimal.
    fresh = [str(int(digit) % 4) for digit in pseudonyms.digits("iban", plain, len(plain))]
    body = "".join("X" if char.isalpha() else fresh[i] for i, char in enumerate(plain[4:]))
    body = "".join("X" if char.isalpha() else "0" for char in body[:4]) + body[4:]
    check = 98 - iban_remainder(f"{plain[:2]}00{body}")
    return fill(value, f"{plain[:2]}{check:02}{body}", allowed)


def phone(value: str, pseudonyms: Pseudonyms) -> str:
    """Country code 999; exchange 555 of ten digits; three zeros before any other number."""
    plain = digits_of(value)
    fresh = pseudonyms.digits("phone", plain, len(plain))
    if value.startswith("+"):
        return fill(value, "999" + fresh[3:], string.digits)
    if american := _AMERICAN.match(value):
        head = digits_of(american["head"])
        area = str(2 + int(fresh[0]) % 8) + fresh[1:3]
        return fill(value, f"{head}{area}555{fresh[len(head) + 6 :]}", string.digits)
    return fill(value, "000" + fresh[3:], string.digits)


def is_reserved_phone(value: str) -> bool:
    """True for what `phone` makes, and for the numbers that films use (exchange 555)."""
    if value.startswith("+"):
        return digits_of(value).startswith("999")
    american = _AMERICAN.match(value)
    is_fiction = american is not None and "555" in (american["area"], american["exchange"])
    return is_fiction or digits_of(value).startswith("000")


def national_id(value: str, pseudonyms: Pseudonyms) -> str:
    """Letters become other consonants; `is_reserved_id` knows the digits.

    It depends on the value alone: rules of several countries find the same passport number.
    """
    plain = "".join(char for char in value if char.isalnum())
    kept = "QQ" if _INSURANCE.fullmatch(value) else plain[: len(_prefix(value))]
    digits = iter(_national_digits(value, plain, pseudonyms))
    letters = pseudonyms.letters("national_id", plain.upper(), len(plain))
    drawn = [next(digits) if char.isdigit() else letters[i] for i, char in enumerate(plain)]
    fresh = iter([*kept, *drawn[len(kept) :]])
    return "".join(_like(next(fresh), char) if char.isalnum() else char for char in value)


def is_reserved_id(value: str) -> bool:
    """True for what `national_id` makes.

    Of ten digits and more, the third to sixth are zero (a birth date has month and day there; of
    numbers without one, one in 10,000 has them by chance); of fewer, the first three. The United
    States issue no 9xx-0x-xxxx, Britain no QQ.
    """
    digits = digits_of(value)
    if _AMERICAN_ID.fullmatch(value):
        return value.startswith("000") or (value[0] == "9" and value[4] == "0")
    if _INSURANCE.fullmatch(value):
        return value[:2].upper() == "QQ"
    return (
        digits[2:6] == "0000" if len(digits) >= _MIN_DATED else digits[:3] == "000"[: len(digits)]
    )


def _prefix(value: str) -> str:
    """Letters that say what a number is, not whose: "DE129274202", "HRB 4711"."""
    match = _FIXED.match(value)
    return match["kept"] if match else ""


def _national_digits(value: str, plain: str, pseudonyms: Pseudonyms) -> str:
    count = len(digits_of(plain))
    fresh = pseudonyms.digits("national_id", plain.upper(), count)
    if _AMERICAN_ID.fullmatch(value):
        # Taxpayer numbers have 50 to 99 there (IRS Publication 1915).
        return "9" + fresh[1:3] + "0" + fresh[4:]
    if _INSURANCE.fullmatch(value):
        return fresh
    return fresh[:2] + "0000" + fresh[6:] if count >= _MIN_DATED else ("000" + fresh[3:])[:count]


def fill(shape: str, fresh: str, allowed: str) -> str:
    """The shape's separators with the fresh characters between them, in the shape's case."""
    source = iter(fresh)
    filled = "".join(next(source) if char in allowed else char for char in shape)
    return filled.upper() if any(char.isupper() for char in shape) else filled.lower()


def _like(fresh: str, char: str) -> str:
    return fresh.lower() if char.islower() else fresh
