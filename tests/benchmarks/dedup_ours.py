"""A corpus as a run whose next stage is dedup, and what that left. In: Parquet shards. Out: a run.

    make_run(corpus, run)             run/anonymize/source_files/*.parquet, with a manifest
    command("/data/run")              ->  ["python", "-c", "...", "run", "dedup", ...]
    kept, rejected = read_result(run)
    check_witnesses(truth, ids, kept, rejected, 0.7)     ->  Witnesses(all=7347, right=7347, ...)

The stage runs from the command line, as a user's would.
"""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from dedup_truth import Truth

from schemas.arrow import table_schema
from schemas.folder import Folder, open_folder
from schemas.manifest import Manifest, Receipt, Shard, write_manifest, write_receipt

TABLE = "source_files"
_BATCH = 512
_ROUNDED = 0.00006
"""Similarities are written with four digits."""
_FLAGS = ("is_test", "is_generated", "is_vendored", "is_documentation", "is_configuration")


@dataclass(frozen=True, kw_only=True)
class Witnesses:
    """What rejected rows say, checked against the truth."""

    all: int
    right: int
    """The row named was kept and is as similar as the threshold or more."""
    exact: int
    """The similarity told is the true one."""


def make_run(corpus: Path, run: Path) -> None:
    """A finished anonymize with the corpus as its source files, shard for shard."""
    folder = open_folder(run).child("anonymize")
    receipts = tuple(_write_unit(folder, path) for path in sorted(corpus.glob("*.parquet")))
    made = Manifest(
        stage="anonymize",
        fingerprint="0" * 64,
        work="0" * 64,
        code_version="benchmark",
        config={},
        upstream={},
        receipts=receipts,
    )
    write_manifest(folder, made)


def _write_unit(folder: Folder, path: Path) -> Receipt:
    name = f"files-{path.stem}"
    schema = table_schema(TABLE)
    num_rows = 0
    with folder.create(f"{TABLE}/{name}.parquet") as stream:
        with pq.ParquetWriter(pa.PythonFile(stream, "w"), schema, compression="zstd") as writer:
            for batch in pq.ParquetFile(path).iter_batches(_BATCH):
                writer.write_table(pa.Table.from_pylist(list(_rows(batch)), schema))
                num_rows += batch.num_rows
        shard = Shard(
            table=TABLE,
            name=name,
            num_rows=num_rows,
            num_bytes=stream.num_bytes,
            sha256=stream.sha256,
        )
    receipt = Receipt(
        table=TABLE,
        name=name,
        key="0" * 64,
        num_read=num_rows,
        num_kept=num_rows,
        rejected={},
        shards=(shard,),
    )
    write_receipt(folder, receipt)
    return receipt


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    for row in batch.to_pylist():
        yield {
            **dict.fromkeys(_FLAGS, False),
            "file_id": row["id"],
            "repo": "files",
            "source": "git",
            "license": row["license"],
            "path": row["path"].lstrip("/"),
            "language": row["language"].lower(),
            "text": row["text"],
            "num_bytes": len(row["text"].encode()),
            "num_lines": row["text"].count("\n") + 1,
            "parse_status": "skipped",
            "is_minified": False,
            "package": "",
        }


def command(run: str, workers: int, settings: Sequence[str]) -> list[str]:
    """The stage from the command line."""
    program = [sys.executable, "-c", "from pipelines.cli import main; main()"]
    chosen = [word for setting in settings for word in ("-s", setting)]
    options = ["--", f"--direct_num_workers={workers}"]
    return [*program, "run", "dedup", "--run-dir", run, "--json", *chosen, *options]


def forget_result(run: Path) -> None:
    """Remove what an earlier dedup left, since the same work is not done twice."""
    shutil.rmtree(run / "dedup", ignore_errors=True)


def read_result(run: Path) -> tuple[set[str], list[dict[str, Any]]]:
    """Ids of the rows kept, and the rejected rows."""
    kept = pq.read_table(run / "dedup" / TABLE, columns=["file_id"])["file_id"].to_pylist()
    rejected = run / "dedup" / "rejected"
    return set(kept), pq.read_table(rejected).to_pylist() if rejected.exists() else []


def read_counts(run: Path) -> dict[str, Any]:
    """Bands, candidate pairs and so on, as the stage says."""
    found: dict[str, Any] = json.loads((run / "dedup" / "PAIRS.json").read_text())
    return found


def check_witnesses(
    truth: Truth,
    ids: Sequence[str],
    kept: set[str],
    rejected: Sequence[Mapping[str, Any]],
    threshold: float,
) -> Witnesses:
    """Whether every removed row has the kept row that it names, as similar as it says."""
    set_of = dict(zip(ids, truth.set_of.tolist(), strict=True))
    pairs = zip(truth.ones.tolist(), truth.others.tolist(), strict=True)
    jaccards = dict(zip(pairs, truth.jaccards.tolist(), strict=True))
    right = exact = 0
    for row in rejected:
        one, other = sorted((set_of[row["row_id"]], set_of[row["duplicate_of"]]))
        true = 1.0 if one == other else jaccards.get((one, other), 0.0)
        right += row["duplicate_of"] in kept and true >= threshold
        told = row["detail"].removeprefix("similarity ")
        is_copy = row["reason"] == "exact_duplicate"
        exact += true == 1.0 if is_copy else abs(float(told) - true) < _ROUNDED
    return Witnesses(all=len(rejected), right=right, exact=exact)
