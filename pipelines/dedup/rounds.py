"""Step 4, until nobody waits: propose, check exactly, decide. In: buckets. Out: verdicts.

    propose_part     a part of the buckets: 8 bytes a proposed pair, to a file
    check_range      a range of ranks; reads the shingles of its pairs, some megabytes at a time
    decide_ranges    one pass over the similar pairs, best rank first

Only numbers of files go through Beam. Only the last step is serial: some nanoseconds a pair, and 9
bytes a document in memory-mapped files.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from pipelines.dedup.bands import open_buckets
from pipelines.dedup.work import (
    LOW_BITS,
    ROW_BITS,
    Work,
    create_array,
    open_array,
    open_rows,
    save_array,
)
from transforms.dedup.arrays import F64, I64, U32, U64
from transforms.dedup.pairs import WAITING, jaccard_of_pairs
from transforms.dedup.proposals import propose
from transforms.dedup.survivors import Verdicts, decide


@dataclass(frozen=True, kw_only=True)
class Round:
    """One pass over all buckets."""

    number: int
    num_documents: int
    num_before: int
    """The first ranks, of documents that earlier runs kept."""


def new_verdict_files(num_documents: int, work: Work) -> None:
    """Nobody is dropped yet; 9 bytes a document."""
    for name, kind in (("status", np.uint8), ("witness", np.uint32), ("similarity", np.float32)):
        create_array(work.path(f"{name}.npy"), kind, (max(num_documents, 1),))


def open_verdicts(work: Work, mode: Literal["r", "r+"] = "r") -> Verdicts:
    """The verdict files, memory-mapped."""
    status, witness, similarity = (
        np.load(work.path(f"{name}.npy"), mmap_mode=mode)
        for name in ("status", "witness", "similarity")
    )
    return Verdicts(status=status, witness=witness, similarity=similarity)


def propose_part(part: int, now: Round, work: Work) -> Iterator[tuple[int, int]]:
    """Write what the buckets of a part propose; (range of the worse rank, part) for each range."""
    buckets = open_buckets(part, work)
    if buckets is None:
        return
    found = propose(
        buckets,
        open_array(work.path("ranked.npy"))[buckets.members, 1].astype(np.int64),
        open_verdicts(work).status,
        threshold=work.config.threshold,
        max_candidates=work.config.max_candidates,
        num_before=now.num_before,
        is_first=now.number == 1,
    )
    pairs = np.unique(found.pairs)
    ranks, heads = found.crowded.astype(np.uint64).T
    crowded = np.sort(ranks << np.uint64(32) | heads)
    save_array(_path("heads", now, part, work), found.heads)
    save_array(_path("proposed", now, part, work), pairs)
    save_array(_path("proposed-crowded", now, part, work), crowded)
    worse = np.concatenate((pairs, crowded)) >> np.uint64(32)
    for index in np.unique(worse // np.uint64(work.documents_per_range)).tolist():
        yield index, part


def check_range(group: tuple[int, Iterable[int]], now: Round, work: Work) -> None:
    """Write what was found of a range of ranks: similar pairs, crowded ranks, a count."""
    index, parts = group[0], sorted(group[1])
    pairs = np.unique(
        np.concatenate([_of_range(index, _path("proposed", now, p, work), work) for p in parts])
    )
    similar, similarities = check_pairs(pairs, work)
    columns = []
    for part in parts:
        found = _of_range(index, _path("proposed-crowded", now, part, work), work)
        columns.append((found >> np.uint64(32), found & LOW_BITS, np.full_like(found, part)))
    crowded = np.concatenate([np.stack(column, axis=1) for column in columns])
    crowded = crowded[np.lexsort((crowded[:, 1], crowded[:, 2], crowded[:, 0]))]
    save_array(_path("pairs", now, index, work), similar)
    save_array(_path("similarities", now, index, work), similarities)
    save_array(_path("crowded", now, index, work), crowded)
    save_array(_path("count", now, index, work), np.array([len(pairs)]))


def _of_range(index: int, path: Path, work: Work) -> U64:
    """What a sorted file holds for the ranks, in the upper half, of a range."""
    bounds = np.array([index, index + 1], np.uint64) * np.uint64(work.documents_per_range)
    packed = open_array(path)
    begin, end = np.searchsorted(packed, bounds << np.uint64(32))
    return np.array(packed[begin:end])


def _path(kind: str, now: Round, number: int, work: Work) -> Path:
    return work.path(f"{kind}-{now.number:04}-{number:06}.npy")


def check_pairs(pairs: U64, work: Work) -> tuple[U64, F64]:
    """The pairs, of packed distinct sorted ones, that reach the threshold, and their similarity."""
    ranked = open_array(work.path("ranked.npy"))
    left, right = pairs >> np.uint64(32), pairs & LOW_BITS
    ranks, positions = np.unique(np.concatenate((left, right)), return_inverse=True)
    location, size = np.array(ranked[ranks]).reshape(-1, 2).T.copy()
    sizes = size.astype(np.int64)
    left_at, right_at = positions[: len(pairs)], positions[len(pairs) :]
    found = [np.empty(0)]
    for begin, end in _chunks(sizes, left_at, right_at, work.limits.shingles_per_chunk):
        of_left, of_right = left_at[begin:end], right_at[begin:end]
        needed = np.unique(np.concatenate((of_left, of_right)))
        shingles = read_shingles(location[needed], sizes[needed], work)
        starts = np.concatenate(([0], np.cumsum(sizes[needed])))
        found.append(
            jaccard_of_pairs(
                np.searchsorted(needed, of_left),
                np.searchsorted(needed, of_right),
                starts[:-1],
                sizes[needed],
                shingles,
                work.config.threshold,
            )
        )
    similarities = np.concatenate(found)
    is_similar = similarities >= 0
    return pairs[is_similar], similarities[is_similar]


def _chunks(sizes: I64, left: I64, right: I64, most: int) -> Iterator[tuple[int, int]]:
    """Runs of pairs whose documents have about so many shingles in all."""
    is_new_left = np.ones(len(left), bool)
    is_new_left[1:] = left[1:] != left[:-1]
    # A right document may be counted more than once: the chunk is smaller than it might be.
    held = np.cumsum(sizes[right] + np.where(is_new_left, sizes[left], 0))
    cuts = np.searchsorted(held, np.arange(0, held[-1] if len(held) else 0, most))
    yield from pairwise(np.unique(np.append(cuts, len(left))).tolist())


def read_shingles(location: U64, sizes: I64, work: Work) -> U64:
    """The shingles of documents, one after the other."""
    starts = np.concatenate(([0], np.cumsum(sizes)))
    values = np.empty(starts[-1], np.uint64)
    shards = location >> ROW_BITS
    for shard in np.unique(shards).tolist():
        stored = np.memmap(work.shingles(shard), np.uint64, "r")
        wanted = np.flatnonzero(shards == shard)
        begins = open_rows(work, shard).column("begin").to_numpy()[location[wanted] & LOW_BITS]
        for at, begin in zip(wanted.tolist(), begins.tolist(), strict=True):
            values[starts[at] : starts[at + 1]] = stored[begin : begin + sizes[at]]
    return values


def decide_ranges(now: Round, work: Work) -> Counter[str]:
    """Decide every document that was undecided, in order of rank; gives counts of the round."""
    verdicts = open_verdicts(work, "r+")
    heads, first_of_part = _join_heads(now, work)
    head_states = np.zeros(len(heads), np.uint8)
    counts = Counter[str]()
    width = work.documents_per_range
    for index, begin in enumerate(range(0, now.num_documents, width)):
        ranks = range(begin, min(begin + width, now.num_documents))
        similar, similarities, crowded, num_pairs = _read_range(now, index, work)
        numbers = first_of_part[crowded[:, 2].astype(np.int64)] + crowded[:, 1].astype(np.int64)
        named = np.stack((crowded[:, 0], numbers), axis=1).astype(np.uint32)
        counts["passed_over"] += decide(
            ranks, similar, similarities, named, heads, head_states, verdicts
        )
        counts["candidate_pairs"] += num_pairs
        counts["similar_pairs"] += len(similar)
    counts["waiting"] = int(np.count_nonzero(verdicts.status == WAITING))
    return counts


def _join_heads(now: Round, work: Work) -> tuple[U32, I64]:
    """The heads of all parts, in a memory-mapped file, and where those of each part begin."""
    paths = [_path("heads", now, part, work) for part in range(1 << work.band_bits)]
    sizes = [len(open_array(path)) if path.exists() else 0 for path in paths]
    starts = np.cumsum([0, *sizes])
    shape = (max(int(starts[-1]), 1), work.config.max_candidates)
    joined = create_array(work.path("heads.npy"), np.uint32, shape)
    for path, start, size in zip(paths, starts.tolist(), sizes, strict=False):
        if size:
            joined[start : start + size] = open_array(path)
    return joined, starts[:-1]


def _read_range(now: Round, index: int, work: Work) -> tuple[U64, F64, U64, int]:
    """What `check_range` wrote; nothing where no document of the range shares a bucket."""
    if not _path("count", now, index, work).exists():
        return np.empty(0, np.uint64), np.empty(0), np.empty((0, 3), np.uint64), 0
    similar, similarities, crowded, count = (
        np.array(open_array(_path(kind, now, index, work)))
        for kind in ("pairs", "similarities", "crowded", "count")
    )
    return similar, similarities, crowded, int(count[0])
