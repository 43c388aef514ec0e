"""Looking at runs. In: a run folder. Out: plain values that the `katydid` command prints.

show_run("runs/click")  ->  [{"stage": "mine", "read": 1208, "kept": 1160, ...}, ...]
"""

import hashlib
from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.run import StageResult
from pipelines.settings import describe_settings
from pipelines.stages import STAGES
from schemas.arrow import table_schema
from schemas.errors import ConfigError, InputError, KatydidError
from schemas.folder import Folder, open_folder
from schemas.manifest import MANIFEST, Manifest, Receipt, Shard, read_manifest


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
    """Every setting of a stage, or of `github`, with its default and what it means."""
    sections = ("github", *STAGES)
    if section not in sections:
        raise ConfigError(f"no settings for {section!r}; type one of: {', '.join(sections)}")
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
    """One line per problem: bytes, row counts, schemas, lost rows, strange files, lineage."""
    manifests = finished_stages(run_dir)
    run = open_folder(run_dir)
    problems = []
    for name, manifest in manifests.items():
        folder = run.child(name)
        for receipt in manifest.receipts:
            problems += [p for shard in receipt.shards for p in _check_shard(folder, shard)]
            if not _adds_up(receipt):
                problems.append(f"{name}: {receipt.table}/{receipt.name}: rows went missing")
        problems += _check_documents(folder, manifest)
        problems += _check_strangers(folder, manifest)
        for upstream, fingerprint in manifest.upstream.items():
            if upstream not in manifests or manifests[upstream].fingerprint != fingerprint:
                problems.append(f"{name}: made from another {upstream}; run {name} again")
    return problems


def _adds_up(receipt: Receipt) -> bool:
    """read == kept + rejected, in the receipt and in the rows of its shards."""
    num_rejected = sum(receipt.rejected.values())
    rows = Counter[str]()
    for shard in receipt.shards:
        # Notes about rows are no rows of the table read.
        kind = shard.table if shard.table in ("findings", "rejected") else "kept"
        rows[kind] += shard.num_rows
    return (
        receipt.num_read == receipt.num_kept + num_rejected
        and rows["kept"] == receipt.num_kept
        and rows["rejected"] == num_rejected
    )


def _check_documents(folder: Folder, manifest: Manifest) -> list[str]:
    return [
        f"{folder.path}/{name}: bytes do not match the manifest"
        for name, digest in manifest.documents.items()
        if not folder.exists(name) or hashlib.sha256(folder.read(name)).hexdigest() != digest
    ]


def _check_strangers(folder: Folder, manifest: Manifest) -> list[str]:
    """Parquet files that a glob over the folder would read and no stage wrote."""
    known = {shard.path for receipt in manifest.receipts for shard in receipt.shards}
    return [
        f"{folder.path}/{name}: not in the manifest; delete it"
        for name in folder.names()
        if name.endswith(".parquet") and name not in known
    ]


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
    """The columns of a table; parts of lists and structs have rows of their own."""
    return [row for field in table_schema(table) for row in _describe_field(field, field.name)]


def _describe_field(field: pa.Field, path: str) -> list[dict[str, Any]]:
    """`messages` is a list, `messages[].role` a string in it."""
    kind, inner = field.type, path
    row = {"column": path, "type": str(kind), "nullable": field.nullable}
    if pa.types.is_list(kind):
        kind, inner = kind.value_type, f"{path}[]"
    if not pa.types.is_struct(kind):
        row["type"] = f"list of {kind}" if inner != path else str(kind)
        return [row]
    row["type"] = "list of structs" if inner != path else "struct"
    return [row, *(r for part in kind for r in _describe_field(part, f"{inner}.{part.name}"))]
