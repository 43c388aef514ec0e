"""How a person is written in texts. In: a name. Out: strings to look for, with their entity.

set(name_forms("Jane Doe"))
    ->  {("PERSON", "jane doe"), ("PERSON", "doe, jane"), ("LOGIN", "jane_doe"), ...}
"""

import unicodedata
from collections.abc import Iterator
from typing import Literal

from transforms.anonymize.folding import fold_letters
from transforms.anonymize.identities import all_in, is_distinctive
from transforms.anonymize.words import generic_words

_MIN_NAME_CHARS = 5
_MIN_JOINED_CHARS = 7
_MIN_DERIVED_CHARS = 6
_MIN_UNCASED_CHARS = 2
_UMLAUTS = {"\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00df": "ss", "\u00e5": "aa"}
_WRITTEN_OUT = str.maketrans(_UMLAUTS)


def fold(text: str) -> str:
    """Lower case with every character in its place, so that offsets stay valid."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def is_everyday(name: str) -> bool:
    """True for full names of everyday words, "Max Green", which are names in capitals only."""
    return all_in(generic_words(), fold(name))


def is_uncased(text: str) -> bool:
    """True for scripts without capitals, whose words stand side by side."""
    return bool(text) and all(char.isalpha() and char.lower() == char.upper() for char in text)


def name_forms(name: str) -> Iterator[tuple[str, str]]:
    """(entity, folded text): the name itself, without accents, and as logins are made of it."""
    for spelling in sorted(_spellings(name.replace("[bot]", ""))):
        words = fold(spelling).split()
        joined = "".join(words)
        if len(words) == 1 and is_uncased(joined) and len(joined) >= _MIN_UNCASED_CHARS:
            yield "PERSON", joined
        elif len(words) == 1 and is_distinctive(joined):
            yield "LOGIN", joined
        if len(words) < 2 or (len(joined) < _MIN_NAME_CHARS and not is_uncased(joined)):
            continue
        yield "PERSON", " ".join(words)
        yield "PERSON", f"{words[-1]}, {' '.join(words[:-1])}"
        if len(words) > 2 and any(len(word.strip(".")) == 1 for word in words[1:-1]):
            yield "PERSON", f"{words[0]} {words[-1]}"
        if not is_everyday(spelling):
            yield from (("LOGIN", login) for login in _likely_logins(words))


def _likely_logins(words: list[str]) -> Iterator[str]:
    """jane_doe, jane-doe, jane.doe, janedoe, jdoe, j.doe; none that is an everyday word."""
    plain = ["".join(char for char in word if char.isalnum()) for word in words]
    first, last = plain[0], plain[-1]
    if not all(plain) or len("".join(plain)) < _MIN_JOINED_CHARS:
        return
    yield from (joint.join(plain) for joint in ("_", "-", "."))
    shorter = ("".join(plain), first[:1] + last, f"{first[:1]}.{last}")
    for login in shorter:
        if len(login) >= _MIN_DERIVED_CHARS and is_distinctive(login):
            yield login


def _spellings(name: str) -> set[str]:
    """Composed, decomposed, without accents, with umlauts written out, "Doe, Jane" turned."""
    last, comma, first = name.partition(",")
    turned = f"{first.strip()} {last.strip()}" if comma and first.strip() else name
    if name.isascii():
        return {name, turned}
    found: set[str] = set()
    forms: tuple[Literal["NFC"], Literal["NFD"]] = ("NFC", "NFD")
    for text in (name, turned):
        composed = unicodedata.normalize("NFC", text)
        written_out = composed.lower().translate(_WRITTEN_OUT)
        found |= {text, fold_letters(text), fold_letters(written_out)}
        found |= {unicodedata.normalize(form, text) for form in forms}
    return found
