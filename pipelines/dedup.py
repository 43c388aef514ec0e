"""dedup's own Beam graph. In: the stage's input shards. Out: for each, a side file of its losers.

    prepare(inputs, config, seed, "run/dedup/_side", ["--runner=FnApiRunner"])
        ->  {("source_files", "click-00000"): "run/dedup/_side/source_files-click-00000.parquet"}

A document is known by a number, shard << 32 | row. The steps, with what they hold in memory:

    SketchShards    read a shard, write its sketch file beside the side files     one shard
    PairUp          documents that share a band key, as edges to the first        1/64 of the keys
    FindGroups      connected documents, cut into units of work                   all edges
    ResolveUnits    check exactly, keep and drop; sketches are memory-mapped      one unit
    WriteSideFiles  losers of a shard                                             one shard's losers

Only band keys and numbers are shuffled: `bands` x 16 bytes per document, never text. Groups only
say which documents must be looked at together; who is dropped is `transforms.dedup.find_losers`.
`out_dir` must be a path that every worker sees; the sketch files take 8 bytes per shingle and are
removed at the end.
"""

import hashlib
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.job import Job
from pipelines.shards import InputShard
from schemas.errors import InputError, KatydidError, StageError
from schemas.ids import seed_for
from schemas.tables import ID_COLUMNS
from transforms.dedup import COMPARED_COLUMNS, DedupConfig, Documents, Loser, find_losers, sketch
from transforms.minhash import I64, U32, U64, band_keys, permutations

SIDE_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("row_id", "duplicate_of", "reason", "detail")]
)
_PARTITION_BITS = 6
_ROWS_PER_BATCH = 256
_DOCUMENTS_PER_UNIT = 512

ShardKey = tuple[str, str]
Key = TypeVar("Key")


def prepare_stage(
    job: Job, inputs: Sequence[InputShard], beam_options: Sequence[str]
) -> dict[ShardKey, str]:
    """`prepare` with the settings of a job; side files go to the stage's own folder."""
    settings = job.settings
    return prepare(inputs, settings.dedup, settings.seed, job.side_folder.path, beam_options)


def prepare(
    inputs: Sequence[InputShard],
    config: DedupConfig,
    seed: int,
    out_dir: str,
    beam_options: Sequence[str],
) -> dict[ShardKey, str]:
    """Write a side file for each shard and return their paths, by table and name.

    A side file has the columns row_id, duplicate_of, reason, detail, sorted by row_id; it is empty
    where a shard loses nothing. Raises StageError when a shard is corrupt or holds
    an id twice.
    """
    shards = sorted(inputs, key=lambda shard: (shard.table, shard.name))
    sketch_dir = Path(out_dir, "sketches")
    if sketch_dir.exists():
        shutil.rmtree(sketch_dir)
    sketch_dir.mkdir(parents=True)
    paths = [str(sketch_dir / f"{shard.table}-{shard.name}.arrow") for shard in shards]
    side = {(s.table, s.name): f"{out_dir}/{s.table}-{s.name}.parquet" for s in shards}
    _run(shards, paths, side, config, seed, beam_options)
    _raise_failures(paths)
    shutil.rmtree(sketch_dir)
    return side


def _run(
    shards: list[InputShard],
    paths: list[str],
    side: dict[ShardKey, str],
    config: DedupConfig,
    seed: int,
    beam_options: Sequence[str],
) -> None:
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions

    work = [(i, s, paths[i]) for i, s in enumerate(shards) if s.table in config.tables]
    owners = list(side)
    with beam.Pipeline(options=PipelineOptions(list(beam_options))) as pipeline:
        losers = (
            pipeline
            | "ListShards" >> beam.Create(work)
            | "SpreadShards" >> beam.Reshuffle()
            | "SketchShards" >> beam.FlatMap(partial(_sketch_or_note, config=config, seed=seed))
            | "GroupByKeyRange" >> beam.GroupByKey()
            | "PairUp" >> beam.FlatMap(pair_up)
            | "GroupEdges" >> beam.GroupByKey()
            | "FindGroups" >> beam.FlatMap(find_groups)
            | "SpreadUnits" >> beam.Reshuffle()
            | "ResolveUnits"
            >> beam.FlatMap(partial(_resolve, owners=owners, paths=paths, config=config))
        )
        # Every shard has a side file, also one that loses nothing.
        nothing = pipeline | "ListSideFiles" >> beam.Create([(owner, None) for owner in owners])
        _ = (
            (losers, nothing)
            | "AddEmpty" >> beam.Flatten()
            | "GroupByShard" >> beam.GroupByKey()
            | "WriteSideFiles" >> beam.Map(partial(_write_side_file, side=side))
        )


