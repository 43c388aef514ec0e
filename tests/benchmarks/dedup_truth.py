"""Which files are near duplicates, exactly. In: texts. Out: all pairs from Jaccard 0.5 on.

    truth = make_truth(texts)                      sets of word 5-grams, no hash, no sample
    greedy(truth, 0.7, most_tokens_first(truth))   ->  the sets that stay
    score(truth, is_kept, 0.7)                     ->  Score(removed=7347, supported=7347, left=0)

Shares no code with `transforms.dedup`: words are Python's `\\w+` of the lower-cased text, shingles
are numbered by sorting, and pairs come from prefix filtering (Bayardo, Ma and Srikant 2007,
"Scaling up all pairs similarity search"), which misses none. A text of fewer than five words is one
shingle of its own, shared by equal texts only. Texts of equal sets are one set.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

LEAST = 0.5
_SIZE = 5
_WORDS = re.compile(r"\w+")
Ints = NDArray[np.int64]


class Truth(NamedTuple):
    """What there is to find."""

    num_tokens: Ints
    """(documents,)"""
    set_of: Ints
    """(documents,): the number of each document's set."""
    ones: Ints
    """(pairs,): sets, the smaller of both numbers."""
    others: Ints
    jaccards: NDArray[np.float64]
    """(pairs,): from 0.5 up, under 1 since equal sets are one."""


class Score(NamedTuple):
    """How good a deduplication is."""

    removed: int
    supported: int
    """Removed documents that a kept one is similar to."""
    left: int
    """Kept documents that would still have to go."""
    unlike: int
    """Removed documents without any other at Jaccard 0.5 or more: plainly wrong."""


def make_truth(texts: Sequence[str]) -> Truth:
    """All pairs; 140 MB of text take a minute."""
    sets, num_tokens = _shingle_sets(texts)
    numbers: dict[bytes, int] = {}
    set_of = np.array([numbers.setdefault(s.tobytes(), len(numbers)) for s in sets], np.int64)
    _, first = np.unique(set_of, return_index=True)
    return Truth(num_tokens, set_of, *_all_pairs([sets[index] for index in first]))


def cached_truth(path: Path, texts: Sequence[str]) -> Truth:
    """From a file if it is there, so that many measurements need it once."""
    if not path.exists():
        np.savez(path, **make_truth(texts)._asdict())
    with np.load(path) as saved:
        truth = Truth(**saved)
    if len(truth.set_of) != len(texts):
        raise SystemExit(f"{path} is of another corpus; delete it and run this again")
    return truth


def _shingle_sets(texts: Sequence[str]) -> tuple[list[Ints], Ints]:
    """Sorted distinct shingle numbers of each text, and its number of tokens."""
    vocabulary: dict[str, int] = {}
    counts = []

    def tokens() -> Iterator[int]:
        for text in texts:
            words = _WORDS.findall(text.lower())
            counts.append(len(words))
            for word in words:
                yield vocabulary.setdefault(word, len(vocabulary))

    stream = np.fromiter(tokens(), np.int64)
    runs = stream
    for shift in range(1, _SIZE):
        # A run is numbered by its first part's number and its last word: exact, without hashing.
        pairs = runs[: len(stream) - shift] * len(vocabulary) + stream[shift:]
        runs = np.unique(pairs, return_inverse=True)[1]
    ends = np.cumsum([0, *counts])
    short: dict[str, int] = {}
    sets = []
    for text, (start, end) in zip(texts, pairwise(ends.tolist()), strict=True):
        if end - start >= _SIZE:
            sets.append(np.unique(runs[start : end - _SIZE + 1]))
        else:
            sets.append(np.array([len(stream) + short.setdefault(text, len(short))]))
    return sets, np.array(counts, np.int64)


def _all_pairs(sets: Sequence[Ints]) -> tuple[Ints, Ints, NDArray[np.float64]]:
    order = np.argsort([len(s) for s in sets], kind="stable")
    bounds = np.cumsum([0, *(len(sets[index]) for index in order)])
    _, number, times = np.unique(
        np.concatenate([sets[index] for index in order]), return_inverse=True, return_counts=True
    )
    # The rarest shingles first: few sets share them, so few pairs must be looked at.
    rarity = np.empty(len(times), np.int64)
    rarity[np.argsort(times, kind="stable")] = np.arange(len(times))
    flat = rarity[number]
    for start, end in pairwise(bounds.tolist()):
        flat[start:end].sort()
    heads = [n - ceil(LEAST * n) + 1 for n in np.diff(bounds).tolist()]
    starts, postings = _invert(flat, bounds, np.array(heads), len(times))
    ones, others, jaccards = _match(flat, bounds, np.array(heads), starts, postings)
    ones, others = order[ones], order[others]
    return np.minimum(ones, others), np.maximum(ones, others), jaccards


