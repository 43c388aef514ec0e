"""Step 2: byte-equal copies are found, and the best of each is numbered by preference.

In: sketches. Out: `ranked.npy` (documents, 2): location and number of shingles by rank; for each
shard the copies in it.

    key_records     (digest range, records)           48 bytes a row are shuffled
    pick_best       (range of preference, the best of equal digests)      32 bytes a document
    write_group     documents of a range, best first; copies of a shard

Ranges of preference are cut at samples, so that no worker sorts more than its part.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow.compute as pc

from pipelines.dedup.sketches import AFTER
from pipelines.dedup.work import (
    LOW_BITS,
    ROW_BITS,
    Work,
    by_key,
    create_array,
    open_array,
    open_rows,
    save_array,
)
from transforms.dedup.arrays import U64

RANKED, COPIES = "ranked", "copies"
_SAMPLES_PER_SHARD = 64
_TABLE_SALT = 0x9E3779B97F4A7C15


def salt_of(table: str, work: Work) -> np.uint64:
    """Differs by table, so that rows of two tables never meet."""
    tables = sorted(work.config.tables)
    return np.uint64((tables.index(table) * _TABLE_SALT) & 0xFFFFFFFFFFFFFFFF)


def sample_splitters(work: Work) -> U64:
    """Preferences that cut the documents in about equal ranges: (key_parts - 1,)."""
    if work.key_parts == 1:
        return np.empty(0, np.uint64)
    samples = [np.empty(0, np.uint64)]
    for number in range(len(work.shards)):
        high = _preferences(number, work)[0]
        samples.append(np.sort(high)[:: max(1, len(high) // _SAMPLES_PER_SHARD)])
    ordered = np.sort(np.concatenate(samples))
    cuts = np.arange(1, work.key_parts) * len(ordered) // work.key_parts
    return ordered[cuts] if len(ordered) else np.empty(0, np.uint64)


def key_records(number: int, work: Work) -> Iterator[tuple[int, U64]]:
    """(range of digests, (n, 6): digest, preference, location, number of shingles)."""
    if not work.rows(number).exists():
        return
    rows = open_rows(work, number)
    digest = np.frombuffer(
        b"".join(chunk.buffers()[1].to_pybytes() for chunk in rows.column("digest").chunks),
        np.uint64,
    ).reshape(-1, 2)
    high, low = _preferences(number, work)
    location = np.uint64(number << 32) | np.arange(len(rows), dtype=np.uint64)
    size = rows.column("size").to_numpy().astype(np.uint64)
    first = digest[:, 0] ^ salt_of(work.shards[number].table, work)
    is_compared = pc.equal(rows.column("fork_of"), "").to_numpy()
    columns = (first, digest[:, 1], high, low, location, size)
    first, *others = (column[is_compared] for column in columns)
    yield from by_key(first % np.uint64(work.key_parts), first, *others)


def _preferences(number: int, work: Work) -> tuple[U64, U64]:
    if not work.rows(number).exists():
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    rows = open_rows(work, number).select(["hi", "lo"])
    high = rows.column("hi").to_numpy()
    return high if work.shards[number].is_before else high | AFTER, rows.column("lo").to_numpy()


def pick_best(
    group: tuple[int, Iterable[U64]], splitters: U64
) -> Iterator[tuple[tuple[str, int], U64]]:
    """Of each digest ((`RANKED`, range of preference), (n, 4)) and ((`COPIES`, shard), (n, 2))."""
    records = np.concatenate(list(group[1]))
    records = records[np.lexsort((records[:, 3], records[:, 2], records[:, 1], records[:, 0]))]
    is_best = np.ones(len(records), bool)
    is_best[1:] = (records[1:, :2] != records[:-1, :2]).any(axis=1)
    best = records[is_best]
    parts = np.searchsorted(splitters, best[:, 2], side="right").astype(np.uint64)
    for part, found in by_key(parts, best[:, 2], best[:, 3], best[:, 4], best[:, 5]):
        yield (RANKED, part), found
    copies = records[~is_best, 4]
    originals = best[np.cumsum(is_best) - 1, 4][~is_best]
    for shard, found in by_key(copies >> ROW_BITS, copies & LOW_BITS, originals):
        yield (COPIES, shard), found


def write_group(group: tuple[tuple[str, int], Iterable[U64]], work: Work) -> None:
    """Documents of a range of preferences, best first: (n, 2) location, number of shingles; or the
    copies in a shard: (n, 2) row and location of the best."""
    (kind, number), arrays = group
    records = np.concatenate(list(arrays))
    if kind == RANKED:
        records = records[np.lexsort((records[:, 1], records[:, 0])), 2:]
    else:
        records = records[np.argsort(records[:, 0])]
    save_array(work.path(f"{kind}-{number:06}.npy"), records)


def join_ranked(work: Work) -> tuple[int, int]:
    """Put the ranges one after the other; (number of documents, of those of earlier runs)."""
    paths = sorted(work.path("").glob("ranked-*.npy"))
    num_documents = sum(len(open_array(path)) for path in paths)
    shape = (max(num_documents, 1), 2)
    joined = create_array(work.path("ranked.npy"), np.uint64, shape)
    is_before = np.array([shard.is_before for shard in work.shards])
    begin = num_before = 0
    for path in paths:
        part = open_array(path)
        joined[begin : begin + len(part)] = part
        num_before += int(np.count_nonzero(is_before[(part[:, 0] >> ROW_BITS).astype(np.int64)]))
        begin += len(part)
    joined.flush()
    return num_documents, num_before


def count_shingles(work: Work) -> int:
    """Distinct shingles of each document, summed."""
    return int(open_array(work.path("ranked.npy"))[:, 1].sum())
