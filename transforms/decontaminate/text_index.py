"""Which benchmark text a row quotes. In: texts of a benchmark; texts of a row. Out: a match.

    index = TextIndex(texts, 13, share=0.0, num_hits=1)
    index.match(["... from typing import List def has_close_elements ..."])

Compared are runs of `ngram` words in lower case, as GPT-3 did (arXiv:2005.14165, appendix C). A
text of fewer words, from `MIN_WORDS` on, is one run of its own length. Runs that more than
`MAX_SHARING` of the benchmark's texts have are the benchmark's own phrases and count for none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transforms.decontaminate.benchmarks import BenchmarkText
from transforms.decontaminate.hash_index import HashIndex
from transforms.decontaminate.kernels import exact_windows
from transforms.decontaminate.patch_views import join_texts
from transforms.dedup.arrays import I64, U64, Flags
from transforms.dedup.characters import word_characters
from transforms.dedup.kernels_tokens import word_tokens

MIN_WORDS = 8
"""GPT-3's least: shorter runs are everyday language."""
MAX_SHARING = 10
"""Also GPT-3's, of documents."""


@dataclass(frozen=True, kw_only=True)
class TextMatch:
    """A text that a row holds enough of."""

    found: BenchmarkText
    num_hits: int
    num_runs: int
    num_words: int
    """In a run."""

    @property
    def detail(self) -> str:
        """The evidence, without text of the row."""
        return (
            f"{self.found.benchmark} {self.found.instance_id}, {self.found.column}: "
            f"{self.num_hits} of {self.num_runs} runs of {self.num_words} words"
        )


class TextIndex:
    """All texts, by runs of words."""

    def __init__(
        self, texts: Sequence[BenchmarkText], ngram: int, *, share: float, num_hits: int
    ) -> None:
        self._texts, self._share, self._hits = texts, share, num_hits
        tokens, starts = _words([one.text for one in texts])
        num_words = np.diff(starts)
        shortest = min(MIN_WORDS, ngram)
        self.num_short = int((num_words < shortest).sum())
        """Texts of too few words to be compared."""
        self._indices: list[tuple[int, HashIndex]] = []
        self._sizes = np.zeros(len(texts), np.int64)
        lengths = np.minimum(num_words, ngram)
        for size in sorted(set(lengths[lengths >= shortest].tolist())):
            index = _index_of(tokens, starts, lengths == size, size)
            self._indices.append((size, index))
            self._sizes += index.sizes()

    def match(self, texts: Sequence[str]) -> TextMatch | None:
        """The text that most runs are found of, in proportion; the first of equals."""
        tokens, starts = _words(texts)
        best: tuple[float, int, int, int] | None = None
        for size, index in self._indices:
            found = index.find(exact_windows(tokens, starts, size)[0])
            if not len(found):
                continue
            counts = index.count(found)
            for owner in np.flatnonzero(counts).tolist():
                hits, runs = int(counts[owner]), int(self._sizes[owner])
                enough = hits >= self._hits and hits / runs >= self._share
                if enough and (best is None or (hits / runs, -owner) > (best[0], -best[1])):
                    best = (hits / runs, owner, hits, size)
        if best is None:
            return None
        _, owner, hits, size = best
        return TextMatch(
            found=self._texts[owner],
            num_hits=hits,
            num_runs=int(self._sizes[owner]),
            num_words=size,
        )


def _index_of(tokens: U64, starts: I64, is_wanted: Flags, size: int) -> HashIndex:
    windows, firsts = exact_windows(tokens, starts, size)
    owners = np.repeat(np.arange(len(is_wanted)), np.diff(firsts))
    wanted = is_wanted[owners]
    return HashIndex(windows[wanted], owners[wanted], len(is_wanted), MAX_SHARING)


def _words(texts: Sequence[str]) -> tuple[U64, I64]:
    data, bounds = join_texts(texts)
    tokens, starts = word_tokens(data, bounds, word_characters())
    return tokens, starts
