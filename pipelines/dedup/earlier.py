"""What earlier runs kept, as `dedup.against` names them. In: their indexes. Out: more shards.

    earlier_shards(work, [Path("runs/monday/dedup.index")])    ->  (SketchedShard(...), ...)
    write_new_keys, join_new_keys                              band keys of the new documents
    take_matching(number, work)                                a sketch of what shares one of them

Only documents that share a band key with a new one are taken into this run: the rest of an index
costs reading its signatures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.dedup.index import (
    ROWS_PER_GROUP,
    check_scheme,
    open_index_file,
    read_index,
    write_rows,
)
from pipelines.dedup.ranks import salt_of
from pipelines.dedup.work import SketchedShard, Work, open_array, open_rows, save_array
from transforms.dedup.arrays import U64
from transforms.dedup.minhash import band_keys


def earlier_shards(work: Work, folders: Sequence[Path]) -> tuple[SketchedShard, ...]:
    """The shards of earlier runs.

    Raises ConfigError where their scheme is another, InputError where an index is damaged.
    """
    shards: list[SketchedShard] = []
    for folder in folders:
        check_scheme(folder, work.config, work.seed)
        shards += _shards_of(folder, read_index(folder)["files"], work.config.tables)
    return tuple(shards)


def _shards_of(
    folder: Path, files: Mapping[str, str], tables: Sequence[str]
) -> Iterator[SketchedShard]:
    for name in sorted(files):
        table, _, rest = name.removesuffix(".parquet").partition("-")
        if table in tables:
            path = folder / name
            with open_index_file(path) as file:
                num_rows = file.metadata.num_rows
            yield SketchedShard(
                table=table,
                name=rest,
                path=str(path),
                num_rows=num_rows,
                sha256=files[name],
                is_before=True,
            )


def write_new_keys(number: int, work: Work) -> None:
    """The distinct band keys of a new shard's documents."""
    if not work.rows(number).exists():
        return
    keys = [np.empty(0, np.uint64)]
    for batch in open_rows(work, number).select(["signature"]).to_batches():
        keys.append(_keys(batch.column(0), work.shards[number].table, work).ravel())
    save_array(work.path(f"keys-{number:06}.npy"), np.unique(np.concatenate(keys)))


def join_new_keys(work: Work) -> None:
    """All band keys of new documents, sorted: 8 bytes a band and document."""
    parts = [np.array(open_array(path)) for path in sorted(work.path("").glob("keys-*.npy"))]
    joined = np.unique(np.concatenate([np.empty(0, np.uint64), *parts]))
    save_array(work.path("new-keys.npy"), joined)


def take_matching(number: int, work: Work) -> None:
    """The sketch of an earlier shard's kept documents that share a band key with a new one."""
    shard = work.shards[number]
    new_keys = open_array(work.path("new-keys.npy"))
    found = [np.empty(0, np.int64)]
    begin = 0
    with open_index_file(Path(shard.path)) as file:
        for batch in file.iter_batches(ROWS_PER_GROUP, columns=["signature", "is_kept"]):
            keys = _keys(batch.column("signature"), shard.table, work)
            is_kept = batch.column("is_kept").to_numpy(zero_copy_only=False)
            found.append(begin + np.flatnonzero(_are_in(keys, new_keys).any(axis=1) & is_kept))
            begin += len(batch)
        rows = np.concatenate(found)
        if len(rows):
            write_rows(file, rows, number, work)


def with_matching(work: Work) -> Work:
    """The work with the numbers of rows that were taken: parts are as many as these need."""
    taken = (
        replace(shard, num_rows=_num_taken(number, work)) if shard.is_before else shard
        for number, shard in enumerate(work.shards)
    )
    return replace(work, shards=tuple(taken))


def _num_taken(number: int, work: Work) -> int:
    return len(open_rows(work, number)) if work.rows(number).exists() else 0


def _are_in(keys: U64, known: U64) -> "np.ndarray[Any, Any]":
    """Which keys are among the known, sorted ones."""
    if not len(known):
        return np.zeros(keys.shape, bool)
    at = np.searchsorted(known, keys)
    are_in: np.ndarray[Any, Any] = known[np.minimum(at, len(known) - 1)] == keys
    return are_in


def _keys(signatures: pa.Array, table: str, work: Work) -> U64:
    banding = work.config.banding
    matrix = signatures.flatten().to_numpy().reshape(-1, banding.num_perm)
    salted: U64 = band_keys(matrix, banding) ^ salt_of(table, work)
    return salted