def _sketch_or_note(
    work: tuple[int, InputShard, str], config: DedupConfig, seed: int
) -> Iterator[tuple[tuple[str, int], U64]]:
    """`sketch_shard`; an error of the user's to solve is written down, since Beam would wrap it."""
    _, _, path = work
    try:
        yield from sketch_shard(work, config, seed)
    except KatydidError as error:
        Path(f"{path}.error").write_text(str(error), encoding="utf-8")


def sketch_shard(
    work: tuple[int, InputShard, str], config: DedupConfig, seed: int
) -> Iterator[tuple[tuple[str, int], U64]]:
    """Write a shard's sketch file; yield ((table, range of keys), (n, 2) keys and documents)."""
    number, shard, path = work
    permutation = permutations(config.num_perm, seed_for(seed, "dedup"))
    keys = [np.empty((0, config.bands), np.uint64)]
    ids: list[str] = []
    temporary = f"{path}.{uuid.uuid4().hex}"
    writer = None
    for batch in _read_batches(shard):
        rows = sketch(shard.table, batch, config, permutation)
        writer = writer or pa.ipc.new_file(temporary, rows.schema)
        writer.write_table(rows)
        ids += rows.column("row_id").to_pylist()
        signatures = _matrix(rows.column("signature").combine_chunks(), config.num_perm)
        keys.append(band_keys(signatures, config.bands, config.rows))
    if writer is not None:
        writer.close()
        Path(temporary).replace(path)
    if len(set(ids)) < len(ids):
        raise StageError(f"{shard.path}: an id occurs twice; ids must be unique in a shard")
    for part, pairs in _split_by_range(np.concatenate(keys), number):
        yield (shard.table, part), pairs


def pair_up(group: tuple[tuple[str, int], Iterable[U64]]) -> Iterator[tuple[str, U64]]:
    """(table, (m, 2) edges): each document to the first document with which it shares a key."""
    (table, _), arrays = group
    pairs = np.concatenate(list(arrays))
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    is_first = np.concatenate(([True], pairs[1:, 0] != pairs[:-1, 0]))
    first = pairs[is_first, 1][np.cumsum(is_first) - 1]
    edges = np.stack((first, pairs[:, 1]), axis=1)[~is_first]
    if len(edges):
        yield table, np.unique(edges, axis=0)


def find_groups(group: tuple[str, Iterable[U64]]) -> Iterator[U64]:
    """Documents of whole connected components, in sorted arrays of some hundreds or more."""
    _, arrays = group
    documents, edges = np.unique(np.concatenate(list(arrays)), return_inverse=True)
    component = connected_components(len(documents), edges.reshape(-1, 2))
    order = np.argsort(component, kind="stable")
    starts = np.flatnonzero(np.diff(component[order], prepend=-1))
    begin = 0
    for end in [*starts[1:].tolist(), len(order)]:
        if end - begin >= _DOCUMENTS_PER_UNIT or end == len(order):
            yield np.sort(documents[order[begin:end]])
            begin = end


def connected_components(num_nodes: int, edges: I64) -> I64:
    """The smallest node of each node's component; edges is (m, 2)."""
    label = np.arange(num_nodes)
    while True:
        lowest = np.minimum(label[edges[:, 0]], label[edges[:, 1]])
        after = label.copy()
        np.minimum.at(after, label[edges].ravel(), np.repeat(lowest, 2))
        after = after[after]
        if np.array_equal(after, label):
            return label
        label = after


