"""Where a known string may start and end. In: text, start, end. Out: bool.

    is_code_name("AcmePayClient", 0, 7) -> True       is_code_name("acmepayment", 0, 7) -> False

Names and logins stand between characters that are no letter or digit; code names also between the
parts of an identifier (AcmePayClient, ACME_PAY_URL, com.acme.pay) and what programs are called by
(libacme, acmectl).
"""

import re
from collections.abc import Callable

from transforms.anonymize.checks import is_escaped
from transforms.anonymize.person_forms import is_everyday, is_uncased

_PERCENT = re.compile("%[0-9A-Fa-f]{2}")
_BEFORE = "lib my py go the node libs django flask rust"
_AFTER = """
    s d ctl cli api apis app apps bot client clients corp core db dev group hq inc io js lib libs
    ops org py sdk server service services srv svc test tests tool tools ui web
"""
_PREFIXES, _SUFFIXES = frozenset(_BEFORE.split()), frozenset(_AFTER.split())
_MAX_AFFIX = 9
_CERTAIN_UNCASED = 3


def is_person(text: str, start: int, end: int) -> bool:
    """A name between no letters; of everyday words ("Max Green") only with capitals."""
    found = text[start:end]
    if is_uncased(found) and len(found) >= _CERTAIN_UNCASED:
        return True
    words = re.findall(r"[^\W_]+", found)
    is_clear = all(word[0].isupper() for word in words) or not is_everyday(found)
    return is_clear and stands_alone(text, start, end)


def stands_alone(text: str, start: int, end: int) -> bool:
    """No letter or digit on either side, apart from the end of an escape."""
    before_ok = start == 0 or not text[start - 1].isalnum() or _ends_escape(text, start)
    return before_ok and (end == len(text) or not text[end].isalnum())


def is_login(text: str, start: int, end: int) -> bool:
    """Before "(" stands a function that is called like somebody's login: `c.context()`."""
    is_call = text[end : end + 1] == "("
    return not is_call and stands_alone(text, start, end)


def is_email(text: str, start: int, end: int) -> bool:
    """An address that does not go on to either side."""
    before, after = text[start - 1 : start], text[end : end + 2]
    goes_on = after[:1] == "-" or (after[:1] == "." and after[1:].isalnum())
    return before not in tuple("._%+-") and not goes_on and stands_alone(text, start, end)


def is_code_name(text: str, start: int, end: int) -> bool:
    """Whole parts of an identifier."""
    return is_uncased(text[start:end]) or (_part_starts(text, start) and _part_ends(text, end))


def _part_starts(text: str, start: int) -> bool:
    """True where a part of an identifier may start: after "_", at aB, at the c of ABCd, after 1."""
    if start == 0 or not text[start - 1].isalpha() or _ends_escape(text, start):
        return True
    before, here, after = text[start - 1], text[start], text[start + 1 : start + 2]
    if here.isupper() and (before.islower() or after.islower()):
        return True
    return _word_before(text, start).lower() in _PREFIXES


def _part_ends(text: str, end: int) -> bool:
    if end == len(text) or not text[end].isalpha():
        return True
    before, here, after = text[end - 1], text[end], text[end + 1 : end + 2]
    if here.isupper() and (not before.isupper() or after.islower()):
        return True
    return _word_after(text, end).lower() in _SUFFIXES


def _ends_escape(text: str, start: int) -> bool:
    r"""True after "\n" and "%2F", whose last letter is no part of a word."""
    return is_escaped(text, start - 1) or _PERCENT.fullmatch(text, start - 3, start) is not None


def _word_before(text: str, start: int) -> str:
    """The letters up to `start`; those of another word part in capitals stay out."""
    first = start
    while first > 0 and start - first <= _MAX_AFFIX and text[first - 1].isalpha():
        first -= 1
        if text[first].isupper() and text[first + 1 : first + 2].islower():
            break
    return text[first:start]


def _word_after(text: str, end: int) -> str:
    last = end
    while last < len(text) and last - end <= _MAX_AFFIX and text[last].isalpha():
        if last > end and text[last].isupper() and text[last - 1].islower():
            break
        last += 1
    return text[end:last]


BOUNDS: dict[str, Callable[[str, int, int], bool]] = {
    "EMAIL_ADDRESS": is_email,
    "PERSON": is_person,
    "LOGIN": is_login,
    "CODE_NAME": is_code_name,
}