@njit
def _invert(flat: Any, bounds: Any, heads: Any, num_shingles: int) -> tuple[Any, Any]:
    """For each shingle, the sets that have it among their rarest half."""
    starts = np.zeros(num_shingles + 1, np.int64)
    for one in range(len(heads)):
        for at in range(bounds[one], bounds[one] + heads[one]):
            starts[flat[at] + 1] += 1
    starts = np.cumsum(starts)
    postings = np.empty(starts[-1], np.int64)
    filled = starts[:-1].copy()
    for one in range(len(heads)):
        for at in range(bounds[one], bounds[one] + heads[one]):
            postings[filled[flat[at]]] = one
            filled[flat[at]] += 1
    return starts, postings


@njit
def _match(flat: Any, bounds: Any, heads: Any, starts: Any, postings: Any) -> tuple[Any, ...]:
    """Two sets at 0.5 or more share a shingle of their rarest halves: compare all such pairs."""
    ones, others, jaccards = [np.int64(0)], [np.int64(0)], [0.0]
    seen = np.full(len(heads), -1, np.int64)
    for one in range(len(heads)):
        start, end = bounds[one], bounds[one + 1]
        for at in range(start, start + heads[one]):
            for other in postings[starts[flat[at]] : starts[flat[at] + 1]]:
                if other >= one:
                    break
                size = bounds[other + 1] - bounds[other]
                if seen[other] == one or size < LEAST * (end - start):
                    continue
                seen[other] = one
                shared, here, there = 0, start, bounds[other]
                while here < end and there < bounds[other + 1]:
                    left, right = flat[here], flat[there]
                    shared += left == right
                    here += left <= right
                    there += right <= left
                jaccard = shared / (end - start + size - shared)
                if jaccard >= LEAST:
                    ones.append(np.int64(one))
                    others.append(other)
                    jaccards.append(jaccard)
    return np.array(ones[1:]), np.array(others[1:]), np.array(jaccards[1:])


def neighbours(truth: Truth, threshold: float) -> list[list[int]]:
    """For each set, the others that are as similar as the threshold or more."""
    found: list[list[int]] = [[] for _ in range(int(truth.set_of.max()) + 1)]
    near = truth.jaccards >= threshold
    for one, other in zip(truth.ones[near].tolist(), truth.others[near].tolist(), strict=True):
        found[one].append(other)
        found[other].append(one)
    return found


def most_tokens_first(truth: Truth) -> list[int]:
    """Sets in the order in which they are worth keeping."""
    first: dict[int, tuple[int, int]] = {}
    for index, (number, tokens) in enumerate(
        zip(truth.set_of.tolist(), truth.num_tokens.tolist(), strict=True)
    ):
        first[number] = min(first.get(number, (1, 0)), (-tokens, index))
    return sorted(first, key=first.__getitem__)


def greedy(near: Sequence[Sequence[int]], order: Iterable[int]) -> set[int]:
    """Sets that stay when each is kept unless it is near one that is kept."""
    kept: set[int] = set()
    for number in order:
        if not kept.intersection(near[number]):
            kept.add(number)
    return kept


def score(truth: Truth, is_kept: Sequence[bool], threshold: float) -> Score:
    """What kept documents came to, `is_kept` being in the order of the texts."""
    near, any_near = neighbours(truth, threshold), neighbours(truth, LEAST)
    set_of = truth.set_of.tolist()
    copies = np.bincount(truth.set_of)
    kept_sets = {number for number, kept in zip(set_of, is_kept, strict=True) if kept}
    removed = [number for number, kept in zip(set_of, is_kept, strict=True) if not kept]
    supported = sum(n in kept_sets or not kept_sets.isdisjoint(near[n]) for n in removed)
    stay = greedy(near, [number for number in most_tokens_first(truth) if number in kept_sets])
    unlike = sum(int(copies[number]) == 1 and not any_near[number] for number in removed)
    return Score(len(removed), supported, len(set_of) - len(removed) - len(stay), unlike)
