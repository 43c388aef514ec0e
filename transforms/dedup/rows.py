"""dedup: rows in, rows out but for exact and near duplicates of a row that is kept.

    transform = DropDuplicates()
    transform.use(losers)                            of the shard that comes next
    transform.apply("source_files", batch)           ->  Outcome(kept=RecordBatch, rejected=[...])

A source file is compared by its text, a pull request by the lines it adds and removes, a dialogue
by what was said and done (`transforms.dedup.documents`); tables are compared each within itself.

Two rows are near duplicates when the exact Jaccard similarity of their sets of shingles is at least
`threshold`; MinHash bands only propose pairs. Rows are visited in one fixed order of preference and
a row is dropped only if a row that is *kept* is similar to it: chains of ever less similar rows are
never collapsed, and the order of shards and workers does not matter.

Rejected: EXACT_DUPLICATE (same bytes compared), NEAR_DUPLICATE (detail: the similarity), both with
the kept row in `duplicate_of`; FORK (`dedup.forks` is "drop"; the detail names the repository);
REPEATED_FUNCTIONS (`dedup.repeated_functions` is "cut", and nothing else is left).
"""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pyarrow as pa

from schemas.arrow import to_rows
from schemas.reasons import Reason
from schemas.tables import ID_COLUMNS, Rejected, SourceFile
from transforms.dedup.functions import cut_row
from transforms.outcome import Outcome, attempt, reject

CUT = "cut"
"""In place of a reason: the row stays without the functions whose spans the detail lists."""


class DropDuplicates:
    """The mapping transform: rejects the rows that `use` names, keeps the others as they are."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._losers: dict[str, dict[str, str]] = {}

    def open(self) -> None:
        """Nothing to build."""

    def use(self, side: pa.Table) -> None:
        """The losers of the shard that comes next: row_id, duplicate_of, reason, detail."""
        self._losers = {row["row_id"]: row for row in side.to_pylist()}

    def apply(self, table: str, batch: pa.RecordBatch) -> Outcome[object]:
        """Kept rows and rejected rows, each in the order of the batch."""
        ids = batch.column(ID_COLUMNS[table]).to_pylist()
        named = [self._losers.get(row_id) for row_id in ids]
        is_lost = np.array([loser is not None and loser["reason"] != CUT for loser in named], bool)
        rejected = list(self._rejected(table, batch.filter(pa.array(is_lost))))
        kept = batch.filter(pa.array(~is_lost))
        if not any(loser is not None and loser["reason"] == CUT for loser in named):
            return Outcome(kept=kept, rejected=rejected)
        cut = attempt(to_rows(SourceFile, kept), self._cut, stage=self._stage, table="source_files")
        return Outcome(kept=cut.kept, rejected=[*rejected, *cut.rejected])

    def _rejected(self, table: str, batch: pa.RecordBatch) -> Iterator[Rejected]:
        id_column = ID_COLUMNS[table]
        # Only what `rejected` says of a row: nested columns are costly to build.
        for row in batch.select([id_column, "repo", "source", "license"]).to_pylist():
            loser = self._losers[row[id_column]]
            yield reject(
                SimpleNamespace(**row),
                Reason(loser["reason"]),
                loser["detail"],
                stage=self._stage,
                table=table,
                duplicate_of=loser["duplicate_of"] or None,
            )

    def _cut(self, row: SourceFile) -> SourceFile:
        loser = self._losers.get(row.file_id)
        if loser is None:
            return row
        spans = (span.split(":") for span in loser["detail"].split(","))
        return cut_row(row, [(int(begin), int(end)) for begin, end in spans])
