"""The dataset card of a corpus. In: the folder and manifest of `mix`. Out: the text of `README.md`.

The YAML head tells `datasets.load_dataset("runs/click/mix", "documents")` which Parquet files are
which split; the text tells a reader what is in it, under which licences, and how it was made.
"""

from collections import Counter

import pyarrow.parquet as pq

from schemas.folder import Folder
from schemas.labels import Capability
from schemas.manifest import Manifest, Shard

_SPLITS = ("train", "validation")
_TABLES = ("documents", "dialogues")


def render_card(folder: Folder, manifest: Manifest) -> str:
    """The card as text; reads two columns of the corpus."""
    shards = {table: manifest.shards(table) for table in _TABLES}
    lines = ["---", "configs:"]
    for table in _TABLES:
        lines += _yaml_config(table, shards[table])
    lines += ["---", "", "# Corpus for a coding agent", "", "| table | split | rows | bytes |"]
    lines += ["| --- | --- | ---: | ---: |"]
    for table in _TABLES:
        lines += _table_lines(table, shards[table])
    every_shard = [shard for table in _TABLES for shard in shards[table]]
    lines += ["", *_capability_lines(_count(folder, every_shard, "capability"))]
    lines += ["", *_license_lines(_count(folder, every_shard, "license"))]
    lines += ["", *_rejected_lines(manifest), "", *_how_lines(manifest)]
    return "\n".join(lines) + "\n"


def _yaml_config(table: str, shards: list[Shard]) -> list[str]:
    present = [split for split in _SPLITS if _of_split(shards, split)]
    lines = [f"- config_name: {table}", "  data_files:"]
    for split in present:
        lines += [f"  - split: {split}", f"    path: {table}/{split}-*.parquet"]
    return lines


def _table_lines(table: str, shards: list[Shard]) -> list[str]:
    lines = []
    for split in _SPLITS:
        chosen = _of_split(shards, split)
        num_rows = sum(shard.num_rows for shard in chosen)
        num_bytes = sum(shard.num_bytes for shard in chosen)
        lines.append(f"| {table} | {split} | {num_rows:,} | {num_bytes:,} |")
    return lines


def _of_split(shards: list[Shard], split: str) -> list[Shard]:
    return [shard for shard in shards if shard.name.startswith(f"{split}-")]


def _count(folder: Folder, shards: list[Shard], column: str) -> list[tuple[str, int]]:
    """(value, rows), the most frequent first."""
    counts: Counter[str] = Counter()
    for shard in shards:
        with folder.open_random_access(shard.path) as file:
            counts.update(pq.read_table(file, columns=[column])[column].to_pylist())
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _capability_lines(counts: list[tuple[str, int]]) -> list[str]:
    sentences = {capability.value: capability.sentence for capability in Capability}
    rows = [f"| `{name}` | {number:,} | {sentences[name]} |" for name, number in counts]
    return ["| capability | rows | what it teaches |", "| --- | ---: | --- |", *rows]


def _license_lines(counts: list[tuple[str, int]]) -> list[str]:
    rows = [f"| {name} | {number:,} |" for name, number in counts]
    return ["| licence of the repository | rows |", "| --- | ---: |", *rows]


def _rejected_lines(manifest: Manifest) -> list[str]:
    if not manifest.rejected:
        return ["No row was left out at this last step."]
    parts = ", ".join(f"{reason} {number:,}" for reason, number in manifest.rejected.items())
    return [f"Left out at this last step: {parts}."]


def _how_lines(manifest: Manifest) -> list[str]:
    return [
        "Personal data and secrets were replaced by keyed pseudonyms: the corpus is pseudonymised,",
        "not anonymous. Each row names its repository and licence; the split is by repository.",
        f"Fingerprint of the configuration, inputs and code: `{manifest.fingerprint}`.",
        "",
        "```python",
        "from datasets import load_dataset",
        'documents = load_dataset("path/to/this/folder", "documents", split="train")',
        "```",
    ]
