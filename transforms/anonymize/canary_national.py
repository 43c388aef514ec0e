"""Invented national ids with valid check digits. In: a random generator. Out: ids.

clue, make = NATIONAL_IDS[0]; clue + make(random.Random(7))  ->  "ssn 536-..."

Check digits as `national_checks` and Presidio's recognizers cite them.
"""

import random
from collections.abc import Callable

from transforms.anonymize.canary_keys import letters

_DIGITS = "0123456789"
_CAPITALS = "ABCEGHJKLMNPRSTWXYZ"


def _us_ssn(chance: random.Random) -> str:
    group = chance.randint(11, 98)
    return f"{chance.randint(101, 665):03}-{group}-{chance.randint(1001, 9998)}"


def _uk_nino(chance: random.Random) -> str:
    pairs = " ".join(letters(chance, _DIGITS, 2) for _ in range(3))
    prefix = letters(chance, "ABCEHJ", 1) + letters(chance, "AEHJKL", 1)
    return f"{prefix} {pairs} {letters(chance, 'ABCD', 1)}"


def _es_nif(chance: random.Random) -> str:
    number = chance.randint(10_000_000, 99_999_999)
    return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def _fr_nir(chance: random.Random) -> str:
    year, month, place = chance.randint(50, 99), chance.randint(1, 12), chance.randint(10, 89)
    body = f"{chance.choice('12')}{year}{month:02}{place}{letters(chance, '123456789', 6)}"
    return f"{body}{97 - int(body) % 97:02}"


def _pl_pesel(chance: random.Random) -> str:
    body = f"{chance.randint(50, 99)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    body += letters(chance, _DIGITS, 4)
    total = sum(int(d) * w for d, w in zip(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3), strict=True))
    return f"{body}{-total % 10}"


def _nl_bsn(chance: random.Random) -> str:
    while True:
        body = letters(chance, "123456789", 8)
        last = sum(int(d) * w for d, w in zip(body, range(9, 1, -1), strict=True)) % 11
        if last < 10:
            return f"{body}{last}"


def _br_cpf(chance: random.Random) -> str:
    digits = letters(chance, "123456789", 9)
    for _ in range(2):
        total = sum(int(d) * w for d, w in zip(digits, range(len(digits) + 1, 1, -1), strict=True))
        digits += str(total * 10 % 11 % 10)
    return f"{digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]}"


def _fi_hetu(chance: random.Random) -> str:
    date = f"{chance.randint(1, 28):02}{chance.randint(1, 12):02}{chance.randint(50, 99)}"
    serial = f"{chance.randint(2, 899):03}"
    return f"{date}-{serial}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(date + serial) % 31]}"


def _in_pan(chance: random.Random) -> str:
    # The fourth letter says that it is a person's.
    first, last = f"{letters(chance, _CAPITALS, 3)}P", letters(chance, _CAPITALS, 1)
    return f"{first}{letters(chance, _CAPITALS, 1)}{letters(chance, '123456789', 4)}{last}"


def _cn_resident_id(chance: random.Random) -> str:
    body = f"1101{chance.randint(10, 20)}19{chance.randint(50, 99)}{chance.randint(1, 12):02}"
    body += f"{chance.randint(1, 28):02}{chance.randint(100, 999)}"
    total = sum(int(char) * 2 ** (17 - index) for index, char in enumerate(body))
    return body + "10X98765432"[total % 11]


NATIONAL_IDS: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    ("ssn ", _us_ssn),
    ("national insurance ", _uk_nino),
    ("dni ", _es_nif),
    ("nir ", _fr_nir),
    ("pesel ", _pl_pesel),
    ("bsn ", _nl_bsn),
    ("cpf ", _br_cpf),
    ("hetu ", _fi_hetu),
    ("pan ", _in_pan),
    ("resident id ", _cn_resident_id),
)
"""(what tells that it is one, how to make one)."""
