"""Finished stages of invented rows, for tests of what reads a run.

finish_stage(run_dir, "anonymize", {"source_files": [[first, second], [third]]})
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.stages import STAGES
from schemas.arrow import to_batch
from schemas.folder import open_folder
from schemas.ids import fingerprint
from schemas.manifest import MANIFEST, Manifest, Receipt, Shard, read_manifest, write_manifest
from schemas.tables import TABLES, Rejected


def finish_stage(
    run_dir: Path,
    stage: str,
    tables: Mapping[str, Sequence[Sequence[Any]]],
    rejected: Sequence[Rejected] = (),
    config: Mapping[str, Any] | None = None,
) -> None:
    """Write shards of rows by table, rejected rows, and the manifest that names them."""
    shards = [
        write_shard(run_dir / stage, table, f"shop-{number:05}", rows)
        for table, parts in tables.items()
        for number, rows in enumerate(parts)
    ]
    receipts = [_receipt(shard.table, shard.name, (shard,), {}) for shard in shards]
    if rejected:
        shard = write_shard(run_dir / stage, "rejected", "shop-00000", rejected)
        reasons = Counter(row.reason for row in rejected)
        receipts.append(_receipt("rejected", "rejected", (shard,), dict(reasons)))
    manifest = Manifest(
        stage=stage,
        fingerprint=fingerprint([shard.sha256 for shard in shards]),
        work="",
        code_version="",
        config=dict(config or {}),
        upstream=_upstream(run_dir, stage),
        receipts=tuple(receipts),
    )
    write_manifest(open_folder(run_dir).child(stage), manifest)


def _upstream(run_dir: Path, stage: str) -> dict[str, str]:
    run = open_folder(run_dir)
    sources = sorted({*STAGES[stage].reads.values()})
    found = [source for source in sources if run.child(source).exists(MANIFEST)]
    return {source: read_manifest(run.child(source)).fingerprint for source in found}


def write_shard(folder: Path, table: str, name: str, rows: Sequence[Any]) -> Shard:
    """One Parquet file as a stage writes it."""
    path = folder / table / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_batches([to_batch(TABLES[table], rows)]), path)
    content = path.read_bytes()
    return Shard(
        table=table,
        name=name,
        num_rows=len(rows),
        num_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _receipt(table: str, name: str, shards: tuple[Shard, ...], reasons: dict[str, int]) -> Receipt:
    num_kept = 0 if reasons else sum(shard.num_rows for shard in shards)
    return Receipt(
        table=table,
        name=name,
        key="",
        num_read=num_kept + sum(reasons.values()),
        num_kept=num_kept,
        rejected=reasons,
        shards=shards,
    )
