"""Who stays. In: similar pairs, sorted by the worse rank. Out: each document's status and witness.

    verdicts = new_verdicts(num_documents)
    decide(ranks, pairs, similarities, crowded, heads, head_states, verdicts)
    verdicts.status, verdicts.witness, verdicts.similarity

Documents are visited from best to worst; one is dropped exactly when a better one that is kept is
similar to it, and the most similar of these is its witness. Unlike connected components this never
drops a document for a chain of ever less similar ones. Whether a document is kept depends on better
ones alone, so one pass in order decides all whose pairs are known; it needs 9 bytes a document.
Of a crowded bucket only the head is compared. When all of the head are kept, the others of the
bucket pass; when one of it is dropped, who nothing else drops waits for the next round, in which
another is compared in its place, and so does a document that is similar to one that waits.
"""

from dataclasses import dataclass

import numpy as np

from transforms.dedup.arrays import F32, F64, U8, U32, U64
from transforms.dedup.compiled import compiled
from transforms.dedup.pairs import DROPPED, FREE, WAITING


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """By rank; may be memory-mapped files."""

    status: U8
    """`FREE`, `DROPPED` or `WAITING`."""
    witness: U32
    """Where dropped: the rank of the kept document that is most similar."""
    similarity: F32
    """Where dropped: exact Jaccard similarity to the witness."""


def new_verdicts(num_documents: int) -> Verdicts:
    """Nobody is dropped yet."""
    return Verdicts(
        status=np.zeros(num_documents, np.uint8),
        witness=np.zeros(num_documents, np.uint32),
        similarity=np.zeros(num_documents, np.float32),
    )


def decide(
    ranks: range,
    pairs: U64,
    similarities: F64,
    crowded: U32,
    heads: U32,
    head_states: U8,
    verdicts: Verdicts,
) -> int:
    """Decide the documents of a range of ranks, in order; those of better ranks must have been.

    `pairs` are packed, sorted and distinct, all similar. `crowded` (n, 2) is sorted and distinct:
    ranks, and a row of `heads` (m, max_candidates) each; `head_states` (m,) begins as zeros and is
    shared by all ranges. Changes `verdicts`; gives the number of documents that are kept without
    having been compared with all of a crowded bucket.
    """
    part = verdicts.status[ranks.start : ranks.stop]
    # Who waited is kept unless what was found this time says otherwise.
    part[part == WAITING] = FREE
    return _sweep(
        pairs,
        similarities,
        crowded,
        heads,
        head_states,
        verdicts.status,
        verdicts.witness,
        verdicts.similarity,
    )


@compiled
def _sweep(
    pairs: U64,
    similarities: F64,
    crowded: U32,
    heads: U32,
    head_states: U8,
    status: U8,
    witness: U32,
    similarity: F32,
) -> int:
    at_pair = at_crowded = num_passed_over = 0
    while at_pair < len(pairs) or at_crowded < len(crowded):
        rank = np.int64(0xFFFFFFFF)
        if at_pair < len(pairs):
            rank = np.int64(pairs[at_pair] >> np.uint64(32))
        if at_crowded < len(crowded):
            rank = min(rank, np.int64(crowded[at_crowded, 0]))
        is_waiting = is_crowded = False
        best = -1.0
        while at_pair < len(pairs) and np.int64(pairs[at_pair] >> np.uint64(32)) == rank:
            other = np.int64(pairs[at_pair] & np.uint64(0xFFFFFFFF))
            if status[other] == WAITING:
                is_waiting = True
            # Of equally similar ones the best rank, which comes first.
            elif status[other] == FREE and similarities[at_pair] > best:
                best = similarities[at_pair]
                witness[rank] = other
                similarity[rank] = best
            at_pair += 1
        while at_crowded < len(crowded) and np.int64(crowded[at_crowded, 0]) == rank:
            is_crowded = True
            head = crowded[at_crowded, 1]
            if head_states[head] == _UNKNOWN:
                head_states[head] = _state_of(heads[head], status)
            if head_states[head] == _UNSETTLED:
                is_waiting = True
            at_crowded += 1
        status[rank] = DROPPED if best >= 0 else WAITING if is_waiting else FREE
        num_passed_over += is_crowded and status[rank] == FREE
    return num_passed_over


_UNKNOWN, _SETTLED, _UNSETTLED = 0, 1, 2


@compiled
def _state_of(head: U32, status: U8) -> int:
    """Settled if all are kept. Where one is dropped, the next round compares with another."""
    for rank in head:
        if status[rank] != FREE:
            return _UNSETTLED
    return _SETTLED
