"""Copies of a run with something put back. In: a run folder. Out: the same folder, changed."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def copy_run(run: Path, target: Path) -> Path:
    """A copy to change."""
    shutil.copytree(run, target)
    return target


def change_cell(path: Path, column: str, change: Callable[[str], str]) -> str:
    """Change a string column in the first row of a Parquet file; the id of the row."""
    table = pq.read_table(path)
    values = table.column(column).to_pylist()
    values[0] = change(values[0])
    place = table.schema.get_field_index(column)
    table = table.set_column(place, table.schema.field(column), pa.array(values, pa.string()))
    pq.write_table(table, path, compression="zstd")
    return str(table.column(0).to_pylist()[0])


def add_metadata(path: Path, value: str) -> None:
    """Put a value into the metadata of a Parquet file."""
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({"note": value}), path, compression="zstd")


def vouch_for(stage: Path, path: Path) -> None:
    """Write a shard's new bytes into its manifest, as if the stage had written them."""
    manifest = json.loads((stage / "MANIFEST.json").read_text())
    data = path.read_bytes()
    for receipt in manifest["receipts"]:
        for shard in receipt["shards"]:
            if f"{shard['table']}/{shard['name']}.parquet" == str(path.relative_to(stage)):
                shard |= {"sha256": hashlib.sha256(data).hexdigest(), "num_bytes": len(data)}
    (stage / "MANIFEST.json").write_text(json.dumps(manifest))
