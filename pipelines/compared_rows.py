"""Rows as deduplication saw them. In: a stage that has finished, ids. Out: sets and preferences.

    rule, threshold = read_rule(manifest)
    one, other = read_compared(connection, "anonymize.source_files", ["91bc...", "3f9a..."], rule)
    overlap(one, other)    ->  Overlap(shared=734, union=871, is_copy=False)

Nothing is taken from what the stage wrote: documents are made and cut again from the shards that it
read, by the settings in its manifest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipelines.duplicate_groups import NAMING_COLUMNS
from pipelines.query import read_rows
from schemas.arrow import table_schema
from schemas.errors import SchemaError
from schemas.manifest import Manifest
from schemas.tables import ID_COLUMNS
from transforms.dedup.arrays import U64
from transforms.dedup.config import ShingleRule
from transforms.dedup.documents import COMPARED_COLUMNS, document_texts
from transforms.dedup.preference import (
    MAX_SECONDS,
    MAX_TOKENS,
    PREFERENCE_COLUMNS,
    preference,
)
from transforms.dedup.sketch_texts import sketch_texts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ROWS_PER_QUERY = 256
_NO_SIGNATURE = np.ones((2, 1), np.uint32)
"""One permutation, as few as there can be: only sets are wanted."""


@dataclass(frozen=True, kw_only=True)
class ComparedRow:
    """A row, what it is known by, and its document."""

    values: dict[str, Any]
    """id, what names it, license, tokens, shingles (distinct); time of pull requests. Printable."""
    text: str
    hashes: U64
    """Sorted distinct shingle hashes."""
    preference: tuple[int, int]
    """As `transforms.dedup.preference` has it; the smaller is the better row."""


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """What two documents have in common."""

    shared: int
    """Distinct shingles that are in both."""
    union: int
    """Distinct shingles that are in one or both."""
    is_copy: bool
    """Byte for byte the same document."""

    @property
    def similarity(self) -> float:
        """Exact Jaccard similarity."""
        return self.shared / self.union


def read_rule(manifest: Manifest) -> tuple[ShingleRule, float]:
    """The shingles and the threshold that a stage ran with."""
    try:
        section = manifest.config["dedup"]
        rule = ShingleRule(kind=section["shingles"], size=section["shingle_size"])
        return rule, section["threshold"]
    except KeyError as error:
        raise SchemaError(
            f"the manifest of {manifest.stage} holds no setting {error}: another version wrote it; "
            f"type: katydid run {manifest.stage}, with your --run-dir, -c and -s"
        ) from None


def read_compared(
    connection: "DuckDBPyConnection", view: str, ids: Sequence[str], rule: ShingleRule
) -> Iterator[ComparedRow]:
    """The rows with these ids, in no order; those that the view lacks are left out."""
    for begin in range(0, len(ids), _ROWS_PER_QUERY):
        batch = _read_batch(connection, view, ids[begin : begin + _ROWS_PER_QUERY])
        yield from _compare(view.partition(".")[2], batch, rule)


def overlap(one: ComparedRow, other: ComparedRow) -> Overlap:
    """How alike two rows are."""
    shared = len(np.intersect1d(one.hashes, other.hashes, assume_unique=True))
    union = len(one.hashes) + len(other.hashes) - shared
    return Overlap(shared=shared, union=union, is_copy=one.text == other.text)


def deciding_field(better: ComparedRow, worse: ComparedRow) -> str:
    """The first field of the preference that differs: license, tokens, newest or id."""
    num_bits = (better.preference[0] ^ worse.preference[0]).bit_length()
    second_bits, token_bits = MAX_SECONDS.bit_length(), MAX_TOKENS.bit_length()
    if num_bits > token_bits + second_bits:
        return "license"
    if num_bits > second_bits:
        return "tokens"
    return "newest" if num_bits else "id"


def _read_batch(connection: "DuckDBPyConnection", view: str, ids: Sequence[str]) -> pa.RecordBatch:
    """The columns of a table that are compared or printed; nothing else leaves the shards."""
    table = view.partition(".")[2]
    wanted = {
        ID_COLUMNS[table],
        "license",
        *NAMING_COLUMNS[table],
        *(path.partition(".")[0] for path in COMPARED_COLUMNS[table]),
        *PREFERENCE_COLUMNS[table],
    } | ({"language"} if table == "source_files" else set())
    schema = pa.schema([field for field in table_schema(table) if field.name in wanted])
    query = f"select {', '.join(schema.names)} from {view}"
    query += f" where {ID_COLUMNS[table]} in (select unnest(?))"
    rows = read_rows(connection, query, [list(ids)])
    return pa.RecordBatch.from_pylist(rows, schema=schema)


def _compare(table: str, batch: pa.RecordBatch, rule: ShingleRule) -> Iterator[ComparedRow]:
    texts = document_texts(table, batch)
    is_file = table == "source_files"
    languages = batch.column("language").to_pylist() if is_file else [""] * batch.num_rows
    made = sketch_texts(texts, rule, _NO_SIGNATURE, languages)
    high, low = preference(table, batch, made.num_tokens)
    for index, values in enumerate(batch.select(_printed(table, batch)).to_pylist()):
        hashes = made.shingles[made.offsets[index] : made.offsets[index + 1]]
        values = {"id": values.pop(ID_COLUMNS[table]), **values}
        if table == "pull_requests":
            created, merged = values.pop("created_at"), values.pop("merged_at")
            values["time"] = (merged or created).isoformat()
        values |= {"tokens": int(made.num_tokens[index]), "shingles": len(hashes)}
        yield ComparedRow(
            values=values,
            text=texts[index].as_py(),
            hashes=hashes,
            preference=(int(high[index]), int(low[index])),
        )


def _printed(table: str, batch: pa.RecordBatch) -> list[str]:
    """The columns that are not the document itself."""
    document = {path.partition(".")[0] for path in COMPARED_COLUMNS[table]} - {"title"}
    return [name for name in batch.schema.names if name not in document]
