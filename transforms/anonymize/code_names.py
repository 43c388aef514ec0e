"""Names of the deny-list in short texts: repository names, shard names. No Presidio needed.

    CodeNames(("HullTrack",), key).replace("hulltrack-tools")  ->  "alderironleaf58f2a6-tools"

In: text. Out: the text with those names replaced as `TextAnonymizer` replaces them, nothing else.
"""

from collections.abc import Iterable

from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.seeds import Seed, Seeds


class CodeNames:
    """The deny-list under one key."""

    def __init__(self, deny_list: Iterable[str], key: bytes) -> None:
        self._seeds = Seeds(None, deny_list)
        self._pseudonyms = Pseudonyms(key)

    def replace(self, text: str) -> str:
        """The text with every name replaced, the longest first where they overlap."""
        parts: list[str] = []
        position = 0
        for seed in sorted(self._longest(text), key=lambda seed: seed.start):
            fresh = self._pseudonyms.code_name(text[seed.start : seed.end], seed.key)
            parts += [text[position : seed.start], fresh]
            position = seed.end
        return "".join([*parts, text[position:]])

    def _longest(self, text: str) -> list[Seed]:
        found = sorted(self._seeds.find(text), key=lambda seed: seed.start - seed.end)
        kept: list[Seed] = []
        for seed in found:
            if all(seed.end <= other.start or other.end <= seed.start for other in kept):
                kept.append(seed)
        return kept
