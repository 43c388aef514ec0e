"""Step 1, a shard at a time: its documents' preferences, digests, signatures and shingles.

    write_sketch(3, work)

In: Parquet. Out: an Arrow file of what is small and a file of shingles. Text goes no further.
"""

import hashlib
import uuid
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.dedup.work import SketchedShard, Work
from schemas.errors import InputError, StageError
from schemas.ids import seed_for
from schemas.tables import ID_COLUMNS
from transforms.dedup.arrays import U32, U64
from transforms.dedup.documents import COMPARED_COLUMNS, document_texts
from transforms.dedup.minhash import permutations
from transforms.dedup.preference import PREFERENCE_COLUMNS, preference
from transforms.dedup.sketch_texts import sketch_texts

_ROWS_PER_BATCH = 256
AFTER = np.uint64(1 << 63)
"""Set in the preference of a row of this run: rows of earlier runs come first."""


def write_sketch(number: int, work: Work) -> None:
    """Write both files of a shard. Raises StageError where an id occurs twice."""
    shard = work.shards[number]
    permutation = permutations(work.config.banding.num_perm, signature_seed(work.seed))
    suffix = uuid.uuid4().hex
    rows_path = Path(f"{work.rows(number)}.{suffix}")
    shingles_path = Path(f"{work.shingles(number)}.{suffix}")
    ids: set[str] = set()
    writer = None
    begin = num_rows = 0
    with shingles_path.open("wb") as stream:
        for batch in read_batches(shard, work):
            rows, shingles = _sketch_batch(shard.table, batch, work, permutation, begin)
            stream.write(shingles.data)
            begin += len(shingles)
            writer = writer or pa.ipc.new_file(str(rows_path), rows.schema)
            writer.write_batch(rows)
            ids.update(rows.column("row_id").to_pylist())
            num_rows += len(rows)
    if len(ids) < num_rows:
        raise StageError(f"{shard.path}: an id occurs twice; ids must be unique in a shard")
    if writer is not None:
        writer.close()
        shingles_path.replace(work.shingles(number))
        rows_path.replace(work.rows(number))


def signature_seed(seed: int) -> int:
    """Of the permutations, as datasketch takes it: 32 bits."""
    return seed_for(seed, "dedup") & 0xFFFFFFFF


def read_batches(shard: SketchedShard, work: Work) -> Iterator[pa.RecordBatch]:
    """The columns that documents and preferences are made of. Raises InputError for other bytes."""
    data = Path(shard.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != shard.sha256:
        raise InputError(f"{shard.path} is not what its stage wrote; run that stage again")
    wanted = (ID_COLUMNS[shard.table], *COMPARED_COLUMNS[shard.table])
    language = ("language",) if _has_language(shard.table, work) else ()
    columns = dict.fromkeys((*wanted, *PREFERENCE_COLUMNS[shard.table], "repo", *language))
    file = pq.ParquetFile(pa.BufferReader(data))
    yield from file.iter_batches(batch_size=_ROWS_PER_BATCH, columns=[*columns])


def _has_language(table: str, work: Work) -> bool:
    is_parsed = work.config.shingles == "code" or work.config.repeated_functions == "cut"
    return table == "source_files" and is_parsed


def digests(texts: pa.Array) -> pa.Array:
    """16 bytes of BLAKE2b of each text's UTF-8 bytes."""
    texts = texts.cast(pa.large_string())
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1].tolist()
    view = memoryview(data or b"")
    found = b"".join(
        hashlib.blake2b(view[start:end], digest_size=16).digest() for start, end in pairwise(bounds)
    )
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(texts), [None, pa.py_buffer(found)]
    )


def _sketch_batch(
    table: str, batch: pa.RecordBatch, work: Work, permutation: U32, begin: int
) -> tuple[pa.RecordBatch, U64]:
    """One row per document, and all shingles; `begin` is where they lie in the shard's file."""
    texts = document_texts(table, batch)
    # What is in several languages, as a pull request, has none: its shingles are of words.
    languages = [""] * len(batch)
    if _has_language(table, work):
        languages = batch.column("language").to_pylist()
    sketches = sketch_texts(texts, work.config.shingle_rule, permutation, languages)
    high, low = preference(table, batch, sketches.num_tokens)
    columns = {
        "row_id": batch.column(ID_COLUMNS[table]),
        "hi": pa.array(high),
        "lo": pa.array(low),
        "digest": digests(texts),
        "fork_of": _fork_of(batch.column("repo"), work),
        "begin": pa.array(sketches.offsets[:-1] + begin),
        "size": pa.array(np.diff(sketches.offsets)),
        "signature": pa.FixedSizeListArray.from_arrays(
            pa.array(sketches.signatures.ravel()), sketches.signatures.shape[1]
        ),
    }
    return pa.record_batch(columns), sketches.shingles


def _fork_of(repos: pa.Array, work: Work) -> pa.Array:
    """What the repository of each row is a fork of; "" where its rows are compared."""
    return pa.array([work.forks.get(repo, "") for repo in repos.to_pylist()], pa.string())
