"""Which documents are compared. In: buckets of a part of the band keys. Out: pairs of ranks.

    found = propose(buckets, sizes, status, threshold=0.7, max_candidates=64, num_before=0,
                    is_first=True)
    found.pairs      ->  packed pairs: the worse rank in the upper half of 64 bits

A document is compared with better ones only, and only where the sizes of the two sets allow the
threshold (the smaller set is the largest overlap). A bucket may hold thousands, under a licence
header or in generated code: so it is divided into classes of size, of which only one's own and the
two beside it can be similar enough, and of each class the best `max_candidates`, its head, are
compared.
"""

from dataclasses import dataclass
from math import log

import numpy as np

from transforms.dedup.arrays import I64, U8, U32, U64
from transforms.dedup.compiled import compiled
from transforms.dedup.pairs import DROPPED, WAITING, Buckets

_NUM_CLASSES = 128
_LEAST_BASE = 1.2
"""Sets of up to 2^32 shingles fall into 122 classes."""


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """What the buckets of a part say in one round."""

    pairs: U64
    """Packed pairs, not yet distinct."""
    crowded: U32
    """(n, 2): a rank with more better ones in a class than are compared, and the class's head."""
    heads: U32
    """(m, max_candidates): the best ranks of such a class, which all others are compared with."""


def propose(
    buckets: Buckets,
    sizes: I64,
    status: U8,
    *,
    threshold: float,
    max_candidates: int,
    num_before: int,
    is_first: bool,
) -> Proposals:
    """Each undecided document with the best of its bucket that may be similar and are not dropped.

    `sizes` (members,) are numbers of shingles, parallel to `buckets.members`; `status` is by rank.
    In the first round all documents from `num_before` on are undecided, later those that wait.
    Documents of lower rank were kept by earlier runs, and are not compared with each other.
    """
    nothing = Proposals(
        pairs=np.empty(0, np.uint64),
        crowded=np.empty((0, 2), np.uint32),
        heads=np.empty((0, max_candidates), np.uint32),
    )
    known = (buckets.members, buckets.offsets, sizes, _classes(sizes, threshold), status)
    limits = (threshold, max_candidates, num_before, is_first)
    counts = _walk(*known, *limits, False, nothing.pairs, nothing.crowded, nothing.heads)
    num_pairs, num_crowded, num_heads = counts
    found = Proposals(
        pairs=np.empty(num_pairs, np.uint64),
        crowded=np.empty((num_crowded, 2), np.uint32),
        heads=np.empty((num_heads, max_candidates), np.uint32),
    )
    _walk(*known, *limits, True, found.pairs, found.crowded, found.heads)
    return found


def _classes(sizes: I64, threshold: float) -> U8:
    """Classes of size: two sets that may be similar are of the same or of neighbouring ones."""
    # A little wider than needed, so that rounding never parts two by more than one class.
    base = max(1 / threshold, _LEAST_BASE) * (1 + 1e-9)
    classes: U8 = np.floor(np.log(sizes) / log(base)).astype(np.uint8)
    return classes


@compiled
def _walk(
    members: U32,
    offsets: I64,
    sizes: I64,
    classes: U8,
    status: U8,
    threshold: float,
    max_candidates: int,
    num_before: int,
    is_first: bool,
    writes: bool,
    pairs: U64,
    crowded: U32,
    heads: U32,
) -> tuple[int, int, int]:
    """Numbers of pairs, of crowded entries and of heads; writes them where it is told to."""
    head = np.empty((_NUM_CLASSES, max_candidates), np.uint32)
    head_sizes = np.empty((_NUM_CLASSES, max_candidates), np.int64)
    num_live = np.zeros(_NUM_CLASSES, np.int64)
    head_number = np.empty(_NUM_CLASSES, np.int64)
    num_pairs = num_crowded = num_heads = 0
    for bucket in range(len(offsets) - 1):
        for position in range(offsets[bucket], offsets[bucket + 1]):
            head_number[classes[position]] = -1
        for position in range(offsets[bucket], offsets[bucket + 1]):
            rank, size, own = members[position], sizes[position], int(classes[position])
            if status[rank] == DROPPED:
                continue
            if status[rank] == WAITING or (is_first and rank >= num_before):
                for near in range(max(own - 1, 0), min(own + 2, _NUM_CLASSES)):
                    for other in range(min(int(num_live[near]), max_candidates)):
                        less, more = head_sizes[near, other], size
                        if less > more:
                            less, more = more, less
                        # Divided as similarities are: 0.55 * 100 is more than 55.
                        if less / more >= threshold:
                            if writes:
                                upper = np.uint64(rank) << np.uint64(32)
                                pairs[num_pairs] = upper | np.uint64(head[near, other])
                            num_pairs += 1
                    if num_live[near] > max_candidates:
                        if head_number[near] < 0:
                            head_number[near] = num_heads
                            if writes:
                                heads[num_heads] = head[near]
                            num_heads += 1
                        if writes:
                            crowded[num_crowded, 0] = rank
                            crowded[num_crowded, 1] = head_number[near]
                        num_crowded += 1
            if num_live[own] < max_candidates:
                head[own, num_live[own]] = rank
                head_sizes[own, num_live[own]] = size
            num_live[own] += 1
        for position in range(offsets[bucket], offsets[bucket + 1]):
            num_live[classes[position]] = 0
    return num_pairs, num_crowded, num_heads
