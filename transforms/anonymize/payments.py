"""Payment cards, bank accounts, wallets. In: config. Out: shapes with their check digits.

    "4485 2759 4910 3307" (Luhn digit, ISO/IEC 7812-1), "DE89 3704 0044 0532 0130 00" (ISO 13616),
    "1BoatSLRHtKNngkdXEeobR76b53LETtpyT" (Base58Check), "bc1q..." (BIP 173)

Cards in code need separators or to be called a card: one of ten numbers has the digit by chance.
"""

import hashlib
import re

from transforms.anonymize.checks import Check, is_bounded, line_start
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.numbers import digits_of, iban_remainder, luhn_digit
from transforms.anonymize.recognizers import Shape

_TEST_CARDS = ("4111111111111111", "4242424242424242", "4012888888881881", "5555555555554444")
# UATP, Visa, MasterCard, American Express, Discover, Diners, JCB, UnionPay, Maestro.
_BRANDS = re.compile(
    r"1\d{14}|4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5|4[4-9])\d{10,16}"
    r"|3(?:0[0-59]|[689])\d{11,16}|35\d{14}|62\d{14,17}|(?:2131|1800)\d{11}"
    r"|(?:50|5[6-8]|6[0-9])\d{10,17}"
)
_BARE_BEFORE = re.compile(r"[:=(,<>+*/%&|\[{-][ \t]*\Z")
_CARD_WORD = re.compile(
    r"(?i)card|credit|debit|visa|master|amex|diners|discover|maestro|jcb|payment|charge|purchase"
    r"|(?<![a-z])(?:pan|cc)(?![a-z])"
)
_NEAR = 60
_FAKE_CARD_BEFORE = re.compile(r"4000[ -]?00[0-9 -]{0,14}\Z")
_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27,
    "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
    "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28,
    "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_FACTORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def payment_shapes(config: AnonymizeConfig) -> list[Shape]:
    """Shapes for code and prose alike."""
    return [
        Shape(
            entity="CREDIT_CARD",
            pattern=r"[1-6](?:[ -]?[0-9]){11,18}",
            trigger=r"[1-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}|3[0-9]{3}[ -][0-9]{6}",
            check=card_check(config, prose=False),
            shrinks=True,
        ),
        Shape(
            entity="IBAN_CODE",
            pattern=r"[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?",
            trigger=r"[A-Z]{2}[0-9]{2}[ -]?[A-Z0-9]{4}[ -]?[A-Z0-9]{3}",
            check=_iban_check(config),
            shrinks=True,
        ),
        Shape(
            entity="SECRET",
            rule="crypto",
            pattern="(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25,87}",
            trigger=r"\b(?:bc1[a-z0-9]{8}|[13][a-km-zA-HJ-NP-Z1-9]{25})",
            check=_is_wallet,
        ),
    ]


def payment_prose_shapes(config: AnonymizeConfig) -> list[Shape]:
    """Cards as bare digits, which in prose are of cards more often than not; "gb42nawi..."."""
    return [
        Shape(
            entity="IBAN_CODE",
            pattern=r"[a-z]{2}[0-9]{2}(?:[ -]?[a-z0-9]{4}){2,7}(?:[ -]?[a-z0-9]{1,3})?",
            trigger=r"[a-z]{2}[0-9]{2}[ -]?[a-z0-9]{4}[ -]?[a-z0-9]{3}",
            check=_iban_check(config),
            shrinks=True,
        ),
        Shape(
            entity="CREDIT_CARD",
            pattern=r"[1-6](?:[ -]?[0-9]){11,18}",
            trigger="[1-6][0-9]{11}",
            check=card_check(config, prose=True),
            shrinks=True,
        ),
    ]


def card_check(config: AnonymizeConfig, *, prose: bool) -> Check:
    """A brand's prefix and length and the Luhn digit; in code a bare value must be called a card.

    In prose a value of 16 digits need not be: of the lengths that times and counters have (13,
    14) it does everywhere.
    """

    def check(text: str, start: int, end: int) -> bool:
        plain = digits_of(text[start:end])
        bare = plain == text[start:end]
        reserved = plain.startswith("400000") or plain in _TEST_CARDS or len(set(plain)) == 1
        is_certain = not bare or _is_called_card(text, start, end)
        return (
            is_bounded(text, start, end, also=".-")
            and _BRANDS.fullmatch(plain) is not None
            and luhn_digit(plain[:-1]) == plain[-1]
            and not (reserved and config.keep_reserved)
            and _FAKE_CARD_BEFORE.search(text, max(0, start - 22), start) is None
            and (is_certain or config.min_score == 0 or not _is_number(text, start, prose, plain))
        )

    return check


def _is_number(text: str, start: int, prose: bool, plain: str) -> bool:
    """Digits that may be anything: after ":" or "=" in code, of an odd length anywhere."""
    is_value = not prose and _BARE_BEFORE.search(text, max(0, start - 8), start) is not None
    return is_value or plain[0] not in "3456" or len(plain) < 15


def _is_called_card(text: str, start: int, end: int) -> bool:
    return _CARD_WORD.search(text, line_start(text, start, _NEAR), start) is not None


def _iban_check(config: AnonymizeConfig) -> Check:
    """A country's length and remainder 1; bank code zero is a pseudonym."""

    def check(text: str, start: int, end: int) -> bool:
        plain = re.sub("[ -]", "", text[start:end]).upper()
        is_fake = config.keep_reserved and plain[4:8] in ("0000", "XXXX", "XX00", "X000", "XXX0")
        return (
            is_bounded(text, start, end)
            and _IBAN_LENGTHS.get(plain[:2]) == len(plain)
            and not is_fake
            and iban_remainder(plain) == 1
        )

    return check


def _is_wallet(text: str, start: int, end: int) -> bool:
    """A Bitcoin address by its checksum: Base58Check or Bech32 (BIP 173, BIP 350)."""
    value = text[start:end]
    is_valid = _is_bech32(value) if value.startswith("bc1") else _is_base58check(value)
    return is_bounded(text, start, end) and is_valid


def _is_base58check(value: str) -> bool:
    if not set(value) <= set(_BASE58) or len(value) > 35:
        return False
    number = 0
    for char in value:
        number = number * 58 + _BASE58.index(char)
    if number.bit_length() > 200:
        return False
    body, check = (data := number.to_bytes(25, "big"))[:21], data[21:]
    return hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] == check


def _is_bech32(value: str) -> bool:
    if not set(value[3:]) <= set(_BECH32):
        return False
    # The prefix "bc" spread over five-bit groups, then the data and its check.
    check = 1
    for group in [3, 3, 0, 2, 3, *(_BECH32.index(char) for char in value[3:])]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ group
        for bit, factor in enumerate(_BECH32_FACTORS):
            check ^= factor if top >> bit & 1 else 0
    return check in (1, 0x2BC830A3)
