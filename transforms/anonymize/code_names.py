"""Names of companies, projects and products in any text, in two passes. No Presidio needed.

    survey = CodeNameSurvey(("Acme Pay",))
    survey.read("src/com/acme/pay/Order.java")  ->  {"acme"}      the first pass, over every text
    names = CodeNames(("Acme Pay", "acme"), key, stems)           in between: `renames.draw_stems`
    names.replace("acme-pay, com.acme.ledger")  ->  "alderironleaf58f2a6-pay, com.alderiron..."

A name whose words are folders or packages of their own (com/acme/pay) must go in each of them, or
an import would no longer name its path: the first pass finds which words these are.
"""

from collections.abc import Iterable, Mapping

import ahocorasick

from transforms.anonymize.bounds import is_code_name
from transforms.anonymize.person_forms import fold
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.renames import spellings_across
from transforms.anonymize.seeds import Seeds


class CodeNames:
    """Names under one key; `stems` as in `Seeds`."""

    def __init__(
        self, names: Iterable[str], key: bytes, stems: Mapping[str, str] | None = None
    ) -> None:
        self._seeds = Seeds(None, names, stems)
        self._pseudonyms = Pseudonyms(key)

    def replace(self, text: str) -> str:
        """The text with every name replaced; of two that overlap, the earlier and longer."""
        parts: list[str] = []
        position = 0
        for seed in sorted(self._seeds.find(text), key=lambda seed: (seed.start, -seed.end)):
            if seed.start >= position:
                fresh = self._pseudonyms.code_name(text[seed.start : seed.end], seed.key)
                parts += [text[position : seed.start], fresh]
                position = seed.end
        return "".join([*parts, text[position:]])


class CodeNameSurvey:
    """The first pass: which words of the names stand for themselves."""

    def __init__(self, names: Iterable[str]) -> None:
        self._words = spellings_across(names)
        self._automaton = ahocorasick.Automaton()
        for spelling in self._words:
            self._automaton.add_word(spelling, spelling)
        self._automaton.make_automaton()

    def read(self, text: str) -> set[str]:
        """Words to add to the names; `text` may be a path."""
        found: set[str] = set()
        for last, spelling in self._automaton.iter(fold(text)) if self._words else ():
            if is_code_name(text, last + 1 - len(spelling), last + 1):
                found.update(self._words[spelling])
        return found
