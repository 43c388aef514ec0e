"""label: PullRequest in, the same PullRequest with task type and scenario out; rejects nothing.

    transform = Label(LabelConfig())
    transform.open()
    transform.apply("pull_requests", batch).kept[0].task_type  ->  "bug_fixing"

A row whose evidence is weak or contradictory keeps None: a wrong label costs more than none.
"""

from dataclasses import replace

import pyarrow as pa

from schemas.arrow import to_rows
from schemas.labels import Scenario, TaskType
from schemas.tables import PullRequest
from transforms.label.change import read_change
from transforms.label.config import LabelConfig
from transforms.label.evidence import decide
from transforms.label.scenario import find_scenario_evidence
from transforms.label.task_type import find_task_type_evidence
from transforms.outcome import Outcome, attempt


class Label:
    """The mapping transform."""

    def __init__(self, config: LabelConfig) -> None:
        self._config = config

    def open(self) -> None:
        """Nothing to build: the tables are plain Python."""

    def apply(self, table: str, batch: pa.RecordBatch) -> Outcome[PullRequest]:
        """Rows of `pull_requests`, labelled."""
        return attempt(to_rows(PullRequest, batch), self.label, stage="label", table=table)

    def label(self, row: PullRequest) -> PullRequest:
        """One row with its labels, or with None where the evidence does not suffice."""
        change = read_change(row)
        task_type = decide(find_task_type_evidence(change), TaskType, self._config)
        scenario = decide(find_scenario_evidence(change), Scenario, self._config)
        return replace(
            row,
            task_type=task_type.label,
            task_type_confidence=task_type.confidence,
            task_type_evidence=task_type.evidence,
            scenario=scenario.label,
            scenario_confidence=scenario.confidence,
            scenario_evidence=scenario.evidence,
        )
