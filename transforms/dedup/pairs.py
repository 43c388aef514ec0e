"""Which documents are compared, and how alike they are. In: band keys. Out: similar pairs.

    buckets = group_keys(keys, ranks)                          documents that share a band key
    proposals = propose(buckets, status, num_before=0, max_candidates=64, is_first=True)
    similarities = jaccard_of_pairs(left, right, starts, sizes, shingles, threshold=0.7)

A document is known by its rank in the order of preference, 0 the best; it is compared with better
ones only. A pair of ranks is packed in 64 bits, the worse rank in the upper half.
"""

from dataclasses import dataclass

import numpy as np

from transforms.dedup.arrays import F64, I64, U8, U32, U64, Flags
from transforms.dedup.compiled import compiled

FREE, DROPPED, WAITING = 0, 1, 2
"""Of a document: kept as far as one knows; dropped; not decided in the rounds so far."""


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """Documents by band key; bucket i is `members[offsets[i]:offsets[i + 1]]`, best rank first."""

    members: U32
    offsets: I64


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """What the buckets of a part say in one round."""

    pairs: U64
    """Packed pairs, not yet distinct."""
    crowded: U32
    """(n, 2): a rank with more better rows in a bucket than are compared, and the bucket's head."""
    heads: U32
    """(m, max_candidates): the best ranks of such a bucket, which all others are compared with."""


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


def propose(
    buckets: Buckets, status: U8, *, num_before: int, max_candidates: int, is_first: bool
) -> Proposals:
    """Each undecided document with the `max_candidates` best of its bucket that are not dropped.

    In the first round all documents from `num_before` on are undecided, later those that wait.
    Documents of lower rank were kept by earlier runs, and are not compared with each other.
    """
    arguments = (buckets.members, buckets.offsets, status, num_before, max_candidates, is_first)
    num_pairs, num_crowded, num_heads = _count_proposals(*arguments)
    found = Proposals(
        pairs=np.empty(num_pairs, np.uint64),
        crowded=np.empty((num_crowded, 2), np.uint32),
        heads=np.empty((num_heads, max_candidates), np.uint32),
    )
    _fill_proposals(*arguments, found.pairs, found.crowded, found.heads)
    return found


@compiled
def _count_proposals(
    members: U32, offsets: I64, status: U8, num_before: int, max_candidates: int, is_first: bool
) -> tuple[int, int, int]:
    """Numbers of pairs, crowded entries and heads, as `_fill_proposals` writes them."""
    num_pairs = num_crowded = num_heads = 0
    for bucket in range(len(offsets) - 1):
        num_live = 0
        has_head = False
        for position in range(offsets[bucket], offsets[bucket + 1]):
            rank = members[position]
            if status[rank] == DROPPED:
                continue
            if status[rank] == WAITING or (is_first and rank >= num_before):
                num_pairs += min(num_live, max_candidates)
                if num_live > max_candidates:
                    num_crowded += 1
                    has_head = True
            num_live += 1
        num_heads += has_head
    return num_pairs, num_crowded, num_heads


@compiled
def _fill_proposals(
    members: U32,
    offsets: I64,
    status: U8,
    num_before: int,
    max_candidates: int,
    is_first: bool,
    pairs: U64,
    crowded: U32,
    heads: U32,
) -> None:
    head = np.empty(max_candidates, np.uint32)
    num_pairs = num_crowded = num_heads = 0
    for bucket in range(len(offsets) - 1):
        num_live = 0
        has_head = False
        for position in range(offsets[bucket], offsets[bucket + 1]):
            rank = members[position]
            if status[rank] == DROPPED:
                continue
            if status[rank] == WAITING or (is_first and rank >= num_before):
                upper = np.uint64(rank) << np.uint64(32)
                for other in range(min(num_live, max_candidates)):
                    pairs[num_pairs] = upper | np.uint64(head[other])
                    num_pairs += 1
                if num_live > max_candidates:
                    has_head = True
                    crowded[num_crowded, 0] = rank
                    crowded[num_crowded, 1] = num_heads
                    num_crowded += 1
            if num_live < max_candidates:
                head[num_live] = rank
            num_live += 1
        if has_head:
            heads[num_heads] = head
            num_heads += 1


def may_be_similar(one: I64, other: I64, threshold: float) -> Flags:
    """Whether sets of these sizes can reach the threshold: the smaller is the largest overlap."""
    result: Flags = np.minimum(one, other) >= threshold * np.maximum(one, other)
    return result


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
