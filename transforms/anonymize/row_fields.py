"""One row of mine, field by field. In: a row, the anonymizer of its repository. Out: a row.

    rows = RowAnonymizer(text_anonymizer, config, key)
    rows.pull_request(row)

Every string that a person wrote is replaced through; SHAs and times as the profile says.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from schemas.discussion import LinkedIssue, PullRequestEvent
from schemas.errors import RowError
from schemas.tables import Commit, FileChange, PullRequest, SourceFile
from transforms.anonymize.changes import anonymize_change
from transforms.anonymize.code_names import CodeNames
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.notices import with_notices
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.quasi_identifiers import keyed_id, round_down
from transforms.anonymize.shaped_pseudonyms import commit_sha
from transforms.anonymize.syntax import anonymize_code
from transforms.patch import apply_hunks, parse_hunks

if TYPE_CHECKING:
    from transforms.anonymize.text import TextAnonymizer


class RowAnonymizer:
    """The rows of one repository."""

    def __init__(self, text: "TextAnonymizer", config: AnonymizeConfig, key: bytes) -> None:
        self.text = text
        self._config, self._key = config, key
        self._pseudonyms = Pseudonyms(key)
        # As shards and the settings of `mix` are named, which know of no survey.
        self._repositories = CodeNames(config.deny_list, key)

    def repository(self, repo: str) -> str:
        """The name of a repository without code names."""
        return self._repositories.replace(repo)

    def row_id(self, row_id: str) -> str:
        """The id that a row has from now on."""
        return keyed_id(self._key, row_id) if self._config.keyed_ids else row_id

    def pull_request(self, row: PullRequest) -> PullRequest:
        """The pull request without personal data. Raises RowError as the stage's docstring says."""
        secrets = set().union(*(self._secrets(change) for change in row.files))

        def prose(text: str) -> str:
            return self.text.text(self.text.without_secrets(text, secrets), prose=True)

        keep_notices = self._config.keep_notices
        return replace(
            row,
            pr_id=self.row_id(row.pr_id),
            repo=self.repository(row.repo),
            title=prose(row.title),
            body=prose(row.body),
            author=self.text.identity(row.author),
            base_commit=self._sha(row.base_commit),
            head_commit=self._sha(row.head_commit),
            merge_commit=None if row.merge_commit is None else self._sha(row.merge_commit),
            created_at=self._time(row.created_at),
            merged_at=None if row.merged_at is None else self._time(row.merged_at),
            closed_at=None if row.closed_at is None else self._time(row.closed_at),
            commits=tuple(self._commit(commit, prose) for commit in row.commits),
            files=tuple(anonymize_change(file, self.text, keep_notices) for file in row.files),
            linked_issues=tuple(self._issue(issue, prose) for issue in row.linked_issues),
            events=tuple(self._event(event, prose) for event in row.events),
            labels=tuple(prose(label) for label in row.labels),
            reverts=tuple(map(self._sha, row.reverts)),
            reverted_by=None if row.reverted_by is None else self._sha(row.reverted_by),
            cherry_picked_from=tuple(map(self._sha, row.cherry_picked_from)),
        )

    def source_file(self, row: SourceFile) -> SourceFile:
        """The file without personal data, its bytes counted anew. Raises RowError likewise."""
        (text,) = anonymize_code(self.text, [row.text], row.language)
        if row.is_vendored and self._config.keep_notices:
            text = with_notices(row.text, text)
        return replace(
            row,
            file_id=self.row_id(row.file_id),
            repo=self.repository(row.repo),
            path=self.text.path(row.path),
            package=self.text.path(row.package),
            text=text,
            num_bytes=len(text.encode()),
        )

    def _secrets(self, change: FileChange) -> set[str]:
        """What the change's files assign to a password or token, and its prose may quote."""
        base = change.base_content or ""
        try:
            head = apply_hunks(base, parse_hunks(change.patch))
        except RowError:
            head = "\n".join(line[1:] for line in change.patch.split("\n"))
        return set().union(*(self.text.secrets(text, change.language) for text in (base, head)))

    def _commit(self, commit: Commit, prose: Callable[[str], str]) -> Commit:
        return replace(
            commit,
            sha=self._sha(commit.sha),
            message=prose(commit.message),
            author=self.text.identity(commit.author),
            authored_at=self._time(commit.authored_at),
        )

    def _issue(self, issue: LinkedIssue, prose: Callable[[str], str]) -> LinkedIssue:
        """Another repository's owner may be a person."""
        repo = None if issue.repo is None else self.text.path(self.text.code_names(issue.repo))
        return replace(issue, title=prose(issue.title), body=prose(issue.body), repo=repo)

    def _event(self, event: PullRequestEvent, prose: Callable[[str], str]) -> PullRequestEvent:
        return replace(
            event,
            author=self.text.identity(event.author),
            created_at=self._time(event.created_at),
            text=prose(event.text),
            path=None if event.path is None else self.text.path(event.path),
            diff_hunk=None if event.diff_hunk is None else prose(event.diff_hunk),
            commit=None if event.commit is None else self._sha(event.commit),
        )

    def _sha(self, value: str) -> str:
        """A SHA, or what stands where a row has one: "", "#12"."""
        is_kept = self._config.commit_shas == "keep"
        return value if is_kept else commit_sha(value, self._pseudonyms)

    def _time(self, moment: datetime) -> datetime:
        return round_down(moment, self._config.times)
