"""Telephone numbers. In: config. Out: shapes for code, and the wider ones for prose.

    code    "+49-30-12345678", "(212) 867-5309"
    prose   also "020 7946 0018", "905-674-3793x12", "Phone: 467 3395", "60-56-85-91"

In code a number needs "+" or the North American groups: a bare run of digits is code. In prose it
needs a word ("call", "mobile") near it, or to be valid in a numbering plan (libphonenumber's data,
which Presidio uses too) with separators between its groups.
"""

import re

import phonenumbers

from transforms.anonymize.checks import is_bounded, line_start
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.numbers import digits_of, is_reserved_id, is_reserved_phone
from transforms.anonymize.recognizers import Shape

# Where most of the world's telephones are; a number has to be valid in one of these plans.
_PLANS = """
    US GB DE FR IL IN CA BR JP CN PH TR IT ES PT NL BE LU CH AT DK SE NO FI IS IE PL CZ SK HU SI HR
    RS RO BG GR CY EE LV LT UA RU MX AR CL CO PE UY VE ZA NG KE EG MA AE SA KR TW HK SG MY TH ID VN
    PK BD AU NZ
"""
_REGIONS = tuple(_PLANS.split())
_WORD = re.compile(
    r"(?i)phone|(?<![a-z])(?:mobile|cell|telefono?|handy|gsm|fax|desk|hotline|helpline|landline"
    r"|(?:tel|call|text|ring|dial|reach|answer|contact|message|registered)(?:s|l?ed|l?ing)?|sms"
    r"|whatsapp|voice ?mail|(?:my|his|her|their|our|your|the) number|number is|rang)(?![a-z])"
)
_SURE_WORD = re.compile(
    r"(?i)phone|(?<![a-z])(?:mobile|cell|tel|telefono?|gsm|fax|desk|whatsapp)(?![a-z])"
)
# Right before a number, or right after it: enough for digits without groups, and for six of them.
_ASKED_BEFORE = re.compile(
    r"(?i)(?:(?<![a-z])(?:(?:call|ring|reach|text|contact|phone|message|whatsapp|sms)(?:s|ed|ing)?"
    r" (?:me|us|him|her|them|you|back|someone|[a-z]{3,12}) (?:back |directly |up )?"
    r"(?:at|on|via|by|under|:)"
    r"|(?:call|dial|text|ring|phone|fax|tel|telephone|mobile|cell|sms|whatsapp|landline|handy"
    r"|telefono?|gsm|mob|ph)(?: ?(?:no|number|nr|#)\.?)?(?: is| was)?[.:]?"
    r"|(?:my|his|her|our|their|your|phone|contact|home|work|office|emergency|new|old|daytime) "
    r"(?:number|nr|no)(?: is|'s| was)?[.:]?|(?:number|no)\?? it(?:'s|s| is)"
    r"|(?:reachable|reached|available|contacted|called) (?:at|on|under|via|by)(?: phone)?:?)"
    r" ?[(\"']?)\Z"
)
_ASKED_AFTER = re.compile(
    r"(?i),? (?:is|was|are) (?:my|his|her|our|their|your|the|a) (?:[a-z]{2,9} )?(?:number|phone"
    r"|cell|mobile|fax|landline|extension)\b| ?\(?(?:mobile|cell|home|fax|landline)\b"
)
_WITH_EXTENSION = re.compile(r"(?:\+?[0-9]{1,3}[ .-]?)?\(?[0-9]{3}\)?[ .-]?[0-9]{3}[ .-][0-9]{4}")
_CODE_WORD = re.compile(r"(?i)phone|mobile|tel|call|sms|fax|whatsapp|ring|dial|number")
_PLUS_BEFORE = re.compile(r"\+[0-9 .()-]{1,8}\Z")
_DATE = re.compile(
    r"(?<!\d)(?:19|20)[0-9]{2}[-./ ][0-9]{1,2}[-./ ][0-9]{1,2}(?!\d)"
    r"|\A[0-9]{1,2}(?:[./-][0-9]{1,2})?[./-](?:19|20)\d\d\b"
)
_DOTTED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_PART_BEFORE = re.compile(r"[+#$]\Z|\w[-./:]\Z|[0-9][ ,]\Z|\([0-9 ]{1,5}\)[ ./-]{0,2}\Z")
_SPOKEN = re.compile(
    r"(?:\+|00)\(?[1-9]\d{0,2}\)?[ .-]?\(?\d{1,4}\)?(?:[ .-]\d{2,8}){1,4}"
    r"|\+\(?[1-9]\d{0,2}\)? ?\d{8,11}"
    r"|(?=(?:\D*\d){7,14}\D*\Z)(?:\+\d{1,3} ?)?"
    r"\(?\d{1,5}\)?(?:[ .-]?\(?\d{2,4}\)?){0,4}[ .-]?\d{2,7}"
)
_WORDS_BEFORE = re.compile(r"(?:\A|\n)[^\w\n]{0,8}\Z|[A-Za-z]{2}[.,:;]? \(?\Z|[:,;] ?\Z")
_WORDS_AFTER = re.compile(r"[.,;!?)\"']*(?:\s+[A-Za-z(]|\s*\Z|\s*\n)")
_NUMBER_BEFORE = re.compile(r"[+(0-9][0-9 ()./-]{0,24}\Z")
_NEAR = 60
_SEPARATOR = r"(?:[ .-]|[ ]?\(|\)[ ./-]?|/ ?)"
_INTERNATIONAL = (
    r"\+[1-9][0-9]{0,3}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?[0-9](?:[ .-]?[0-9]){4,12}"
    r"|\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}"
)
_NATIONAL = (
    rf"\+?\(?[0-9](?:{_SEPARATOR}?[0-9]){{5,15}}(?: ?(?:x|ext\.?) ?[0-9]{{1,6}})?"
    r"|\([0-9]{1,5}\)[ .-]?[0-9](?:[ .-]?[0-9]){4,10}(?: ?(?:x|ext\.?) ?[0-9]{1,6})?"
)


