"""Step 3: documents that share a band key. In: ranks and signatures. Out: a file of buckets a part.

rows_by_shard    (shard, rows and ranks)      8 bytes a document are shuffled
band_records     (part of the keys, keys and ranks)      12 bytes a document and band
write_buckets    only keys that two documents share stay
"""

from collections.abc import Iterable, Iterator

import numpy as np

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
from transforms.dedup.arrays import U32, U64
from transforms.dedup.banding import Banding
from transforms.dedup.minhash import band_keys
from transforms.dedup.pairs import Buckets, group_keys


def rows_by_shard(ranks: tuple[int, int], work: Work) -> Iterator[tuple[int, U64]]:
    """(shard, (n, 2) row and rank) of the documents whose ranks are from the first to the last."""
    begin, end = ranks
    location = np.array(open_array(work.path("ranked.npy"))[begin:end, 0])
    yield from by_key(
        location >> ROW_BITS, location & LOW_BITS, np.arange(begin, end, dtype=np.uint64)
    )


def band_records(
    group: tuple[int, Iterable[U64]], work: Work
) -> Iterator[tuple[int, tuple[U64, U32]]]:
    """(part of the keys, (keys, ranks)); writes the rank of each row of the shard by the way."""
    number, arrays = group
    records = np.concatenate(list(arrays))
    rows = open_rows(work, number)
    ranks = np.full(len(rows), UNRANKED, np.uint32)
    ranks[records[:, 0]] = records[:, 1]
    save_array(work.path(f"ranks-{number:06}.npy"), ranks)
    banding = work.config.banding
    salt = salt_of(work.shards[number].table, work)
    begin = 0
    for batch in rows.select(["signature"]).to_batches():
        of_batch = ranks[begin : begin + len(batch)]
        begin += len(batch)
        signatures = batch.column(0).flatten().to_numpy().reshape(-1, banding.num_perm)
        is_ranked = of_batch != UNRANKED
        yield from _split(signatures[is_ranked], of_batch[is_ranked], banding, salt, work.band_bits)


def _split(
    signatures: U32, ranks: U32, banding: Banding, salt: np.uint64, bits: int
) -> Iterator[tuple[int, tuple[U64, U32]]]:
    keys = (band_keys(signatures, banding) ^ salt).ravel()
    parts = keys >> np.uint64(64 - bits)
    order = np.argsort(parts, kind="stable")
    keys, of_keys = keys[order], np.repeat(ranks, banding.bands)[order]
    ends = np.searchsorted(parts[order], np.arange(1, (1 << bits) + 1, dtype=np.uint64))
    begin = 0
    for part, end in enumerate(ends.tolist()):
        if end > begin:
            yield part, (keys[begin:end], of_keys[begin:end])
        begin = end


def write_buckets(group: tuple[int, Iterable[tuple[U64, U32]]], work: Work) -> None:
    """The buckets of a part of the keys."""
    arrays = list(group[1])
    buckets = group_keys(
        np.concatenate([keys for keys, _ in arrays]), np.concatenate([ranks for _, ranks in arrays])
    )
    save_array(work.path(f"members-{group[0]:06}.npy"), buckets.members)
    save_array(work.path(f"offsets-{group[0]:06}.npy"), buckets.offsets)


def open_buckets(part: int, work: Work) -> Buckets | None:
    """The buckets of a part, memory-mapped; None where no document has a key of it."""
    if not work.path(f"offsets-{part:06}.npy").exists():
        return None
    return Buckets(
        members=open_array(work.path(f"members-{part:06}.npy")),
        offsets=open_array(work.path(f"offsets-{part:06}.npy")),
    )
