"""Deduplication of invented files. In: texts by id. Out: who goes, for whom; and by brute force."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rows import SOURCE_FILE

from pipelines.dedup.prepare import prepare
from pipelines.dedup.work import Limits
from pipelines.shards import InputShard
from schemas.arrow import to_batch
from schemas.tables import TABLES, SourceFile
from transforms.dedup.config import DedupConfig

IN_PROCESS = ("--runner=FnApiRunner",)
TINY = Limits(part_bytes=500, documents_per_range=9, shingles_per_chunk=150, small_rows=0)
"""Many parts of everything, handed out by Beam."""
FINDS_ALL = DedupConfig(bands=80, rows=1)
"""One row per band finds every pair at 0.7 but for chance 0.3 ** 80, so brute force must agree."""


def source_files(texts: dict[str, str]) -> list[SourceFile]:
    """A row for each text."""
    return [
        replace(SOURCE_FILE, file_id=name, text=text, license="MIT") for name, text in texts.items()
    ]


def write_shards(folder: Path, shards: dict[str, Sequence[object]]) -> list[InputShard]:
    """Shards by "table/name"."""
    made = []
    for key, rows in shards.items():
        table, _, name = key.partition("/")
        batch = to_batch(TABLES[table], rows)
        path = folder / table / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_batches([batch]), path)
        made.append(
            InputShard(
                table=table,
                name=name,
                path=str(path),
                num_rows=batch.num_rows,
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            )
        )
    return made


def deal(rows: Sequence[SourceFile], num_shards: int) -> dict[str, Sequence[object]]:
    """Rows dealt to shards like cards."""
    return {f"source_files/s{i}": rows[i::num_shards] for i in range(num_shards)}


def losers_of(
    folder: Path,
    shards: dict[str, Sequence[object]],
    config: DedupConfig,
    options: Sequence[str] = IN_PROCESS,
    limits: Limits | None = None,
) -> dict[str, dict[str, str]]:
    """Row id -> its row of the side files."""
    inputs = write_shards(folder / "in", shards)
    out = folder / "dedup"
    (out / "_side").mkdir(parents=True, exist_ok=True)
    side, _ = prepare(inputs, config, 0, str(out), options, limits=limits)
    rows = [row for path in side.values() for row in pq.read_table(path).to_pylist()]
    return {row["row_id"]: row for row in rows}


def shingles_of(text: str) -> set[object]:
    """By Python strings, sharing no code with what is tested."""
    tokens = re.findall(r"\w+", text.lower())
    if len(tokens) < 5:
        return {("whole", text)}
    return {tuple(tokens[i : i + 5]) for i in range(len(tokens) - 4)}


def similarity(one: str, other: str) -> float:
    """Jaccard similarity of sets of shingles."""
    a, b = shingles_of(one), shingles_of(other)
    return len(a & b) / len(a | b)


def greedy_losers(texts: dict[str, str], threshold: float = 0.7) -> set[str]:
    """The greedy rule over all pairs: longest first; of copies and equally long ones by hash."""
    kept: list[str] = []
    for name in sorted(texts, key=lambda name: _preference(name, texts[name])):
        if all(similarity(texts[name], texts[other]) < threshold for other in kept):
            kept.append(name)
    return set(texts) - set(kept)


def _preference(name: str, text: str) -> tuple[int, bytes]:
    num_tokens = len(re.findall(r"\w+", text.lower()))
    return -num_tokens, hashlib.blake2b(name.encode(), digest_size=8).digest()