def phone_shapes(config: AnonymizeConfig) -> list[Shape]:
    """Shapes for code and prose alike."""

    def check(text: str, start: int, end: int) -> bool:
        value = text[start:end]
        plain = digits_of(value)
        if not is_bounded(text, start, end, also=".-+/") or _is_kept(value, config):
            return False
        if _is_rest_of_kept(text, start, value, config):
            return False
        if value[0] == "+":
            return _is_international(text, start, end, plain)
        return len(plain) == 10 and _PLUS_BEFORE.search(text, max(0, start - 10), start) is None

    return [
        Shape(
            entity="PHONE_NUMBER",
            pattern=_INTERNATIONAL,
            trigger=r"\+[1-9][ .()0-9-]{7}|[0-9]\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}",
            check=check,
            shrinks=True,
        )
    ]


def phone_prose_shapes(config: AnonymizeConfig) -> list[Shape]:
    """Numbers that only prose has room for."""

    def check(text: str, start: int, end: int) -> bool:
        value = text[start:end]
        number = re.split("(?i) ?(?:x|ext)", value)[0]
        plain = digits_of(number)
        if (
            not 6 <= len(plain) <= 15
            or _is_kept(number, config)
            or not _stands_alone(text, start, end)
            or _is_rest_of_kept(text, start, number, config)
        ):
            return False
        if _DATE.search(number) or _DOTTED.fullmatch(number) or _goes_on_as_time(text, end):
            return False
        if _is_asked_for(text, start, end) or _has_extension(value, number):
            return True
        word = _WORD if len(re.findall("[0-9]+", number)) > 1 else _SURE_WORD
        is_called = len(plain) >= 7 and word.search(text, max(0, start - _NEAR), start) is not None
        is_shaped = config.min_score == 0 or _is_shaped(number, plain)
        return (
            (is_called and _is_grouped(number))
            or _is_spoken(text, start, end, number)
            or (is_shaped and _is_valid(number))
        )

    return [
        Shape(
            entity="PHONE_NUMBER",
            rule="phone_in_prose",
            pattern=_NATIONAL,
            trigger=r"[0-9](?:[ .()/-]{0,3}[0-9]){5}",
            check=check,
            score=0.7,
            shrinks=True,
        )
    ]


