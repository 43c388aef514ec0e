"""Mixing rows: documents from pull requests and source files, dialogues as they are.

In: `pull_requests`, `source_files`, `dialogues`. Out: `documents`, `dialogues`, each row with its
`split`. Rejected: rows under a licence that is not allowed, too short or too long ones, and source
files that are generated, vendored or do not parse.

    Document(capability="development_workflow", origin_id="8c1b...", split="train", text="# ...")

The split is by repository, and by family of repositories with common history, so that no code of a
validation repository is ever trained on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from schemas.arrow import to_rows
from schemas.errors import RowError
from schemas.ids import seed_for, stable_id
from schemas.labels import Capability
from schemas.reasons import Reason
from schemas.tables import TABLES, Dialogue, Document, PullRequest, SourceFile
from transforms.mix.config import MixConfig
from transforms.mix.render import render_pull_request
from transforms.outcome import Outcome, attempt


class Mix:
    """The mapping transform of the stage."""

    def __init__(
        self, config: MixConfig, seed: int, families: Iterable[Sequence[str]] = ()
    ) -> None:
        """`families`: repositories with common history, named as rows name them."""
        self._config = config
        self._seed = seed
        self._relatives = {repo: family for family in families for repo in family}
        self._functions: dict[str, Callable[[Any], Any]] = {
            "pull_requests": self._mix_pull_request,
            "source_files": self._mix_source_file,
            "dialogues": self._mix_dialogue,
        }

    def open(self) -> None:
        """Nothing to build."""

    def apply(self, table: str, batch: pa.RecordBatch) -> Outcome[Any]:
        """Documents or dialogues of a batch."""
        rows: Iterator[Any] = to_rows(TABLES[table], batch)
        return attempt(rows, self._functions[table], stage="mix", table=table)

    def _mix_pull_request(self, row: PullRequest) -> Document:
        self._check_license(row.license)
        text = render_pull_request(row, self._config)
        return self._document(
            row,
            text,
            origin_id=row.pr_id,
            capability=Capability.DEVELOPMENT_WORKFLOW,
            language=_main_language(row),
            task_type=row.task_type,
            scenario=row.scenario,
        )

    def _mix_source_file(self, row: SourceFile) -> Document:
        self._check_license(row.license)
        _check_source_file(row, self._config)
        return self._document(
            row,
            f"{row.repo}: {row.path}\n\n{row.text}",
            origin_id=row.file_id,
            capability=Capability.CODING_KNOWLEDGE,
            language=row.language,
            task_type=None,
            scenario=None,
        )

    def _mix_dialogue(self, row: Dialogue) -> Dialogue:
        self._check_license(row.license)
        num_chars = sum(
            len(message.content) + sum(len(call.arguments) for call in message.tool_calls)
            for message in row.messages
        )
        if num_chars > self._config.max_dialogue_chars:
            raise RowError(Reason.TOO_LONG, f"{num_chars} > {self._config.max_dialogue_chars}")
        return replace(row, split=self._split_of(row.repo))

    def _document(
        self,
        row: PullRequest | SourceFile,
        text: str,
        *,
        origin_id: str,
        capability: Capability,
        language: str,
        task_type: str | None,
        scenario: str | None,
    ) -> Document:
        _check_length(text, self._config)
        return Document(
            document_id=stable_id("document", origin_id, text),
            repo=row.repo,
            source=row.source,
            license=row.license,
            capability=capability.value,
            task_type=task_type,
            scenario=scenario,
            language=language,
            origin_id=origin_id,
            text=text,
            split=self._split_of(row.repo),
        )

    def _split_of(self, repo: str) -> str:
        return split_of(repo, self._config, self._seed, self._relatives.get(repo, ()))

    def _check_license(self, license_id: str) -> None:
        if self._config.licenses and license_id not in self._config.licenses:
            raise RowError(Reason.LICENSE_NOT_ALLOWED, license_id)


def split_of(repo: str, config: MixConfig, seed: int, relatives: Sequence[str] = ()) -> str:
    """ "train" or "validation", the same for every row of a repository and of its relatives.

    Validation if any of them is named; where none can be, as the first by name falls.
    """
    family = sorted({repo, *relatives})
    if config.validation_repos:
        return "train" if set(family).isdisjoint(config.validation_repos) else "validation"
    share = seed_for(seed, f"split/{family[0]}") / 2**63
    return "validation" if share < config.validation_fraction else "train"


def _check_source_file(row: SourceFile, config: MixConfig) -> None:
    if row.is_generated and not config.keep_generated:
        raise RowError(Reason.GENERATED)
    if row.is_vendored and not config.keep_vendored:
        raise RowError(Reason.VENDORED)
    if row.parse_status == "errors" and not config.keep_unparsable:
        raise RowError(Reason.UNPARSABLE)
    longest = max(map(len, row.text.split("\n")))
    if longest > config.max_line_chars and not row.is_documentation:
        raise RowError(Reason.LONG_LINES, f"{longest} > {config.max_line_chars}")


def _check_length(text: str, config: MixConfig) -> None:
    if len(text) < config.min_chars:
        raise RowError(Reason.TOO_SHORT, f"{len(text)} < {config.min_chars}")
    if len(text) > config.max_chars:
        raise RowError(Reason.TOO_LONG, f"{len(text)} > {config.max_chars}")


def _main_language(row: PullRequest) -> str:
    """The language with the most changed lines; ties go to the first by name."""
    changed: dict[str, int] = {}
    for file in row.files:
        changed[file.language] = changed.get(file.language, 0) + file.num_added + file.num_deleted
    return min(changed, key=lambda language: (-changed[language], language), default="")
