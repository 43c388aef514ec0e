"""The anonymize stage. In: pull_requests and source_files of mine. Out: the same, no personal data.

    stage = Anonymize(AnonymizeConfig(key_file="runs/demo/anonymize.key"), identities, surveys)
    stage.open()                      # once per worker
    stage.apply("pull_requests", batch).kept

Every string that a person wrote is replaced through: titles, bodies, messages, comments, authors,
paths, patches, base contents, sources. Ids, commit SHAs and times stay or go as the profile says;
the repository's name stays unless it is a code name. A row is rejected when a file would lose its
syntax (ANONYMIZATION_BROKE_SYNTAX) or its number of lines (ANONYMIZATION_CHANGED_LINES). How many
values of which kind were replaced in each row goes to the table `findings`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from schemas.arrow import to_rows
from schemas.errors import StageError
from schemas.findings import Finding
from schemas.ids import stable_id
from schemas.tables import ID_COLUMNS, PullRequest, Rejected, SourceFile
from transforms.anonymize.config import AnonymizeConfig, read_key
from transforms.anonymize.survey import Survey
from transforms.outcome import Outcome, attempt

if TYPE_CHECKING:
    from transforms.anonymize.delivery import Delivery
    from transforms.anonymize.engine import Detectors
    from transforms.anonymize.row_fields import RowAnonymizer

_STAGE = "anonymize"


class Anonymize:
    """The transform of the stage. Anonymizers are built when a repository is first met.

    `identities` is mine's table of that name, `surveys` are what the first pass found.
    """

    def __init__(
        self, config: AnonymizeConfig, identities: pa.Table, surveys: Sequence[Survey] = ()
    ) -> None:
        self._config = config
        self._identities, self._surveys = identities, surveys
        self._key = b""
        self._delivery: Delivery | None = None
        self._detectors: Detectors | None = None
        self._anonymizers: dict[str, RowAnonymizer] = {}

    def open(self) -> None:
        """Read the key and build what all repositories share. Raises ConfigError for the key."""
        from transforms.anonymize.delivery import Delivery
        from transforms.anonymize.engine import Detectors

        self._key = read_key(Path(self._config.key_file))
        self._delivery = Delivery(self._config, self._key, self._identities, self._surveys)
        self._detectors = Detectors(self._config)

    def apply(self, table: str, batch: pa.RecordBatch) -> Outcome[Any]:
        """Rows of `pull_requests` or `source_files`, anonymized or rejected."""
        findings: list[Finding] = []
        if table == "pull_requests":
            rows = to_rows(PullRequest, batch)
            clean = self._counted(table, lambda own, row: own.pull_request(row), findings)
            outcome: Outcome[Any] = attempt(rows, clean, stage=_STAGE, table=table)
        elif table == "source_files":
            files = to_rows(SourceFile, batch)
            clean = self._counted(table, lambda own, row: own.source_file(row), findings)
            outcome = attempt(files, clean, stage=_STAGE, table=table)
        else:
            raise StageError(f"anonymize reads pull_requests and source_files, not {table!r}")
        # A rejected row names its repository and its row.
        rejected = [self._hidden(row) for row in outcome.rejected]
        return Outcome(kept=outcome.kept, rejected=rejected, findings=findings)

    def _hidden(self, row: Rejected) -> Rejected:
        own = self._of(row.repo)
        rejected_id, row_id = own.row_id(row.rejected_id), own.row_id(row.row_id)
        repo = own.repository(row.repo)
        return replace(row, rejected_id=rejected_id, row_id=row_id, repo=repo)

    def _counted(
        self,
        table: str,
        clean: "Callable[[RowAnonymizer, Any], Any]",
        findings: list[Finding],
    ) -> Callable[[Any], Any]:
        """`clean` for a row of any repository, noting what it replaced where the row is kept."""

        def function(row: Any) -> Any:
            own = self._of(row.repo)
            own.text.take_findings()
            fresh = clean(own, row)
            for (entity, rule), num in sorted(own.text.take_findings().items()):
                row_id = getattr(fresh, ID_COLUMNS[table])
                findings.append(
                    Finding(
                        finding_id=stable_id("finding", table, row_id, entity, rule),
                        repo=fresh.repo,
                        source=fresh.source,
                        license=fresh.license,
                        table=table,
                        row_id=row_id,
                        entity=entity,
                        rule=rule,
                        num=num,
                    )
                )
            return fresh

        return function

    def _of(self, repo: str) -> "RowAnonymizer":
        if self._detectors is None or self._delivery is None:
            raise StageError("Anonymize.open() was not called before apply()")
        if repo not in self._anonymizers:
            from transforms.anonymize.row_fields import RowAnonymizer

            text = self._delivery.anonymizer(repo, self._detectors)
            self._anonymizers[repo] = RowAnonymizer(text, self._config, self._key)
        return self._anonymizers[repo]
