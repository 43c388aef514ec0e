"""What a word tells about persons. In: a capitalised word. Out: a set of kinds, as bits.

kinds("Jane") == GIVEN | FAMILY; kinds("Mark") == GIVEN | FAMILY | WORD; kinds("Docker") == THING

The list of names is `person_names.txt`, which says where it comes from. A surname that it lacks
may end like one: -ovic, -enko, -sson.
"""

import re
from functools import cache, lru_cache
from pathlib import Path

from transforms.anonymize.folding import fold_letters
from transforms.anonymize.things import double_words, place_words, thing_words
from transforms.anonymize.words import generic_words

GIVEN, FAMILY, WORD, THING, INITIAL, SHOUTED, GUESSED = 1, 2, 4, 8, 16, 32, 64
WORDLIKE = 128
"""A given name; a family name; an English word; no name whatever the lists say; one letter; all
in capitals; a name by its ending or by the sections of rare names only. A word with none of them
may be a name, too, unless it ends as English words do."""

NAME = GIVEN | FAMILY

# Endings of surnames: Slavic, Nordic, German, Greek, Romanian, Turkish, Armenian, Georgian, Basque.
_ENDING = re.compile(
    r".{2,}(?:[aeiou]v|[eo]va|[eo]vich|[eo]vna|[ei]vic|ovic|enko|enka|chuk|czyk|[sc]z?k[iy]|[sc]z?ka"
    r"|sson|ss[eo]n|dottir|qvist|kvist|strom|berg|stein|mann|poulos|akis|idis|escu|oglu|[ty]an"
    r"|shvili|adze|[iu]nas|aitis|yte|[ae]ng?er|ndez|[aeiu]ly|off|veld|stra|sma)"
)
_ENGLISH_ENDING = re.compile(
    r"(?:s|ed|ing|er|or|tion|ment|ness|ity|able|ible|less|ful|ive|ize|ify|ware|file|base|flow|space"
    r"|down|up|out|off|back|sync|conf|lib|js|db|kit|hub|net|box|bot)$"
)
_PLAIN = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_INNER_CAPITALS = re.compile(
    r"(?:Mc|Mac|O['\u2019]|D['\u2019]|De|Di|Le|La|Van|Fitz|Al|El)[^\W\d_]+"
)
_MIN_CHARS = 3
MAX_CHARS = 30
"""Longer words are no names; whoever asks spares the cache of `kinds` long ones."""
# In the list of words, and hardly ever seen as such with a capital.
_SELDOM_WORDS = """
    abel alma barb bob bobby carlos carol dick earl frank harry heather herb holly jack jake jay
    jean jenny jerry jess jimmy joey john johnny josh kate kay ken kerry kitty larry lee leo lou
    maria marge martin mike nelly nick patty peg peter randy ray reggie rob robin rod roger romeo
    rosemary rosie roy sally sandy sonny sue tom tommy tony troy victor walter wally willy
"""


@lru_cache(maxsize=65_536)
def kinds(word: str) -> int:
    """Bits of `GIVEN`, `FAMILY`, `WORD`, `THING`, `INITIAL`, `SHOUTED`, `GUESSED`, `WORDLIKE`."""
    if len(word) == 1:
        return INITIAL
    if not _PLAIN.fullmatch(word) or len(word) > MAX_CHARS or word.lower() in thing_words():
        return THING
    shouted = SHOUTED if word.isupper() else 0
    parts = word.split("-")
    if not shouted and not all(map(_is_name_shaped, parts)):
        return THING
    found = list(map(_kinds_of_part, parts))
    if len(parts) == 1 or any(bits & THING for bits in found):
        return max(found) | shouted
    if any(
        bits & WORD and (not bits & NAME or part.islower())
        for part, bits in zip(parts, found, strict=True)
    ):
        return WORD
    return shouted | (GIVEN if all(bits & GIVEN for bits in found) else FAMILY)


@cache
def name_lists() -> dict[str, frozenset[str]]:
    """The sections of `person_names.txt`: "given", "family", "word", "rare given"..."""
    text = Path(__file__).with_name("person_names.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    sections = "\n".join(lines).split("[")[1:]
    return {
        section.partition("]")[0]: frozenset(section.partition("]")[2].split())
        for section in sections
    }


@cache
def _seldom_words() -> frozenset[str]:
    return frozenset(_SELDOM_WORDS.split())


def _is_name_shaped(part: str) -> bool:
    """Doe, McDonald, O'Brien; not FooBar."""
    return part[1:].islower() or _INNER_CAPITALS.fullmatch(part) is not None


def _kinds_of_part(part: str) -> int:
    lists, lower = name_lists(), part.lower()
    if lower in thing_words():
        return THING
    folded = fold_letters(part).replace("'", "")
    found = GIVEN * (folded in lists["given"]) | FAMILY * (folded in lists["family"])
    if not found:
        rare = GIVEN * (folded in lists["rare given"]) | FAMILY * (folded in lists["rare family"])
        found = rare and rare | GUESSED
    if lower in place_words():
        return FAMILY | WORD if found & FAMILY else THING
    # With its accents a name is no English word: "Basic" is, that surname of Croatia is not.
    is_word = lower in lists["word"] and lower not in _seldom_words()
    is_generic = lower in generic_words() and not found & GIVEN
    if is_word or is_generic or lower in double_words():
        found |= WORD
    if not found & (WORD | FAMILY) and len(folded) > _MIN_CHARS and _ENDING.fullmatch(folded):
        found |= FAMILY | GUESSED
    if not found and _ENGLISH_ENDING.search(lower):
        found = WORDLIKE
    return found
