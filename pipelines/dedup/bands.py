"""Step 3: documents that share a band key. In: ranks and signatures. Out: a file of buckets a part.

    rows_by_shard    (shard, rows and ranks)      16 bytes a document are shuffled
    write_bands      a shard's keys and ranks, by part of the keys: 12 bytes a document and band
    write_buckets    a part of every shard's; only keys that two documents share stay

What `write_bands` found goes from worker to worker in files, as sort-based shuffles do it, and only
their numbers through Beam: the embedded runner would hold it all, several times over.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from pipelines.dedup.ranks import salt_of
from pipelines.dedup.work import (
    LOW_BITS,
    ROW_BITS,
    UNRANKED,
    Work,
    by_key,
    open_array,
    open_rows,
    save_array,
)
from transforms.dedup.arrays import U64, Flags
from transforms.dedup.minhash import band_keys
from transforms.dedup.pairs import Buckets, group_keys


def rows_by_shard(ranks: tuple[int, int], work: Work) -> Iterator[tuple[int, U64]]:
    """(shard, (n, 2) row and rank) of the documents whose ranks are from the first to the last."""
    begin, end = ranks
    location = np.array(open_array(work.path("ranked.npy"))[begin:end, 0])
    yield from by_key(
        location >> ROW_BITS, location & LOW_BITS, np.arange(begin, end, dtype=np.uint64)
    )


def write_bands(group: tuple[int, Iterable[U64]], work: Work) -> Iterator[tuple[int, int]]:
    """Write the ranks of a shard's rows, and its band keys; (part of the keys, shard) for each."""
    number, arrays = group
    records = np.concatenate(list(arrays))
    rows = open_rows(work, number)
    ranks = np.full(len(rows), UNRANKED, np.uint32)
    ranks[records[:, 0]] = records[:, 1]
    save_array(work.path(f"ranks-{number:06}.npy"), ranks)
    keys = _keys(rows, ranks != UNRANKED, work) ^ salt_of(work.shards[number].table, work)
    of_keys = np.repeat(ranks[ranks != UNRANKED], work.config.banding.bands)
    parts = keys >> np.uint64(64 - work.band_bits)
    order = np.argsort(parts, kind="stable")
    save_array(work.path(f"band-keys-{number:06}.npy"), keys[order])
    save_array(work.path(f"band-ranks-{number:06}.npy"), of_keys[order])
    bounds = np.searchsorted(parts[order], np.arange((1 << work.band_bits) + 1, dtype=np.uint64))
    save_array(work.path(f"band-bounds-{number:06}.npy"), bounds)
    for part in np.flatnonzero(np.diff(bounds)).tolist():
        yield part, number


def _keys(rows: pa.Table, is_ranked: Flags, work: Work) -> U64:
    """Band keys of the documents that have a rank, document after document."""
    banding = work.config.banding
    found = [np.empty(0, np.uint64)]
    begin = 0
    for batch in rows.select(["signature"]).to_batches():
        signatures = batch.column(0).flatten().to_numpy().reshape(-1, banding.num_perm)
        found.append(band_keys(signatures[is_ranked[begin : begin + len(batch)]], banding).ravel())
        begin += len(batch)
    return np.concatenate(found)


def write_buckets(group: tuple[int, Iterable[int]], work: Work) -> None:
    """The buckets of a part of the keys, from the shards that have keys of it."""
    part, shards = group
    keys, ranks = [], []
    for number in sorted(shards):
        begin, end = open_array(work.path(f"band-bounds-{number:06}.npy"))[part : part + 2]
        # Copied: a slice would keep its file open, two for each shard of the corpus.
        keys.append(np.array(open_array(work.path(f"band-keys-{number:06}.npy"))[begin:end]))
        ranks.append(np.array(open_array(work.path(f"band-ranks-{number:06}.npy"))[begin:end]))
    buckets = group_keys(np.concatenate(keys), np.concatenate(ranks))
    save_array(work.path(f"members-{part:06}.npy"), buckets.members)
    save_array(work.path(f"offsets-{part:06}.npy"), buckets.offsets)


def open_buckets(part: int, work: Work) -> Buckets | None:
    """The buckets of a part, memory-mapped; None where no document has a key of it."""
    if not work.path(f"offsets-{part:06}.npy").exists():
        return None
    return Buckets(
        members=open_array(work.path(f"members-{part:06}.npy")),
        offsets=open_array(work.path(f"offsets-{part:06}.npy")),
    )
