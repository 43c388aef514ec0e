"""The decontaminate stage. In: pull_requests and source_files of dedup. Out: the same, fewer.

    stage = Decontaminate(config, read_benchmarks(config.lists), code_names, sha)
    stage.open()                      # once per worker
    stage.apply("pull_requests", batch).rejected[0].detail
        ->  "swe-bench django__django-11099, gold patch: containment 0.93 of 41 lines"

A row is rejected with BENCHMARK_INSTANCE (same repository and number, or commit), BENCHMARK_PATCH
or BENCHMARK_TEXT; the detail names the benchmark, the instance, the rule and its numbers.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from schemas.arrow import to_rows
from schemas.errors import RowError, StageError
from schemas.reasons import Reason
from schemas.tables import PullRequest, SourceFile
from transforms.decontaminate.benchmarks import Benchmarks, BenchmarkText, Instance
from transforms.decontaminate.config import DecontaminateConfig
from transforms.decontaminate.identities import Identities
from transforms.decontaminate.names import Rename, as_rows_name, repository_keys
from transforms.decontaminate.patches import read_patch
from transforms.outcome import Outcome, attempt

if TYPE_CHECKING:
    from transforms.decontaminate.patch_index import PatchIndex
    from transforms.decontaminate.small_patches import SmallPatches
    from transforms.decontaminate.text_index import TextIndex

_STAGE = "decontaminate"
MIN_RUNS = 8
"""Runs of words of a problem statement that a row must hold, whatever their share."""


class Decontaminate:
    """The transform of the stage. `code_names` and `sha` are how anonymize renamed."""

    def __init__(
        self, config: DecontaminateConfig, benchmarks: Benchmarks, code_names: Rename, sha: Rename
    ) -> None:
        self._config = config
        self._texts = benchmarks.texts
        self._instances = [as_rows_name(one, code_names, sha) for one in benchmarks.instances]
        self._whole = _whole_repositories(config, self._instances, code_names)
        self._identities = Identities(self._instances, config.rules)
        self._patches: PatchIndex | None = None
        self._small: SmallPatches | None = None
        self._index: TextIndex | None = None
        self._statements: TextIndex | None = None

    def open(self) -> None:
        """Build the indices: a second for 2,000 instances."""
        if "patch" in self._config.rules and any(one.patches for one in self._instances):
            from transforms.decontaminate.patch_index import PatchIndex
            from transforms.decontaminate.small_patches import SmallPatches

            self._patches = PatchIndex(self._instances, self._config)
            self._small = SmallPatches(self._patches.small)
        if "text" in self._config.rules and (self._texts or self._instances):
            from transforms.decontaminate.text_index import TextIndex

            statements = _statements_of(self._instances)
            share, num_hits = self._config.text_share, self._config.text_hits
            ngram = self._config.ngram
            if self._texts:
                self._index = TextIndex(self._texts, ngram, share=share, num_hits=num_hits)
            if statements:
                share = self._config.statement_share
                self._statements = TextIndex(statements, ngram, share=share, num_hits=MIN_RUNS)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is compared less than one may think; known once opened."""
        num_small = self._small.num_unusable if self._small else 0
        num_short = self._index.num_short if self._index is not None else 0
        notes = []
        if num_small:
            notes.append(f"{num_small} patches are too small to be compared by their lines")
        if num_short:
            notes.append(f"{num_short} texts are too short to be compared")
        return tuple(notes)

    def apply(self, table: str, batch: pa.RecordBatch) -> Outcome[Any]:
        """Rows that hold nothing of a benchmark, and those that do."""
        if not (self._texts or self._instances or self._whole):
            return Outcome(kept=batch, rejected=[])
        if table == "pull_requests":
            pulls = to_rows(PullRequest, batch)
            return attempt(pulls, self._pull_request, stage=_STAGE, table=table)
        if table == "source_files":
            files = to_rows(SourceFile, batch)
            return attempt(files, self._source_file, stage=_STAGE, table=table)
        raise StageError(f"decontaminate reads pull_requests and source_files, not {table!r}")

    def _pull_request(self, row: PullRequest) -> PullRequest:
        self._check_repository(row.repo)
        identity = self._identities.match(row)
        if identity is not None:
            raise RowError(Reason.BENCHMARK_INSTANCE, identity)
        self._check_patches(row)
        prose = list(_prose_of(row))
        self._check_texts(self._statements, prose)
        self._check_texts(self._index, [*prose, *_code_of(row)])
        return row

    def _source_file(self, row: SourceFile) -> SourceFile:
        self._check_repository(row.repo)
        where = self._config.source_files
        is_known = where == "same-repository" and row.repo.lower() in self._identities.repositories
        if self._patches is not None and (where == "everywhere" or is_known):
            repo = None if where == "everywhere" else row.repo
            match = self._patches.match_file(row.text, repo)
            if match is not None:
                raise RowError(Reason.BENCHMARK_PATCH, f"{match.detail} in a file")
        self._check_texts(self._index, [row.text])
        return row

    def _check_repository(self, repo: str) -> None:
        if repo.lower() in self._whole:
            raise RowError(Reason.BENCHMARK_INSTANCE, "repository of a benchmark")

    def _check_patches(self, row: PullRequest) -> None:
        if self._patches is None or self._small is None:
            return
        files = [found for file in row.files for found in read_patch(file.patch)]
        match = self._patches.match(files, row.repo)
        if match is not None:
            raise RowError(Reason.BENCHMARK_PATCH, match.detail)
        small = self._small.match(files, row.repo)
        if small is not None:
            name = f"{small.instance.benchmark} {small.instance.instance_id}"
            raise RowError(
                Reason.BENCHMARK_PATCH,
                f"{name}, {small.kind} patch: all of {small.num_lines} lines, same repository",
            )

    def _check_texts(self, index: "TextIndex | None", texts: Sequence[str]) -> None:
        match = index.match(texts) if index is not None else None
        if match is not None:
            raise RowError(Reason.BENCHMARK_TEXT, match.detail)


def _statements_of(instances: Sequence[Instance]) -> list[BenchmarkText]:
    return [
        BenchmarkText(
            benchmark=one.benchmark,
            instance_id=one.instance_id,
            column="problem_statement",
            text=one.statement,
        )
        for one in instances
        if one.statement.strip()
    ]


def _whole_repositories(
    config: DecontaminateConfig, instances: Sequence[Instance], code_names: Rename
) -> frozenset[str]:
    """What rows may call the repositories that are dropped whole."""
    repos = [code_names(repo) for repo in config.repositories]
    if "repository" in config.rules:
        repos += [instance.repo for instance in instances if instance.repo]
    return frozenset(key for repo in repos for key in repository_keys(repo))


def _prose_of(row: PullRequest) -> Iterator[str]:
    yield row.title
    yield row.body
    yield from (commit.message for commit in row.commits)
    for issue in row.linked_issues:
        yield from (issue.title, issue.body)
    yield from (event.text for event in row.events)


def _code_of(row: PullRequest) -> Iterator[str]:
    for file in row.files:
        yield file.base_content or ""
        yield file.patch
