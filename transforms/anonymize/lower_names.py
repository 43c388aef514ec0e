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
    r"(?:\b(?:name is|named|calls me|called|i am|hi|hello|hey|dear|said|says|thanks"
    r"|thank you|mrs?\.|ms\.|dr\.) )([a-z]{4,20})(?![\w@/=(`-]|\.\w)"
)


def lower_names(text: str) -> list[tuple[int, int]]:
    """(start, end) of each, in characters."""
    # Few texts hold such a given name at all, and a set of words finds out fast.
    present = _given().intersection(text.split())
    if not present:
        return []
    found = [
        (match.start(), match.end(2))
        for match in _PAIR.finditer(text)
        if match[1] in present and match[3].islower() and _is_surname(match[3])
    ]
    taken = {start for start, _ in found}
    singles = [match.span(1) for match in _AFTER_CUE.finditer(text) if match[1] in present]
    return sorted(found + [span for span in singles if span[0] not in taken])


def _is_surname(word: str) -> bool:
    bits = kinds(word.capitalize())
    return bool(bits & FAMILY) and not bits & WORD


@cache
def _given() -> frozenset[str]:
    lists = name_lists()
    others = thing_words() | double_words() | place_words() | generic_words() - lists["given"]
    names = lists["given"] - lists["word"] - others
    return frozenset(name for name in names if len(name) >= _MIN_CHARS and name.isascii())
