"""The scratch of one deduplication. In: a folder, settings, shards. Out: where each file lies.

    work = Work(folder="runs/click/dedup/_side/work", config=config, seed=0, shards=shards)
    work.rows(3)        ->  ".../000003.arrow"

The folder must be one that every worker sees. A row is located by shard << 32 | row; a document is
known by its rank, under 2^32. All is written under a temporary name and renamed.
"""

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from transforms.dedup.arrays import I64, U32, U64
from transforms.dedup.config import DedupConfig

UNRANKED = 0xFFFFFFFF
"""In place of a rank: a row that is a copy, of a fork that is dropped, or not compared."""
ROW_BITS = np.uint64(32)
LOW_BITS = np.uint64(0xFFFFFFFF)

_BAND_RECORD_BYTES = 12
_KEY_RECORD_BYTES = 48


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one worker holds: the number of parts grows with the corpus, not their size."""

    part_bytes: int = 16 << 20
    """Of keys that are grouped at once."""
    documents_per_range: int = 250_000
    """Documents, by rank, whose pairs are checked together."""
    shingles_per_chunk: int = 4 << 20
    """Of these, shingles in memory: 32 MB."""
    small_rows: int = 250_000
    """Up to so many rows the steps after the sketches are sooner done by one process than handed
    out."""


@dataclass(frozen=True, kw_only=True)
class SketchedShard:
    """A shard whose documents are compared."""

    table: str
    name: str
    path: str
    num_rows: int
    sha256: str
    is_before: bool = False
    """Of an earlier run: what it kept stays and is better than any row of this one."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """Everything that the steps share; small and picklable."""

    folder: str
    config: DedupConfig
    seed: int
    shards: tuple[SketchedShard, ...]
    limits: Limits = field(default_factory=Limits)
    forks: Mapping[str, str] = field(default_factory=dict)
    """Repositories whose rows are all dropped -> what each is a fork of."""

    def path(self, name: str) -> Path:
        """A file of the folder."""
        return Path(self.folder, name)

    def rows(self, shard: int) -> Path:
        """Arrow file of a shard: row_id, hi, lo, digest, fork_of, begin, size, signature by row."""
        return self.path(f"{shard:06}.arrow")

    def shingles(self, shard: int) -> Path:
        """Sorted distinct shingle hashes of a shard's documents, 8 bytes each."""
        return self.path(f"{shard:06}.shingles")

    @cached_property
    def num_rows(self) -> int:
        """Rows of all shards."""
        return sum(shard.num_rows for shard in self.shards)

    @property
    def is_small(self) -> bool:
        """Whether the steps after the sketches are done by one process."""
        return self.num_rows <= self.limits.small_rows

    @property
    def key_parts(self) -> int:
        """Parts into which digests, and then preferences, are split."""
        return self._parts(self.num_rows * _KEY_RECORD_BYTES, least=1)

    @property
    def band_bits(self) -> int:
        """log2 of the parts into which band keys are split."""
        num_bytes = self.num_rows * self.config.banding.bands * _BAND_RECORD_BYTES
        return (self._parts(num_bytes, least=2) - 1).bit_length()

    @property
    def documents_per_range(self) -> int:
        """Documents, by rank, whose pairs one worker checks."""
        return max(1, min(self.limits.documents_per_range, -(-self.num_rows // 4)))

    def _parts(self, num_bytes: int, least: int) -> int:
        return max(least, -(-num_bytes // self.limits.part_bytes))


def save_array(path: Path, array: "np.ndarray[Any, Any]") -> None:
    """Write a .npy file that appears whole or not at all: a retried worker may write it again."""
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with temporary.open("wb") as stream:
        np.save(stream, array)
    temporary.replace(path)


def create_array(path: Path, kind: Any, shape: tuple[int, ...]) -> Any:
    """A memory-mapped .npy file of zeros. Raises OSError where the disk is full: a write to a page
    that has no room would kill the process."""
    array = np.lib.format.open_memmap(path, "w+", np.dtype(kind), shape)
    with path.open("r+b") as stream:
        os.posix_fallocate(stream.fileno(), 0, path.stat().st_size)
    return array


def open_array(path: Path) -> Any:
    """A .npy file, memory-mapped read-only; an empty one cannot be mapped."""
    try:
        return np.load(path, mmap_mode="r")
    except ValueError:
        return np.load(path)


def open_rows(work: Work, shard: int) -> pa.Table:
    """The sketched rows of a shard, memory-mapped."""
    return pa.ipc.open_file(pa.memory_map(str(work.rows(shard)))).read_all()


def open_ranks(shard: int, work: Work) -> U32:
    """The rank of each row of a shard, or `UNRANKED`."""
    path = work.path(f"ranks-{shard:06}.npy")
    if not path.exists():
        return np.full(len(open_rows(work, shard)), UNRANKED, np.uint32)
    return np.array(open_array(path))


def open_copies(number: int, work: Work) -> tuple[I64, U64]:
    """Rows of the shard that are copies, and where the best of their content lies."""
    path = work.path(f"copies-{number:06}.npy")
    if not path.exists():
        return np.empty(0, np.int64), np.empty(0, np.uint64)
    copies = open_array(path)
    return copies[:, 0].astype(np.int64), np.array(copies[:, 1])


def ranks_at(location: U64, work: Work) -> U32:
    """The ranks of documents anywhere."""
    ranks = np.empty(len(location), np.uint32)
    shards = location >> ROW_BITS
    for shard in np.unique(shards).tolist():
        of_shard = shards == shard
        ranks[of_shard] = open_ranks(shard, work)[location[of_shard] & LOW_BITS]
    return ranks


def by_key(keys: U64, *columns: U64) -> "list[tuple[int, U64]]":
    """(key, (n, columns) records) for each distinct key, in ascending order."""
    order = np.argsort(keys, kind="stable")
    records = np.stack(columns, axis=1)[order]
    found, starts = np.unique(keys[order], return_index=True)
    ends = np.append(starts, len(keys))[1:]
    return [
        (int(key), records[start:end])
        for key, start, end in zip(found.tolist(), starts.tolist(), ends.tolist(), strict=True)
    ]
