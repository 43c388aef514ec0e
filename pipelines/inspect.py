"""Looking at runs. In: a run folder. Out: plain values that the `katydid` command prints.

show_run("runs/click")  ->  [{"stage": "mine", "read": 1208, "kept": 1160, ...}, ...]
"""

import hashlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.run import StageResult
from pipelines.settings import describe_settings
from pipelines.stages import STAGES
from schemas.arrow import table_schema
from schemas.errors import ConfigError, InputError, KatydidError
from schemas.folder import Folder, open_folder
from schemas.manifest import MANIFEST, Manifest, Shard, read_manifest


def list_stages() -> list[dict[str, Any]]:
    """The table of stages."""
    return [
        {
            "stage": stage.name,
            "reads": ", ".join(f"{source}.{table}" for table, source in stage.reads.items()),
            "writes": ", ".join(dict.fromkeys(stage.writes.values())),
            "what": stage.sentence,
        }
        for stage in STAGES.values()
    ]


def list_settings(section: str) -> list[dict[str, Any]]:
    """Every setting of a stage with its default and what it means."""
    if section not in STAGES:
        raise ConfigError(f"no stage {section!r}; type one of: {', '.join(STAGES)}")
    return [
        {"setting": item.path, "default": item.default, "what": item.sentence}
        for item in describe_settings(section)
    ]


def result_values(result: StageResult) -> dict[str, Any]:
    """A stage's result for people and machines."""
    manifest = result.manifest
    num_rejected = sum(manifest.rejected.values())
    counts = f"{manifest.num_read:,} read, {manifest.num_kept:,} kept, {num_rejected:,} rejected"
    return {
        "stage": manifest.stage,
        "up_to_date": result.is_up_to_date,
        "units_run": result.num_units_run,
        "read": manifest.num_read,
        "kept": manifest.num_kept,
        "rejected": manifest.rejected,
        "fingerprint": manifest.fingerprint,
        "summary": f"up to date ({counts})" if result.is_up_to_date else counts,
    }


def finished_stages(run_dir: str) -> dict[str, Manifest]:
    """Manifests of the finished stages in river order. Raises InputError when there is none."""
    run = open_folder(run_dir)
    names = [name for name in STAGES if run.child(name).exists(MANIFEST)]
    if not names:
        raise InputError(
            f"no finished stage in {run_dir}; type: katydid run all --run-dir {run_dir}"
        )
    return {name: read_manifest(run.child(name)) for name in names}


def show_run(run_dir: str) -> list[dict[str, Any]]:
    """One row per finished stage and table read."""
    rows = []
    for name, manifest in finished_stages(run_dir).items():
        rejected = manifest.rejected
        rows.append(
            {
                "stage": name,
                "read": manifest.num_read,
                "kept": manifest.num_kept,
                "rejected": sum(rejected.values()),
                "reasons": ", ".join(f"{reason} {count:,}" for reason, count in rejected.items()),
            }
        )
    return rows


def check_run(run_dir: str) -> list[str]:
    """One line per problem: bytes, row counts, schemas, read == kept + rejected, lineage."""
    manifests = finished_stages(run_dir)
    run = open_folder(run_dir)
    problems = []
    for name, manifest in manifests.items():
        folder = run.child(name)
        for receipt in manifest.receipts:
            if receipt.num_read != receipt.num_kept + sum(receipt.rejected.values()):
                problems.append(f"{name}: {receipt.table}/{receipt.name}: rows went missing")
            problems += [p for shard in receipt.shards for p in _check_shard(folder, shard)]
        for upstream, fingerprint in manifest.upstream.items():
            if upstream not in manifests or manifests[upstream].fingerprint != fingerprint:
                problems.append(f"{name}: made from another {upstream}; run {name} again")
    return problems


def _check_shard(folder: Folder, shard: Shard) -> list[str]:
    where = f"{folder.path}/{shard.path}"
    try:
        data = folder.read(shard.path)
    except KatydidError as error:
        return [str(error)]
    if hashlib.sha256(data).hexdigest() != shard.sha256:
        return [f"{where}: bytes do not match the manifest"]
    file = pq.ParquetFile(pa.BufferReader(data))
    problems = []
    if file.metadata.num_rows != shard.num_rows:
        problems.append(f"{where}: {file.metadata.num_rows} rows, manifest says {shard.num_rows}")
    if not file.schema_arrow.equals(table_schema(shard.table)):
        problems.append(f"{where}: columns are not those of {shard.table}")
    return problems


def describe_table(table: str) -> list[dict[str, Any]]:
    """The columns of a table."""
    return [
        {"column": field.name, "type": str(field.type), "nullable": field.nullable}
        for field in table_schema(table)
    ]


def run_query(run_dir: str, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(column names, rows) of a DuckDB query over the run's tables; nothing can be written."""
    import duckdb

    manifests = finished_stages(run_dir)
    root = open_folder(run_dir).path
    with duckdb.connect() as connection:
        for stage, manifest in manifests.items():
            connection.execute(f"create schema {stage}")
            for table in manifest.tables():
                files = [f"{root}/{stage}/{shard.path}" for shard in manifest.shards(table)]
                _create_view(connection, f"{stage}.{table}", files)
        for table, sources in _sources(manifests).items():
            union = " union all ".join(f"select * from {source}" for source in sources)
            connection.execute(f"create view {table} as {union}")
        _lock(connection, root)
        try:
            cursor = connection.execute(query)
            return [column[0] for column in cursor.description or []], cursor.fetchall()
        except duckdb.Error as error:
            raise ConfigError(" ".join(str(error).split())) from None


def _create_view(connection: Any, name: str, files: list[str]) -> None:
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    connection.execute(f"create view {name} as select * from read_parquet([{listed}])")


def _sources(manifests: dict[str, Manifest]) -> dict[str, list[str]]:
    """Table -> the views behind its plain name: the last stage's, or all for `rejected`."""
    sources: dict[str, list[str]] = {}
    for stage, manifest in manifests.items():
        for table in manifest.tables():
            earlier = sources.get(table, []) if table == "rejected" else []
            sources[table] = [*earlier, f"{stage}.{table}"]
    return sources


def _lock(connection: Any, root: str) -> None:
    """The query may read this run's files and nothing else."""
    directory = str(Path(root)).replace("'", "''")
    connection.execute(f"set allowed_directories = ['{directory}']")
    connection.execute("set enable_external_access = false")
