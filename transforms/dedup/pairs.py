"""Who shares a band key, and how alike two are. In: keys, shingles. Out: buckets, similarities.

    buckets = group_keys(keys, ranks)
    similarities = jaccard_of_pairs(left, right, starts, sizes, shingles, threshold=0.7)

A document is known by its rank in the order of preference, 0 the best.
"""

from dataclasses import dataclass

import numpy as np

from transforms.dedup.arrays import F64, I64, U32, U64
from transforms.dedup.compiled import compiled

FREE, DROPPED, WAITING = 0, 1, 2
"""Of a document: kept as far as one knows; dropped; not decided in the rounds so far."""


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """Documents by band key; bucket i is `members[offsets[i]:offsets[i + 1]]`, best rank first."""

    members: U32
    offsets: I64


def group_keys(keys: U64, ranks: U32) -> Buckets:
    """Documents that share a key with another; keys and ranks are parallel arrays."""
    order = np.lexsort((ranks, keys))
    keys, ranks = keys[order], ranks[order]
    is_start = np.ones(len(keys), bool)
    is_start[1:] = keys[1:] != keys[:-1]
    starts = np.flatnonzero(is_start)
    sizes = np.diff(starts, append=len(keys))
    is_shared = np.repeat(sizes > 1, sizes)
    offsets = np.concatenate(([0], np.cumsum(sizes[sizes > 1])))
    return Buckets(members=ranks[is_shared], offsets=offsets.astype(np.int64))


@compiled
def jaccard_of_pairs(
    left: I64, right: I64, starts: I64, sizes: I64, shingles: U64, threshold: float
) -> F64:
    """Exact Jaccard similarity of each pair, or -1 where it is under the threshold.

    `left` and `right` (pairs,) are positions in `starts` and `sizes` (documents,), which say where
    in `shingles` a document's sorted distinct hashes lie. Stops as soon as the threshold is out of
    reach: sets that share s of a + b hashes reach t only if s >= t / (1 + t) * (a + b).
    """
    similarities = np.full(len(left), -1.0)
    for pair in range(len(left)):
        i, j = starts[left[pair]], starts[right[pair]]
        i_end, j_end = i + sizes[left[pair]], j + sizes[right[pair]]
        total = i_end - i + j_end - j
        spare = total - 2 * (threshold / (1 + threshold) * total - 1e-6)
        missed = 0
        shared = 0
        while i < i_end and j < j_end and missed <= spare:
            a, b = shingles[i], shingles[j]
            i += a <= b
            j += b <= a
            shared += a == b
            missed += a != b
        similarity = shared / (total - shared)
        if similarity >= threshold:
            similarities[pair] = similarity
    return similarities
