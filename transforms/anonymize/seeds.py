"""Known strings: a repository's people and code names, through one Aho-Corasick automaton.

    seeds = Seeds(people, deny_list=("Acme Pay",))
    list(seeds.find("mail jane_doe about AcmePayClient"))
        ->  [Seed(entity="LOGIN", start=5, end=13, key=...), Seed(entity="CODE_NAME", ...)]

`bounds` says what may stand around each, `renames` what of a code name is replaced. Case never
matters.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import ahocorasick

from transforms.anonymize.bounds import BOUNDS, is_code_name
from transforms.anonymize.people import People
from transforms.anonymize.person_forms import fold
from transforms.anonymize.renames import Form, code_name_forms

_JOINTS = ("_", "-")


@dataclass(frozen=True)
class Seed:
    """A known string found in a text; `key` says whose or which it is."""

    entity: str
    start: int
    end: int
    key: str


class Seeds:
    """What to look for in one repository.

    `stems` gives the keys of code names whose stems were drawn anew (`renames.draw_stems`).
    """

    def __init__(
        self,
        people: People | None,
        deny_list: Iterable[str],
        stems: Mapping[str, str] | None = None,
    ) -> None:
        drawn = stems or {}
        self._forms = code_name_forms(deny_list)
        seeds = people.seeds() if people else ()
        self._keys = {(entity, text): key for entity, text, key in seeds if text}
        entities: dict[str, list[str]] = {}
        for entity, text in sorted(self._keys):
            entities.setdefault(text, []).append(entity)
        for text, forms in self._forms.items():
            entities.setdefault(text, []).append("CODE_NAME")
            for form in forms:
                key = drawn.get(form.key, form.key)
                self._keys["CODE_NAME", text[form.start : form.end]] = key
        self._automaton = _automaton(entities)

    def find(self, text: str) -> Iterator[Seed]:
        """Every seed within its bounds; overlapping ones too."""
        if self._automaton is None:
            return
        names: list[Seed] = []
        beside: list[Seed] = []
        spelled: list[tuple[int, int]] = []
        for last, (word, entities) in self._automaton.iter(fold(text)):
            start, end = last + 1 - len(word), last + 1
            for entity in entities:
                if entity == "CODE_NAME":
                    for form in self._forms[word]:
                        found = list(self._names(form, text, start, end))
                        if form.bounds == "beside":
                            beside += found
                        elif found:
                            names += found
                            spelled.append((start, end))
                elif BOUNDS[entity](text, start, end):
                    yield Seed(entity, start, end, self._keys[entity, word])
        yield from dict.fromkeys([*names, *_beside(text, beside, spelled)])

    def key_of(self, entity: str, text: str) -> str | None:
        """The key of a string that `find` gave."""
        return self._keys.get((entity, fold(text)))

    def _names(self, form: Form, text: str, start: int, end: int) -> Iterator[Seed]:
        """What the form replaces of a spelling from `start` to `end`, or nothing."""
        if form.bounds == "anywhere" or is_code_name(text, start, end):
            first, last = start + form.start, start + form.end
            yield Seed("CODE_NAME", first, last, self._keys["CODE_NAME", fold(text[first:last])])


def _automaton(entities: dict[str, list[str]]) -> "ahocorasick.Automaton | None":
    if not entities:
        return None
    automaton = ahocorasick.Automaton()
    for text, kinds in sorted(entities.items()):
        automaton.add_word(text, (text, kinds))
    automaton.make_automaton()
    return automaton


def _beside(text: str, candidates: list[Seed], spelled: list[tuple[int, int]]) -> Iterator[Seed]:
    """Candidates that stand in one token with a name, or with another that does."""
    ends = {end for _, end in spelled}
    for seed in sorted(candidates, key=lambda seed: seed.start):
        if seed.start in ends or (text[seed.start - 1] in _JOINTS and seed.start - 1 in ends):
            ends.add(seed.end)
            yield seed
    starts = {start for start, _ in spelled}
    for seed in sorted(candidates, key=lambda seed: -seed.start):
        joined = text[seed.end : seed.end + 1] in _JOINTS and seed.end + 1 in starts
        if seed.end in starts or joined:
            starts.add(seed.start)
            yield seed
