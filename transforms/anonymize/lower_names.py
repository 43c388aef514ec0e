"""Names that somebody wrote without capitals. In: prose. Out: spans.

lower_names("thanks to katrine sorensen")  ->  [(10, 26)]

Only a given name and a surname in a row that are no English words: less is guessing.
"""

import re
from functools import cache

from transforms.anonymize.name_lists import FAMILY, WORD, kinds, name_lists
from transforms.anonymize.things import double_words, place_words, thing_words
from transforms.anonymize.words import generic_words

_MIN_CHARS = 4
# All parts are bounded, so a text takes linear time.
_PAIR = re.compile(
    r"(?<![\w/.@`=-])([a-z]{4,20})(?= ((?:[a-z]\.? )?([^\W\d_]{4,20}))(?![\w@/=(`-]|\.\w))"
)
_AFTER_CUE = re.compile(
    r"(?:\b(?:name is|name's|named|calls me|called|i am|i'm|hi|hello|hey|dear|said|says|thanks,?"
    r"|thank you,?|mrs?\.?|ms\.?|dr\.?|(?:my|his|her|our) (?:friend|wife|husband|boss|colleague"
    r"|brother|sister|son|daughter|mother|father|boyfriend|girlfriend|neighbou?r|cousin)"
    r"|(?:met|meet|meeting|lunch|dinner) with"
    r"|(?:talk|talked|talking|speak|speaking|spoke) (?:to|with)"
    r"|ask|asked|told|tell|married|regards,|cheers,) )([a-z]{4,20})(?![\w@/=(`-]|\.\w)"
)
_BEFORE_CUE = re.compile(
    r"(?:(?<=[.!?] )|(?<![^\n]))([a-z]{4,20})(?= (?:is from|was born|is (?:my|his|her|our|a|an)"
    r"|lives in|lived in|works (?:for|at)|told me|asked me|called me|and i|and his|and her)\b"
    r"|'s (?:wife|husband|son|daughter|mother|father|house|car|phone)\b)"
)
_NAME_IS = re.compile(
    r"\b(?:my|his|her|last|maiden|first|full|family|middle) (?:name|surname)(?: is|'s|:) "
    r"([a-z]{4,20})(?![\w@/=(`-]|\.\w)"
)
_MARKS_TO_SPACES = str.maketrans(".,;:!?()'\"", "          ")


def lower_names(text: str) -> list[tuple[int, int]]:
    """(start, end) of each, in characters."""
    named = {match.span(1) for match in _NAME_IS.finditer(text) if _is_listed(match[1])}
    # Few texts hold such a given name at all, and a set of words finds out fast.
    present = _given().intersection(text.translate(_MARKS_TO_SPACES).split())
    if not present:
        return sorted(named)
    found = [
        (match.start(), match.end(2))
        for match in _PAIR.finditer(text)
        if match[1] in present and match[3].islower() and _is_surname(match[3])
    ]
    cues = (*_AFTER_CUE.finditer(text), *_BEFORE_CUE.finditer(text))
    named.update(match.span(1) for match in cues if match[1] in present)
    taken = {start for start, _ in found}
    return sorted(found + [span for span in named if span[0] not in taken])


def _is_surname(word: str) -> bool:
    bits = kinds(word.capitalize())
    return bool(bits & FAMILY) and not bits & WORD


def _is_listed(word: str) -> bool:
    return word in name_lists()["family"] and _is_surname(word)


@cache
def _given() -> frozenset[str]:
    lists = name_lists()
    others = thing_words() | double_words() | place_words() | generic_words() - lists["given"]
    names = lists["given"] - lists["word"] - others
    return frozenset(name for name in names if len(name) >= _MIN_CHARS and name.isascii())
