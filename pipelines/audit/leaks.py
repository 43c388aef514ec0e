"""Original values in what is delivered. In: a file of the run. Out: where which value stands.

    search = LeakSearch(run_path, ["jane@corp.test"], [frozenset()])
    search("anonymize/source_files/shop-00000.parquet")
        ->  Counter({Leak(number=0, stage="anonymize", table="source_files", column="text",
                          row_id="8c1b...", is_encoded=False): 2})

Searched are cells of Parquet files as they are after decompression, column names and metadata, the
raw bytes of every file, and file names. A place never quotes a name that is not ours.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.audit.needles import Hit, Needles
from pipelines.audit.strings import Block, string_blocks
from pipelines.job import SURVEYS
from pipelines.stages import STAGES
from schemas.arrow import table_schema
from schemas.tables import ID_COLUMNS, TABLES
from transforms.anonymize.spellings import MIN_ENCODED_BYTES

NOT_DELIVERED = ("mine/", "audit/", f"{SURVEYS}/")
_CHUNK = 32 << 20
_OVERLAP = 4_096
_BATCH_ROWS = 256


class Leak(NamedTuple):
    """One value in one place."""

    number: int
    stage: str
    table: str
    column: str
    """Of a table; otherwise what was searched, such as "file name"."""
    row_id: str
    is_encoded: bool


class LeakSearch:
    """One worker's needles."""

    def __init__(
        self, run_path: str, values: Sequence[str], scopes: Sequence[frozenset[str]]
    ) -> None:
        self._run = Path(run_path)
        self._scopes = scopes
        self._needles = Needles(values)

    def __call__(self, name: str) -> tuple[Counter[Leak], int]:
        """(hits by place, bytes searched) of a file, named relative to the run."""
        leaks: Counter[Leak] = Counter()
        num_bytes = 0
        for place, data, hits in self._searched(name):
            num_bytes += len(data)
            everywhere = (hit for hit in hits if not self._scopes[hit.number])
            leaks.update(Leak(hit.number, *place, "", hit.is_encoded) for hit in everywhere)
        if name.endswith(".parquet"):
            num_bytes += self._search_cells(name, leaks)
        return leaks, num_bytes

    def _searched(self, name: str) -> Iterator[tuple[tuple[str, str, str], bytes, list[Hit]]]:
        """Places of a file that are no cells, their bytes and what is found in them."""
        stage, table = place_of(name)
        encoded = name.encode("utf-8", "surrogateescape")
        yield (stage, table, "file name"), encoded, self._needles.find(encoded)
        # Five bytes of compressed data are somebody's login by chance; cells are searched below.
        least = MIN_ENCODED_BYTES if name.endswith(".parquet") else 0
        for data, hits in self._raw(self._run / name):
            long = [hit for hit in hits if hit.end - hit.start >= least]
            yield (stage, table, "raw bytes"), data, long
        if name.endswith(".parquet"):
            described = _description(pq.ParquetFile(self._run / name))
            yield (
                (stage, table, "column names and metadata"),
                described,
                self._needles.find(described),
            )

    def _raw(self, path: Path) -> Iterator[tuple[bytes, list[Hit]]]:
        """Chunks of a file; a hit that ends in the overlap was seen with the chunk before."""
        with path.open("rb") as file:
            before = b""
            while chunk := file.read(_CHUNK):
                hits = self._needles.find(before + chunk)
                yield chunk, [hit for hit in hits if hit.end > len(before)]
                before = chunk[-_OVERLAP:]

    def _search_cells(self, name: str, leaks: Counter[Leak]) -> int:
        stage, table = place_of(name)
        num_bytes = 0
        with pq.ParquetFile(self._run / name) as file:
            columns = _known_columns(table)
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                ids, repos = _row_ids(table, batch), _repositories(batch)
                for block in string_blocks(batch):
                    num_bytes += len(block.data)
                    column = block.column if block.top in columns else "another column"
                    for hit, row in self._in_block(block, repos):
                        leaks[Leak(hit.number, stage, table, column, ids[row], hit.is_encoded)] += 1
        return num_bytes

    def _in_block(self, block: Block, repos: Sequence[str]) -> Iterator[tuple[Hit, int]]:
        for hit in self._needles.find(block.data):
            row = block.row_of(hit.start, hit.end)
            scope = self._scopes[hit.number]
            if row is not None and (not scope or repos[row] in scope):
                yield hit, row


def delivered_files(run_path: str, key_file: str) -> list[str]:
    """Every file below the run that is delivered, sorted: all but mine's, the key and surveys."""
    root, key = Path(run_path), Path(key_file).resolve()
    return sorted(
        name
        for path in root.rglob("*")
        if path.is_file() and path.resolve() != key
        for name in [str(path.relative_to(root))]
        if not name.startswith(NOT_DELIVERED)
    )


def place_of(name: str) -> tuple[str, str]:
    """(stage, table or kind of file) in words that are ours, whatever the file is called."""
    parts = name.split("/")
    stage = parts[0] if len(parts) > 1 and parts[0] in STAGES else "run"
    if name.endswith(".parquet"):
        return stage, parts[1] if len(parts) == 3 and parts[1] in TABLES else "another table"
    known = {"MANIFEST.json": "manifest", "METRICS.json": "metrics", "README.md": "card"}
    if len(parts) > 2 and parts[1] == "_receipts":
        return stage, "receipt"
    return stage, known.get(parts[-1], "another file")


def _known_columns(table: str) -> set[str]:
    return set(table_schema(table).names) if table in TABLES else set()


def _row_ids(table: str, batch: pa.RecordBatch) -> list[str]:
    """Ids of the rows, which are hashes; row numbers where there is no column of ids."""
    column = ID_COLUMNS.get(table, "")
    if column in batch.schema.names:
        return [str(value) for value in batch.column(column).to_pylist()]
    return [f"row {number} of its batch" for number in range(batch.num_rows)]


def _repositories(batch: pa.RecordBatch) -> list[str]:
    """The repository of each row, "" where rows say none."""
    has_column = "repo" in batch.schema.names
    return batch.column("repo").to_pylist() if has_column else [""] * batch.num_rows


def _description(file: Any) -> bytes:
    """Column names and all metadata of a Parquet file."""
    schema = file.schema_arrow
    metadata = {**(file.metadata.metadata or {}), **(schema.metadata or {})}
    parts = [str(schema).encode(), *(part for pair in metadata.items() for part in pair)]
    return b"\n".join(parts)
