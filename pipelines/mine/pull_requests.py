"""Rows of `pull_requests`. In: candidates of a shard. Out: `PullRequest`s, or reasons.

Work goes in chunks, each with a few calls of git: read the commits, compare their trees within
limits, read the files on the base side.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipelines.mine.candidates import Candidate
from pipelines.mine.commits import RawCommit, to_datetime
from pipelines.mine.comparisons import compare_trees
from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import FileDiff, Pair
from pipelines.mine.file_changes import read_file_changes
from pipelines.mine.git import GitRepository
from pipelines.mine.messages import linked_issue_numbers, title_and_body
from schemas.discussion import Identity, LinkedIssue
from schemas.errors import RowError
from schemas.ids import stable_id
from schemas.reasons import Reason
from schemas.tables import Commit, PullRequest
from transforms.outcome import Outcome, attempt

_CHUNK = 16
"""At most 16 x (max_total_bytes + max_patch_bytes) of text are in memory."""
_BOT_NAMES = frozenset(
    {"dependabot", "dependabot-preview", "dependabot-support", "github-actions", "greenkeeper"}
    | {"pre-commit-ci", "pyup-bot", "renovate-bot", "snyk-bot", "imgbot"}
)


@dataclass(frozen=True, kw_only=True)
class PullRequestCandidate:
    """A candidate with the columns that a rejected row needs."""

    pr_id: str
    repo: str
    source: str
    license: str
    candidate: Candidate


def read_pull_requests(
    repository: GitRepository,
    items: Sequence[tuple[Any, ...]],
    *,
    repo: str,
    license: str,
    config: MineConfig,
) -> Iterator[Outcome[PullRequest]]:
    """Outcomes of at most 16 rows, in the order of the items (tuples of `Candidate`)."""
    for start in range(0, len(items), _CHUNK):
        candidates = [Candidate(*item) for item in items[start : start + _CHUNK]]
        rows = [
            PullRequestCandidate(
                pr_id=stable_id("pull_request", repo, candidate.number, candidate.head),
                repo=repo,
                source="git",
                license=license,
                candidate=candidate,
            )
            for candidate in candidates
        ]
        chunk = _Chunk(repository, candidates, config)
        yield attempt(rows, chunk.build, stage="mine", table="pull_requests")


class _Chunk:
    """What git says about some candidates, read for all of them at once."""

    def __init__(
        self, repository: GitRepository, candidates: Sequence[Candidate], config: MineConfig
    ) -> None:
        self._repository = repository
        self._config = config
        wanted = {sha for c in candidates for sha in (*c.commits, *_ends(c))}
        self._commits = {
            sha: replace(commit, message=_cut(commit.message, config.max_message_bytes))
            for sha, commit in repository.read_commits(sorted(wanted))
            if commit is not None
        }
        self._errors: dict[int, RowError] = {}
        self._diffs: dict[int, list[FileDiff]] = {}
        self._sizes: dict[str, int] = {}
        self._read_diffs(candidates)

    def build(self, row: PullRequestCandidate) -> PullRequest:
        """One row. Raises RowError with the reason why it cannot be one."""
        candidate = row.candidate
        if candidate.number in self._errors:
            raise self._errors[candidate.number]
        series = [self._commit(sha) for sha in candidate.commits]
        opener = self._commit(candidate.result) if candidate.merge_kind == "squash" else series[0]
        if self._config.drop_bots and is_bot(opener.author.name, opener.author.email):
            raise RowError(Reason.BOT)
        merged = self._commits.get(candidate.merge_commit or "")
        title, body = self._title_and_body(candidate, merged, series)
        told = "\n".join([title, body, *(commit.message for commit in series)])
        files = read_file_changes(
            self._repository, self._diffs[candidate.number], self._sizes, self._config
        )
        return PullRequest(
            pr_id=row.pr_id,
            repo=row.repo,
            source=row.source,
            license=row.license,
            number=candidate.number,
            title=title,
            body=body,
            state=candidate.state,
            merge_kind=candidate.merge_kind,
            author=_identity(opener),
            base_commit=candidate.base or "",
            head_commit=candidate.head,
            merge_commit=candidate.merge_commit,
            created_at=to_datetime(series[0].author.time),
            merged_at=to_datetime(merged.committer.time) if merged else None,
            commits=tuple(_commit_row(commit) for commit in series),
            files=files,
            linked_issues=tuple(
                LinkedIssue(number=number, title="", body="")
                for number in linked_issue_numbers(told)
                if number != candidate.number
            ),
            events=(),
        )

    def _commit(self, sha: str) -> RawCommit:
        if sha not in self._commits:
            raise RowError(Reason.MISSING_COMMIT)
        return self._commits[sha]

    def _title_and_body(
        self, candidate: Candidate, merged: RawCommit | None, series: Sequence[RawCommit]
    ) -> tuple[str, str]:
        """From the commit that merged; where it has no title of its own, from the series."""
        if merged is not None and candidate.merge_kind in ("merge", "squash"):
            title, body = title_and_body(merged.message)
            if title:
                return title, body
        return title_and_body(series[0].message)

    def _read_diffs(self, candidates: Sequence[Candidate]) -> None:
        pairs = {c.number: pair for c in candidates if (pair := self._trees(c)) is not None}
        compared = compare_trees(self._repository, list(pairs.values()), self._config)
        self._sizes = compared.sizes
        for number, result in zip(pairs, compared.results, strict=True):
            if isinstance(result, RowError):
                self._errors[number] = result
            else:
                self._diffs[number] = result

    def _trees(self, candidate: Candidate) -> Pair | None:
        ends = [self._commits.get(sha) for sha in _ends(candidate)]
        result = ends[0]
        if result is None or None in ends or not candidate.is_complete:
            self._errors[candidate.number] = RowError(Reason.MISSING_COMMIT)
            return None
        base = self._commits.get(candidate.base or "")
        empty = self._repository.empty_tree(result.tree)
        return base.tree if base else empty, result.tree


def is_bot(name: str, email: str) -> bool:
    """Whether an author is a program: GitHub's "[bot]" mark, or one of a few known names."""
    return "[bot]" in name or "[bot]" in email or name.lower() in _BOT_NAMES


def _ends(candidate: Candidate) -> list[str]:
    ends = [candidate.result, candidate.merge_commit, candidate.base]
    return [sha for sha in ends if sha]


def _cut(text: str, max_bytes: int) -> str:
    """The text's first bytes in UTF-8, without half a character at the end."""
    return text.encode("utf-8", "replace")[:max_bytes].decode("utf-8", "ignore")


def _identity(commit: RawCommit) -> Identity:
    return Identity(name=commit.author.name, email=commit.author.email)


def _commit_row(commit: RawCommit) -> Commit:
    return Commit(
        sha=commit.sha,
        message=commit.message,
        author=_identity(commit),
        authored_at=to_datetime(commit.author.time),
    )