def _resolve(
    documents: U64, owners: list[ShardKey], paths: list[str], config: DedupConfig
) -> Iterator[tuple[ShardKey, list[tuple[str, str, str, str]]]]:
    """Losers among the documents of whole groups: (shard, its loser rows)."""
    shards = (documents >> np.uint64(32)).astype(np.int64)
    opened = _open_documents(documents, paths)
    losers: dict[int, list[tuple[str, str, str, str]]] = {}
    for loser in find_losers(opened, config):
        row = _side_row(opened.ids[loser.index], loser)
        losers.setdefault(int(shards[loser.index]), []).append(row)
    for shard, rows in sorted(losers.items()):
        yield owners[shard], rows


def _open_documents(documents: U64, paths: list[str]) -> Documents:
    """Small columns in memory, shingles left on disk until asked for."""
    shards = (documents >> np.uint64(32)).astype(np.int64)
    rows = (documents & np.uint64(0xFFFFFFFF)).astype(np.int64)
    tables = {shard: _map_table(paths[shard]) for shard in np.unique(shards).tolist()}
    small = ["row_id", "num_tokens", "digest", "signature"]
    parts = [tables[shard].select(small).take(rows[shards == shard]) for shard in tables]
    known = pa.concat_tables(parts).combine_chunks()
    signature = known.column("signature").combine_chunks()
    columns = {shard: table.column("shingles") for shard, table in tables.items()}

    def shingles(index: int) -> U64:
        found: U64 = columns[int(shards[index])][int(rows[index])].values.to_numpy()
        return found

    return Documents(
        ids=known.column("row_id").to_pylist(),
        num_tokens=known.column("num_tokens").to_numpy(),
        digests=known.column("digest").to_pylist(),
        signatures=_matrix(signature, signature.type.list_size),
        shingles=shingles,
    )


def _map_table(path: str) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(path)).read_all()


def _matrix(signature: pa.FixedSizeListArray, width: int) -> U32:
    matrix: U32 = signature.flatten().to_numpy().reshape(-1, width)
    return matrix


def _side_row(row_id: str, loser: Loser) -> tuple[str, str, str, str]:
    return row_id, loser.duplicate_of, loser.reason.value, loser.detail


def _write_side_file(
    group: tuple[ShardKey, Iterable[list[tuple[str, str, str, str]] | None]],
    side: dict[ShardKey, str],
) -> None:
    owner, parts = group
    rows = sorted(row for part in parts if part for row in part)
    columns = list(zip(*rows, strict=True)) or [()] * len(SIDE_SCHEMA)
    temporary = f"{side[owner]}.{uuid.uuid4().hex}"
    pq.write_table(pa.table([list(c) for c in columns], schema=SIDE_SCHEMA), temporary)
    Path(temporary).replace(side[owner])


def _read_batches(shard: InputShard) -> Iterator[pa.RecordBatch]:
    data = Path(shard.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != shard.sha256:
        raise InputError(f"{shard.path} is not what its stage wrote; run that stage again")
    columns = [ID_COLUMNS[shard.table], *COMPARED_COLUMNS[shard.table]]
    file = pq.ParquetFile(pa.BufferReader(data))
    yield from file.iter_batches(batch_size=_ROWS_PER_BATCH, columns=columns)


def _split_by_range(keys: U64, shard: int) -> Iterator[tuple[int, U64]]:
    """(range, (n, 2) array of key and document) by the leading bits of the key."""
    documents = np.arange(len(keys), dtype=np.uint64) | np.uint64(shard << 32)
    pairs = np.stack((keys.ravel(), np.repeat(documents, keys.shape[1])), axis=1)
    parts = pairs[:, 0] >> np.uint64(64 - _PARTITION_BITS)
    for part in np.unique(parts).tolist():
        yield int(part), pairs[parts == part]


def _raise_failures(paths: Iterable[str]) -> None:
    for path in paths:
        note = Path(f"{path}.error")
        if note.exists():
            raise StageError(f"dedup: {note.read_text(encoding='utf-8')}")
