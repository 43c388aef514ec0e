"""Benchmark patches cut into windows of tokens. In: groups of patch files. Out: what is covered.

    view = PatchView(groups, exact=True)
    found = view.find(added_texts, removed_texts)       indices of windows that a change brings in
    view.index.count(found)                             per group, how many of its windows

A group is a benchmark's patch: some files. Only windows that the patch itself brings in count
(not those of lines that it removes and puts back changed), and none that more than `max_sharing`
groups have, such as licence headers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from transforms.decontaminate.hash_index import HashIndex
from transforms.decontaminate.kernels import cover, exact_windows, lex, renamed_windows
from transforms.decontaminate.patches import PatchFile
from transforms.dedup.arrays import F64, I64, U8, U64, Flags

EXACT, RENAMED = 5, 14
"""Tokens in a window: names as they are, and names blind. Set on the development half of
tests/benchmarks/decontaminate.py: 12 blind tokens reject innocent changes, 16 miss copies."""
_KEYWORDS = """
    abstract and as assert async await auto bool boolean break byte case catch char class const
    constexpr continue def default defer del delete do double elif else end enum except export
    extends extern False false final finally float fn for foreach from func function global go
    goto if impl implements import in include instanceof int interface is lambda let long match
    mod module mut namespace new nil None nonlocal not null nullptr or package pass private
    protected pub public raise return self short signed static str string struct super switch
    this throw throws trait True true try type typedef typename typeof undefined union unsafe
    unsigned use using var virtual void volatile while with yield
"""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """How much of a patch must be found, by how much it says: its number of distinct windows."""

    fewest: int
    """A patch of fewer says too little."""
    plenty: int
    """From here on the threshold of the settings is enough."""
    sure: float
    """The share that a patch of the fewest must reach; in between it falls evenly."""

    def least_shares(self, num_distinct: I64, base: float) -> F64:
        """The share for each number of windows; 2 for those that can reach none."""
        lacking = np.clip((self.plenty - num_distinct) / (self.plenty - self.fewest), 0, 1)
        shares = base + lacking * max(0.0, self.sure - base)
        return np.where(num_distinct < self.fewest, 2.0, shares)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file of a group: its windows, the first at its first token."""

    places: I64
    """Index of each window in the table, or one past its end where it does not count."""
    within_run: Flags
    """Whether the window spans no place where the patch has unchanged lines."""


def max_sharing(num_groups: int) -> int:
    """Groups that may share a window: a fix that several instances carry is still found."""
    return max(8, num_groups // 100)


class PatchView:
    """All groups as windows, by one way to see names."""

    def __init__(self, groups: Sequence[Sequence[PatchFile]], exact: bool) -> None:
        self._exact = exact
        self.size = EXACT if exact else RENAMED
        owners = [n for n, files in enumerate(groups) for _ in files]
        made = [self._of_file(file) for files in groups for file in files]
        hashes = [windows[is_new] for windows, is_new, _ in made]
        self.index = HashIndex(
            np.concatenate([np.zeros(0, np.uint64), *hashes]),
            np.repeat(np.array(owners, np.int64), list(map(len, hashes))),
            len(groups),
            max_sharing(len(groups)),
        )
        self.distinct = self.index.sizes()
        self.countable: Flags = np.arange(len(self.index.table) + 1) < len(self.index.table)
        """Flags as if every window of the table were found."""
        self.parts: list[list[Part]] = [[] for _ in groups]
        for owner, (windows, is_new, within_run) in zip(owners, made, strict=True):
            places = self.index.places(windows)
            places[(places < 0) | ~is_new] = len(self.index.table)
            self.parts[owner].append(Part(places=places, within_run=within_run))
        self.totals = [
            max(1, sum(cover(self.countable[part.places], self.size) for part in parts))
            for parts in self.parts
        ]
        """Tokens of each group in windows that count."""

    def find(self, added: Sequence[str], removed: Sequence[str]) -> I64:
        """Indices of windows that added texts have, unless removed texts have the same tokens."""
        windows, is_new, _ = self._new_windows(added, removed)
        return self.index.find(windows[is_new])

    def _new_windows(self, added: Sequence[str], removed: Sequence[str]) -> tuple[U64, Flags, I64]:
        """Windows of added texts, none across two; which are new; the line of each token."""
        tokens, is_name, lines, starts = lex(*join_texts(added), _keyword_hashes())
        exact, _ = exact_windows(tokens, starts, self.size)
        is_new = np.ones(len(exact), np.bool_)
        if any(removed):
            old, _, _, old_starts = lex(*join_texts(removed), _keyword_hashes())
            is_new = ~np.isin(exact, exact_windows(old, old_starts, self.size)[0])
        if self._exact:
            return exact, is_new, lines
        return renamed_windows(tokens, is_name, starts, self.size)[0], is_new, lines

    def _of_file(self, file: PatchFile) -> tuple[U64, Flags, Flags]:
        """Windows of a file's added lines; which are new; which lie within a run."""
        windows, is_new, lines = self._new_windows([file.added], [file.removed])
        ends = np.cumsum([run.added.count("\n") for run in file.runs])
        run_of = np.searchsorted(ends, lines, side="right")
        within_run = run_of[: len(windows)] == run_of[self.size - 1 :][: len(windows)]
        return windows, is_new, within_run


def join_texts(texts: Sequence[str]) -> tuple[U8, I64]:
    """All bytes, and the bounds of each text within them."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    bounds = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(part) for part in encoded], out=bounds[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), bounds


@cache
def _keyword_hashes() -> U64:
    """Sorted hashes of words that renaming leaves alone."""
    data, bounds = join_texts([" ".join(_KEYWORDS.split())])
    tokens, _, _, _ = lex(data, bounds, np.zeros(0, np.uint64))
    return np.sort(tokens)
