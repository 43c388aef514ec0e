"""Step 5, an option: functions that a better kept file holds as well. In: verdicts. Out: spans.

mark_witnesses       `is-witness.npy`: whom a row was dropped for stays as it was compared
function_records     (range of hashes, records)       40 bytes a function are shuffled
repeated_records     (shard, row, begin, end)         of those that are cut
write_cuts           `cuts-000003.npy` (n, 3): row, begin and end in bytes of its text
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from pipelines.dedup.rounds import open_verdicts
from pipelines.dedup.sketches import read_batches
from pipelines.dedup.work import (
    LOW_BITS,
    ROW_BITS,
    UNRANKED,
    Work,
    by_key,
    create_array,
    open_array,
    open_copies,
    open_ranks,
    ranks_at,
    save_array,
)
from transforms.dedup.arrays import U64
from transforms.dedup.functions import function_hashes, repeated
from transforms.dedup.pairs import DROPPED, FREE

_TABLE = "source_files"
_RANKS_PER_READ = 1 << 20


def mark_witnesses(work: Work) -> None:
    """Flags by rank, of a byte each."""
    verdicts = open_verdicts(work)
    size = len(verdicts.status)
    flags = create_array(work.path("is-witness.npy"), np.bool_, (size,))
    for begin in range(0, size, _RANKS_PER_READ):
        part = slice(begin, begin + _RANKS_PER_READ)
        flags[verdicts.witness[part][verdicts.status[part] == DROPPED]] = True
    for number in range(len(work.shards)):
        flags[ranks_at(open_copies(number, work)[1], work)] = True


def function_records(number: int, work: Work) -> Iterator[tuple[int, U64]]:
    """(range of hashes, (n, 5): hash, rank, location, begin, end) of a shard's kept files."""
    if work.shards[number].table != _TABLE or not work.rows(number).exists():
        return
    ranks = open_ranks(number, work)
    status = open_verdicts(work).status
    records: list[tuple[int, ...]] = []
    row = 0
    for batch in read_batches(work.shards[number], work):
        texts, languages = batch.column("text"), batch.column("language").to_pylist()
        for index, language in enumerate(languages):
            rank = int(ranks[row])
            if rank != UNRANKED and status[rank] == FREE:
                text = texts[index].as_py()
                for span in function_hashes(language, text, work.config.min_function_tokens):
                    records.append((span.hash, rank, number << 32 | row, span.start, span.end))
            row += 1
    if records:
        columns = np.array(records, np.uint64).T
        yield from by_key(columns[0] % np.uint64(work.key_parts), *columns)


def repeated_records(group: tuple[int, Iterable[U64]], work: Work) -> Iterator[tuple[int, U64]]:
    """(shard, (n, 3): row, begin, end) of functions that a better file holds as well."""
    records = np.concatenate(list(group[1]))
    ranks = records[:, 1].astype(np.uint32)
    is_cut = repeated(records[:, 0], ranks) & ~open_array(work.path("is-witness.npy"))[ranks]
    _, _, location, begin, end = records[is_cut].T
    yield from by_key(location >> ROW_BITS, location & LOW_BITS, begin, end)


def write_cuts(group: tuple[int, Iterable[U64]], work: Work) -> None:
    """The spans to cut of a shard, by row and place."""
    records = np.concatenate(list(group[1]))
    order = np.lexsort((records[:, 1], records[:, 0]))
    save_array(work.path(f"cuts-{group[0]:06}.npy"), records[order])


def read_cuts(number: int, work: Work) -> "np.ndarray[Any, Any]":
    """What `write_cuts` wrote of a shard: (n, 3)."""
    path = work.path(f"cuts-{number:06}.npy")
    return np.array(open_array(path)) if path.exists() else np.empty((0, 3), np.uint64)