def _is_asked_for(text: str, start: int, end: int) -> bool:
    """ "call me at 4673395", "4673395 is my number": no groups are needed there."""
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    return _ASKED_BEFORE.search(before) is not None or _ASKED_AFTER.match(after) is not None


def _has_extension(value: str, number: str) -> bool:
    """ "905-674-3793x12"."""
    return value != number and _WITH_EXTENSION.fullmatch(number) is not None


def _is_spoken(text: str, start: int, end: int, value: str) -> bool:
    """Groups as they are said, "467 3395", "60-56-85-91", in a sentence or alone on a line."""
    before, after = text[max(0, start - 12) : start], text[end : end + 12]
    in_words = _WORDS_BEFORE.search(before) and _WORDS_AFTER.match(after)
    is_grouped = re.search("[ -]", value) is not None and _is_grouped(value)
    if in_words and re.fullmatch(r"\+[1-9]\d{9,13}", value):
        return True
    if in_words and re.fullmatch(r"0[1-9]\d{8,9}", value):
        # No other number starts with a zero and is that long; identifiers are padded with several.
        return _is_valid(value)
    in_words = None if re.search(r"[A-Z]{2} \Z", before) else in_words
    return is_grouped and in_words is not None and _SPOKEN.fullmatch(value) is not None


def _is_grouped(number: str) -> bool:
    """Not a decimal fraction, a version or a time."""
    groups = number.split(".")
    is_dotted = len(groups) > 2 and all(len(group) > 1 for group in groups)
    return len(groups) == 1 or (is_dotted and len(number) - len(groups) > 8)


def _is_shaped(number: str, plain: str) -> bool:
    """Eight digits and more in groups: "020 7946 0018", no "2022 01", "10.5.1000"."""
    separators = re.findall("[^0-9]+", number)
    is_grouped = 1 < len(separators) < len(plain) / 2 and _is_grouped(number)
    has_area = re.match(r"\+|\([0-9]+\).", number) is not None
    return len(plain) > 7 and (is_grouped or has_area)


def _goes_on_as_time(text: str, end: int) -> bool:
    return re.match("[:,.%][0-9]", text[end : end + 2]) is not None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """No part of a longer number, of a time, of an amount, of an identifier."""
    is_part = _PART_BEFORE.search(text, max(0, start - 9), start) is not None
    goes_on = re.match(" [0-9]{3}", text[end : end + 4]) is not None
    return not (is_part or goes_on) and is_bounded(text, start, end, also=".-")


def _is_valid(number: str) -> bool:
    """A number that some plan has given out, by its prefix and length."""
    # With a country code the region does not matter.
    for region in _REGIONS[:1] if number.startswith("+") else _REGIONS:
        try:
            parsed = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return True
    return False


def _is_kept(value: str, config: AnonymizeConfig) -> bool:
    is_ours = is_reserved_phone(value) or is_reserved_id(value)
    return config.keep_reserved and is_ours


def _is_rest_of_kept(text: str, start: int, value: str, config: AnonymizeConfig) -> bool:
    """The second half of a pseudonym, whose first half makes it one."""
    before = _NUMBER_BEFORE.search(text, max(0, start - 26), start)
    return before is not None and _is_kept(before[0] + value, config)


def _is_international(text: str, start: int, end: int, plain: str) -> bool:
    value = text[start:end]
    num_groups = len(re.findall("[0-9]+", value))
    is_number = value.count(".") == 1 or num_groups > 6
    is_clear = num_groups > 1 or _is_called_phone(text, start, end)
    return 8 <= len(plain) <= 15 and is_clear and not is_number


def _is_called_phone(text: str, start: int, end: int) -> bool:
    """True for digits after a word like "phone", and for a given-out number that fills a string."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    named = _CODE_WORD.search(text, line_start(text, start, 40), start) is not None
    is_quoted = before == after and before in ("'", '"')
    return named or (is_quoted and _is_valid(text[start:end]))
