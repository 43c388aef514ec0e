"""The anonymize stage. In: pull_requests and source_files of mine. Out: the same, no personal data.

    stage = Anonymize(AnonymizeConfig(key_file="runs/demo/anonymize.key"))
    stage.open()                      # once per worker
    stage.use(identities)             # mine's `identities` table, before each shard
    stage.apply("pull_requests", batch).kept

Every string that a person wrote is replaced through: titles, bodies, messages, comments, authors,
paths, patches, base contents, sources. Ids, commit SHAs and times are kept; the repository's name
is, unless the deny-list names it. A row is rejected when a file would lose its syntax
(ANONYMIZATION_BROKE_SYNTAX) or its number of lines (ANONYMIZATION_CHANGED_LINES).
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from schemas.arrow import to_rows
from schemas.discussion import Identity, LinkedIssue, PullRequestEvent
from schemas.errors import StageError
from schemas.tables import Commit, FileChange, PullRequest, SourceFile
from transforms.anonymize.config import AnonymizeConfig, read_key
from transforms.outcome import Outcome, attempt

if TYPE_CHECKING:
    from transforms.anonymize.text import Detectors, TextAnonymizer

_STAGE = "anonymize"


class Anonymize:
    """The transform of the stage. Anonymizers are built when a repository is first met."""

    def __init__(self, config: AnonymizeConfig) -> None:
        self._config = config
        self._key = b""
        self._detectors: Detectors | None = None
        self._table: pa.Table | None = None
        self._identities: dict[str, list[Identity]] = {}
        self._anonymizers: dict[str, TextAnonymizer] = {}

    def open(self) -> None:
        """Read the key and build what all repositories share. Raises ConfigError for the key."""
        from transforms.anonymize.text import Detectors

        self._key = read_key(Path(self._config.key_file))
        self._detectors = Detectors(self._config)

    def use(self, identities: pa.Table) -> None:
        """Set whose names to look for; the columns are those of `RepositoryIdentity`."""
        if self._table is not None and self._table.equals(identities):
            return
        self._table, self._identities, self._anonymizers = identities, {}, {}
        for row in identities.select(["repo", "name", "email"]).to_pylist():
            person = Identity(name=row["name"], email=row["email"])
            self._identities.setdefault(row["repo"], []).append(person)

    def apply(self, table: str, batch: pa.RecordBatch) -> Outcome[Any]:
        """Rows of `pull_requests` or `source_files`, anonymized or rejected."""
        if table == "pull_requests":
            rows = to_rows(PullRequest, batch)
            return self._without_names(attempt(rows, self._pull_request, stage=_STAGE, table=table))
        if table == "source_files":
            files = to_rows(SourceFile, batch)
            return self._without_names(attempt(files, self._source_file, stage=_STAGE, table=table))
        raise StageError(f"anonymize reads pull_requests and source_files, not {table!r}")

    def _without_names(self, outcome: Outcome[Any]) -> Outcome[Any]:
        """A rejected row names its repository, which the deny-list may name."""
        rejected = [
            replace(row, repo=self._anonymizer(row.repo).code_names(row.repo))
            for row in outcome.rejected
        ]
        return Outcome(kept=outcome.kept, rejected=rejected)

    def _pull_request(self, row: PullRequest) -> PullRequest:
        return anonymize_pull_request(row, self._anonymizer(row.repo))

    def _source_file(self, row: SourceFile) -> SourceFile:
        return anonymize_source_file(row, self._anonymizer(row.repo))

    def _anonymizer(self, repo: str) -> "TextAnonymizer":
        if self._detectors is None:
            raise StageError("Anonymize.open() was not called before apply()")
        if repo not in self._anonymizers:
            from transforms.anonymize.text import TextAnonymizer

            people = self._identities.get(repo, [])
            self._anonymizers[repo] = TextAnonymizer(
                self._config, self._key, people, self._detectors
            )
        return self._anonymizers[repo]


def anonymize_pull_request(row: PullRequest, anonymizer: "TextAnonymizer") -> PullRequest:
    """The pull request without personal data. Raises RowError as the stage's docstring says."""
    from transforms.anonymize.changes import anonymize_change

    secrets = set().union(*(_secrets(change, anonymizer) for change in row.files))

    def prose(text: str) -> str:
        return anonymizer.text(anonymizer.without_secrets(text, secrets), prose=True)

    return replace(
        row,
        repo=anonymizer.code_names(row.repo),
        title=prose(row.title),
        body=prose(row.body),
        author=anonymizer.identity(row.author),
        commits=tuple(_commit(commit, anonymizer, prose) for commit in row.commits),
        files=tuple(anonymize_change(change, anonymizer) for change in row.files),
        linked_issues=tuple(_issue(issue, anonymizer, prose) for issue in row.linked_issues),
        events=tuple(_event(event, anonymizer, prose) for event in row.events),
        labels=tuple(prose(label) for label in row.labels),
    )


def anonymize_source_file(row: SourceFile, anonymizer: "TextAnonymizer") -> SourceFile:
    """The file without personal data, its bytes counted anew. Raises RowError likewise."""
    from transforms.anonymize.syntax import anonymize_code

    (text,) = anonymize_code(anonymizer, [row.text], row.language)
    return replace(
        row,
        repo=anonymizer.code_names(row.repo),
        path=anonymizer.path(row.path),
        package=anonymizer.path(row.package),
        text=text,
        num_bytes=len(text.encode()),
    )


def _secrets(change: FileChange, anonymizer: "TextAnonymizer") -> set[str]:
    """What the change's files assign to a password or token, and its prose may quote."""
    added = "\n".join(line[1:] for line in change.patch.split("\n"))
    return anonymizer.secrets(added) | anonymizer.secrets(change.base_content or "")


def _commit(commit: Commit, anonymizer: "TextAnonymizer", prose: Callable[[str], str]) -> Commit:
    author = anonymizer.identity(commit.author)
    return replace(commit, message=prose(commit.message), author=author)


def _issue(
    issue: LinkedIssue, anonymizer: "TextAnonymizer", prose: Callable[[str], str]
) -> LinkedIssue:
    """Another repository's owner may be a person."""
    repo = None if issue.repo is None else anonymizer.path(anonymizer.code_names(issue.repo))
    return replace(issue, title=prose(issue.title), body=prose(issue.body), repo=repo)


def _event(
    event: PullRequestEvent, anonymizer: "TextAnonymizer", prose: Callable[[str], str]
) -> PullRequestEvent:
    return replace(
        event,
        author=anonymizer.identity(event.author),
        text=prose(event.text),
        path=None if event.path is None else anonymizer.path(event.path),
        diff_hunk=None if event.diff_hunk is None else prose(event.diff_hunk),
    )
