"""The Beam graph of a mapping stage, and what a worker does with one unit.

In: units (a shard or a range of a repository each). Out: for each unit its shards and, last, its
receipt in the stage's folder. Nothing but names of units travels through Beam: rows are read from
Parquet, pass through the stage's transform in Arrow batches and are written to Parquet again.
"""

import pickle
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, cast

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.job import Job
from pipelines.shards import Unit
from pipelines.stages import STAGES
from schemas.arrow import table_schema, to_batch
from schemas.errors import KatydidError, StageError
from schemas.folder import Folder, HashingStream, open_folder
from schemas.manifest import FAILURES, Receipt, Shard, read_shard, write_receipt
from schemas.tables import TABLES
from transforms.outcome import Outcome, SideTransform, Transform

ROWS_PER_BATCH = 64
ROW_GROUP_BYTES = 16 << 20
"""Arrow bytes gathered before a row group is written: what a reader must hold at once."""


def run_units(job: Job, units: Sequence[Unit], beam_options: Sequence[str]) -> None:
    """Do the units on the Beam runner that the options name; returns when all have been tried."""
    with beam.Pipeline(options=PipelineOptions(list(beam_options))) as pipeline:
        _ = (
            pipeline
            | "ListUnits" >> beam.Create([_stored(job, unit) for unit in units])
            # Without it everything is fused into one bundle and a second process brings nothing.
            | "SpreadUnits" >> beam.Reshuffle()
            | "CommitUnits" >> beam.ParDo(CommitUnit(job))
        )


def _stored(job: Job, unit: Unit) -> str:
    """The name of the unit's file beside the stage's output.

    Units of `mine` name thousands of pull requests, and Beam keeps copies of its elements in every
    process: 100 MB each on a repository with 39,000 rows (measured).
    """
    name = f"units/{unit.table}-{unit.name}"
    job.side_folder.write(name, pickle.dumps(unit))
    return name


class CommitUnit(beam.DoFn):
    """Does units, one at a time. An error of the user's to solve is written down for the driver."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._transform: Transform | None = None

    def process(self, name: str) -> Iterator[str]:
        """Commit the unit of a name; yields nothing."""
        unit: Unit = pickle.loads(self._job.side_folder.read(name))
        try:
            commit_unit(self._job, unit, self._opened())
        except (KatydidError, OSError) as error:
            # Beam would turn it into a RuntimeError that quotes a traceback.
            name = f"{FAILURES}/{unit.table}-{unit.name}.txt"
            self._job.folder.write(name, str(error).encode())
        yield from ()

    def _opened(self) -> Transform | None:
        """The stage's transform, opened once per worker; None for `mine`."""
        factory = STAGES[self._job.stage].transform
        if self._transform is None and factory is not None:
            transform = factory(self._job)
            transform.open()
            self._transform = transform
        return self._transform


def commit_unit(job: Job, unit: Unit, transform: Transform | None) -> Receipt:
    """Write a unit's shards, then its receipt. Raises StageError when rows went missing."""
    stage = STAGES[job.stage]
    kept_table = stage.writes[unit.table]
    # Two tables may become one, so a shard is named after both.
    name = unit.name if kept_table == unit.table else f"{unit.table}-{unit.name}"
    counts: Counter[str] = Counter()
    num_read = num_kept = 0
    with ExitStack() as stack:
        writer = _UnitWriter(job.folder, stack)
        for num_rows, outcome in _outcomes(job, unit, transform):
            for shard_name, rows in _by_shard(outcome.kept, name, stage.is_split):
                writer.add(kept_table, shard_name, rows)
            if outcome.findings:
                writer.add("findings", f"{unit.table}-{name}", outcome.findings)
            if outcome.rejected:
                writer.add("rejected", f"{unit.table}-{unit.name}", outcome.rejected)
            counts.update(row.reason for row in outcome.rejected)
            num_read += num_rows
            num_kept += len(outcome.kept)
        if num_kept == 0 and unit.writes_empty:
            # A table without rows still has its columns.
            writer.add(kept_table, f"train-{name}" if stage.is_split else name, [])
        shards = writer.close()
    if num_read != num_kept + counts.total():
        raise StageError(
            f"{job.stage}: {unit.table}/{unit.name}: read {num_read} rows, "
            f"kept {num_kept}, rejected {counts.total()}"
        )
    receipt = Receipt(
        table=unit.table,
        name=unit.name,
        key=unit.key,
        num_read=num_read,
        num_kept=num_kept,
        rejected=dict(sorted(counts.items())),
        shards=shards,
    )
    write_receipt(job.folder, receipt)
    return receipt


