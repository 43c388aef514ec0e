"""Does a value look drawn at random? In: a value. Out: yes or no.

    looks_random("ij1mut5oe606wlrf5z4u8u31264z3gag")  ->  True
    looks_random("test_client_secret_basic_auth2")    ->  False

Words are told from random letters by their pairs of letters: in the words of the Python standard
library 217 of the 676 pairs make up 90% of all pairs; of random letters they make up a third.
"""

import math
import re
from collections import Counter

# The 217 pairs: a first letter, then the letters that follow it.
_PAIRS = (
    "abcdgilmnprstu baeilosu cacehiklortu dadeilorsu eacdefglmnprstvwx faefiloru geinrs haeio"
    " iabcdefglmnoprstvz keis ladeilostuy mabeimopsu nacdefgiklnostuv obcdglmnoprstuvw"
    " paeiloprstuy qu racdegimnorstuy sacehilopstuy tacehilmoprstuy uabceilmnprst vaei waio"
    " xpt ypt ze"
)
_COMMON = frozenset(row[0] + second for row in _PAIRS.split() for second in row[1:])
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_UUID = re.compile(r"(?i)[0-9a-z]{8}(?:-[0-9a-z]{4}){3}-[0-9a-z]{12}")
_MAX_CHARS = 2000
_MIN_WORD = 3
_WORD_SHARE = 0.7
_FREE_SHARE, _FREE_SHARE_OF_LETTERS = 0.5, 0.6
_MIN_BITS = 2.5


def entropy_bits(text: str) -> float:
    """Shannon entropy of the characters, in bits per character."""
    if not text:
        return 0.0
    repeated = (count for count in Counter(text).values() if count > 1)
    return math.log2(len(text)) - sum(count * math.log2(count) for count in repeated) / len(text)


def looks_random(value: str, min_chars: int = 15) -> bool:
    """True when at least `min_chars` letters and digits, most of them in no word, mix kinds."""
    value = value[:_MAX_CHARS]
    if _UUID.fullmatch(value):
        return entropy_bits(value) >= _MIN_BITS
    num_chars = sum(char.isalnum() for char in value)
    num_free = num_chars - _num_in_words(value)
    num_digits = sum(char.isdigit() for char in value)
    is_mixed = num_digits > 0 or not value.islower() or num_chars > 18
    share = _FREE_SHARE if num_digits > 1 else _FREE_SHARE_OF_LETTERS
    return (
        num_chars >= min_chars
        and num_free >= max(share * num_chars, 10)
        and is_mixed
        and not value.isdigit()
        and entropy_bits(value) >= _MIN_BITS
    )


def _num_in_words(value: str) -> int:
    """How many letters stand in runs that read as words."""
    runs = (run.lower() for run in _RUN.findall(value) if len(run) >= _MIN_WORD)
    return sum(len(run) for run in runs if _is_word(run))


def _is_word(run: str) -> bool:
    pairs = [run[at : at + 2] for at in range(len(run) - 1)]
    return sum(pair in _COMMON for pair in pairs) >= _WORD_SHARE * len(pairs)
