"""Names of the deny-list in short texts: repository names, shard names. No Presidio needed.

    CodeNames(("HullTrack",), key).replace("hulltrack-tools")  ->  "alderironleaf58f2a6-tools"

In: text. Out: the text with those names replaced as `TextAnonymizer` replaces them, nothing else.
"""

from collections.abc import Iterable

from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.seeds import Seeds
from transforms.anonymize.spans import Span, Spans


class CodeNames:
    """The deny-list under one key."""

    def __init__(self, deny_list: Iterable[str], key: bytes) -> None:
        self._seeds = Seeds(None, deny_list)
        self._pseudonyms = Pseudonyms(key)

    def replace(self, text: str) -> str:
        """The text with every name replaced, the longest first where they overlap."""
        parts: list[str] = []
        position = 0
        for span in self._longest(text):
            found = text[span.start : span.end]
            fresh = self._pseudonyms.code_name(found, self._seeds.key_of(span.entity, found) or "")
            parts += [text[position : span.start], fresh]
            position = span.end
        return "".join([*parts, text[position:]])

    def _longest(self, text: str) -> list[Span]:
        kept = Spans()
        for seed in sorted(self._seeds.find(text), key=lambda seed: seed.start - seed.end):
            span = Span(seed.entity, seed.start, seed.end)
            where = kept.touching(span)
            if not kept.at(where):
                kept.put(span, where)
        return kept.all()