def _outcomes(
    job: Job, unit: Unit, transform: Transform | None
) -> Iterator[tuple[int, Outcome[Any]]]:
    """(rows read, outcome) for each batch of a unit."""
    if unit.source is not None:
        from pipelines.mine.shards import read_shard as read_repository

        for outcome in read_repository(unit.source, job.settings.mine):
            yield len(outcome.kept) + len(outcome.rejected), outcome
        return
    assert transform is not None
    assert unit.shard is not None
    if unit.side_path is not None:
        cast(SideTransform, transform).use(_read_side_file(unit.side_path))
    folder = job.run.child(STAGES[job.stage].reads[unit.table])
    for batch in read_shard(folder, unit.shard, batch_size=ROWS_PER_BATCH):
        yield batch.num_rows, transform.apply(unit.table, batch)


def _by_shard(
    rows: list[Any] | pa.RecordBatch, name: str, is_split: bool
) -> Iterator[tuple[str, list[Any] | pa.RecordBatch]]:
    """(shard name, rows); where a stage splits, "train-..." and "validation-..."."""
    if not is_split:
        yield name, rows
        return
    for split in sorted({row.split for row in rows}):
        yield f"{split}-{name}", [row for row in rows if row.split == split]


def _read_side_file(path: str) -> pa.Table:
    parent, _, name = path.rpartition("/")
    return pq.read_table(pa.BufferReader(open_folder(parent).read(name)))


class _UnitWriter:
    """The Parquet files of one unit; they appear together when `close` is called."""

    def __init__(self, folder: Folder, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._files: dict[tuple[str, str], _ParquetFile] = {}

    def add(self, table: str, name: str, rows: Iterable[Any] | pa.RecordBatch) -> None:
        """Append rows to a table's shard, which is made if need be."""
        if isinstance(rows, pa.RecordBatch):
            batch = pa.RecordBatch.from_arrays(rows.columns, schema=table_schema(table))
        else:
            batch = to_batch(TABLES[table], rows)
        if (table, name) not in self._files:
            stream = self._stack.enter_context(self._folder.create(f"{table}/{name}.parquet"))
            self._files[table, name] = _ParquetFile(table, stream)
        self._files[table, name].append(batch)

    def close(self) -> tuple[Shard, ...]:
        """Finish every file."""
        shards = []
        for (table, name), file in sorted(self._files.items()):
            shards.append(file.close(table, name))
        self._stack.close()
        return tuple(shards)


class _ParquetFile:
    def __init__(self, table: str, stream: HashingStream) -> None:
        self._schema = table_schema(table)
        self._stream = stream
        self._writer = pq.ParquetWriter(
            pa.PythonFile(stream, mode="w"), self._schema, compression="zstd"
        )
        self._batches: list[pa.RecordBatch] = []
        self._num_bytes = 0
        self._num_rows = 0

    def append(self, batch: pa.RecordBatch) -> None:
        self._batches.append(batch)
        self._num_bytes += batch.nbytes
        self._num_rows += batch.num_rows
        if self._num_bytes >= ROW_GROUP_BYTES:
            self._flush()

    def close(self, table: str, name: str) -> Shard:
        self._flush()
        self._writer.close()
        return Shard(
            table=table,
            name=name,
            num_rows=self._num_rows,
            num_bytes=self._stream.num_bytes,
            sha256=self._stream.sha256,
        )

    def _flush(self) -> None:
        if self._batches:
            self._writer.write_table(pa.Table.from_batches(self._batches, self._schema))
        self._batches, self._num_bytes = [], 0
