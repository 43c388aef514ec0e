"""Known strings: a repository's people and the deny-list, through one Aho-Corasick automaton.

    seeds = Seeds(people, deny_list=("Acme Pay",))
    list(seeds.find("mail jane_doe about AcmePayClient"))
        ->  [Seed(entity="LOGIN", start=5, end=13, key=...), Seed(entity="CODE_NAME", ...)]

Names and logins stand between characters that are no letter or digit; code names also between the
parts of an identifier (AcmePayClient, ACME_PAY_URL, com.acme.pay). Case never matters.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from transforms.anonymize.checks import is_escaped
from transforms.anonymize.people import People, fold

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_JOINTS = ("", "_", "-", ".", " ", "/")
_MIN_PART = 3


@dataclass(frozen=True)
class Seed:
    """A known string found in a text; `key` says whose or which it is."""

    entity: str
    start: int
    end: int
    key: str


class Seeds:
    """What to look for in one repository."""

    def __init__(self, people: People | None, deny_list: Iterable[str]) -> None:
        seeds = [*_code_names(deny_list), *(people.seeds() if people else ())]
        self._keys = {(entity, text): key for entity, text, key in seeds}
        self._automaton = ahocorasick.Automaton()
        by_text: dict[str, list[str]] = {}
        for entity, text in sorted(self._keys):
            by_text.setdefault(text, []).append(entity)
        for text, entities in by_text.items():
            self._automaton.add_word(text, (text, entities))
        self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[Seed]:
        """Every seed that stands on word boundaries; overlapping ones too."""
        if not self._keys:
            return
        for last, (word, entities) in self._automaton.iter(fold(text)):
            start, end = last + 1 - len(word), last + 1
            for entity in entities:
                if _BOUNDS[entity](text, start, end):
                    yield Seed(entity, start, end, self._keys[entity, word])

    def key_of(self, entity: str, text: str) -> str | None:
        """The key of a string that `find` gave."""
        return self._keys.get((entity, fold(text)))


def _code_names(deny_list: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for name in deny_list:
        parts = [fold(part) for part in _PARTS.findall(name)]
        key = "".join(parts)
        # A name given as one word may be written as two anywhere: hulltrack, hull_track.
        splits = [(key[:at], key[at:]) for at in range(_MIN_PART, len(key) - _MIN_PART + 1)]
        for words in [parts, *(splits if len(parts) == 1 else [])]:
            yield from (("CODE_NAME", joint.join(words), key) for joint in _JOINTS)


def _stands_alone(text: str, start: int, end: int) -> bool:
    before_ok = start == 0 or not text[start - 1].isalnum() or is_escaped(text, start - 1)
    return before_ok and (end == len(text) or not text[end].isalnum())


def _is_login(text: str, start: int, end: int) -> bool:
    # A word before "(" is a function that happens to be called like somebody's login.
    is_call = text[start:end].isalpha() and text[end : end + 1] == "("
    return not is_call and _stands_alone(text, start, end)


def _is_email(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 2]
    goes_on = after[:1] == "-" or (after[:1] == "." and after[1:].isalnum())
    return before not in tuple("._%+-") and not goes_on and _stands_alone(text, start, end)


def _is_code_name(text: str, start: int, end: int) -> bool:
    return _part_starts(text, start) and _part_ends(text, end)


def _part_starts(text: str, start: int) -> bool:
    """True where a part of an identifier may start: after "_", at aB, at the c of ABCd, after 1."""
    if start == 0 or not text[start - 1].isalpha() or is_escaped(text, start - 1):
        return True
    before, here, after = text[start - 1], text[start], text[start + 1 : start + 2]
    return here.isupper() and (before.islower() or after.islower())


def _part_ends(text: str, end: int) -> bool:
    if end == len(text) or not text[end].isalpha():
        return True
    before, here, after = text[end - 1], text[end], text[end + 1 : end + 2]
    return here.isupper() and (not before.isupper() or after.islower())


_BOUNDS = {
    "EMAIL_ADDRESS": _is_email,
    "PERSON": _stands_alone,
    "LOGIN": _is_login,
    "CODE_NAME": _is_code_name,
}
