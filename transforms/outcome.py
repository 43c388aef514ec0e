"""What a stage makes of a batch: kept rows and rejected rows, never fewer than came in.

In: rows and a function for one row. Out: `Outcome(kept, rejected)` with
`len(rows) == len(kept) + len(rejected)`.

    outcome = attempt(rows, clean, stage="mix", table="documents")

A function rejects its row by raising `RowError(Reason.TOO_SHORT, "12 < 40 characters")`. This is
the one place where any other exception becomes a rejected row: it is kept by the name of its class
only, since a message may quote the row, and before anonymize that may be personal data. A full disk
or memory is no fault of the row: OSError and MemoryError end the run, so that nothing is lost.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import pyarrow as pa

from schemas.errors import KatydidError, RowError, StageError
from schemas.findings import Finding
from schemas.ids import stable_id
from schemas.reasons import Reason
from schemas.tables import ID_COLUMNS, Rejected

In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True, kw_only=True)
class Outcome(Generic[Out]):
    """The two places a row can go, and what was noted about rows."""

    kept: "list[Out] | pa.RecordBatch"
    """Rows, or those of the batch that are kept as they are."""
    rejected: list[Rejected]
    findings: list[Finding] = field(default_factory=list)
    """anonymize: what it replaced, as counts."""


class Transform(Protocol):
    """What a mapping stage is. Instances are pickled to workers, then opened once in each."""

    def open(self) -> None:
        """Build what is costly and cannot be pickled: automata, models, sandboxes."""

    def apply(self, table: str, batch: pa.RecordBatch) -> Outcome[Any]:
        """Rows of `table` in; kept rows (of the table written) and rejected rows out."""


class SideTransform(Transform, Protocol):
    """A transform that also needs what was found over all shards."""

    def use(self, side: pa.Table) -> None:
        """What was found about the rows of the next shard."""


def attempt(
    rows: Iterable[In], function: Callable[[In], Out], *, stage: str, table: str
) -> Outcome[Out]:
    """Apply a function to each row; a row that raises is rejected, an error of the run is not."""
    kept: list[Out] = []
    rejected: list[Rejected] = []
    for row in rows:
        try:
            kept.append(function(row))
        except (KatydidError, MemoryError):
            raise
        except OSError as error:
            what = error.strerror or type(error).__name__
            raise StageError(f"{what}; mend that and run the same command again") from error
        except RowError as error:
            rejected.append(reject(row, error.reason, error.detail, stage=stage, table=table))
        except Exception as error:
            detail = type(error).__name__
            rejected.append(reject(row, Reason.UNEXPECTED_ERROR, detail, stage=stage, table=table))
    return Outcome(kept=kept, rejected=rejected)


def reject(
    row: Any,
    reason: Reason,
    detail: str = "",
    *,
    stage: str,
    table: str,
    duplicate_of: str | None = None,
) -> Rejected:
    """The `rejected` row for a row of `table`."""
    row_id: str = getattr(row, ID_COLUMNS[table])
    return Rejected(
        rejected_id=stable_id("rejected", stage, table, row_id),
        repo=row.repo,
        source=row.source,
        license=row.license,
        stage=stage,
        table=table,
        row_id=row_id,
        reason=reason.value,
        detail=detail,
        duplicate_of=duplicate_of,
    )
