"""Rows of `pull_requests`. In: candidates of a shard. Out: `PullRequest`s, or reasons.

Work goes in chunks, each with a few calls of git: read the commits, compare their trees within
limits, read the files on the base side. What GitHub knows is laid over each row, then the rules of
the profile decide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipelines.mine.candidates import Candidate
from pipelines.mine.commits import RawCommit, to_datetime
from pipelines.mine.comparisons import compare_trees
from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import FileDiff, Pair
from pipelines.mine.file_changes import read_file_changes
from pipelines.mine.git import GitRepository
from pipelines.mine.join import join_row
from pipelines.mine.messages import (
    linked_issue_numbers,
    parse_cherry_picks,
    parse_reverts,
    title_and_body,
)
from pipelines.mine.scope import PathScope
from pipelines.mine.squashes import with_landed_change
from schemas.discussion import Identity, LinkedIssue
from schemas.errors import RowError
from schemas.ids import stable_id
from schemas.reasons import Reason
from schemas.tables import Commit, PullRequest
from transforms.filters.bots import is_bot
from transforms.filters.rule import RepositoryFacts
from transforms.filters.rules import RuleSet, rules_of
from transforms.outcome import Outcome, attempt

if TYPE_CHECKING:
    from pipelines.mine.shards import MineShard

_CHUNK = 4
"""At most 4 x (max_total_bytes + max_patch_bytes) of text are in memory."""


@dataclass(frozen=True, kw_only=True)
class PullRequestCandidate:
    """A candidate with the columns that a rejected row needs."""

    pr_id: str
    repo: str
    source: str
    license: str
    candidate: Candidate


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What all pull requests of a shard are read with."""

    repo: str
    license: str
    scope: PathScope
    config: MineConfig
    rules: RuleSet
    facts: RepositoryFacts

    @classmethod
    def of_shard(cls, shard: "MineShard", config: MineConfig) -> "Reading":
        """What a shard says, with the rules of the profile."""
        return cls(
            repo=shard.repo,
            license=shard.license,
            scope=shard.scope,
            config=config,
            rules=rules_of(config.profile, config.rules),
            facts=shard.facts,
        )


def read_pull_requests(
    repository: GitRepository, items: Sequence[tuple[Any, ...]], reading: Reading
) -> Iterator[Outcome[PullRequest]]:
    """Outcomes of at most 4 rows, in the order of the items (tuples of `Candidate`)."""
    for start in range(0, len(items), _CHUNK):
        candidates = [Candidate(*item) for item in items[start : start + _CHUNK]]
        chunk = _Chunk(repository, candidates, reading)
        rows = [_row(candidate, reading) for candidate in candidates]
        yield attempt(rows, chunk.build, stage="mine", table="pull_requests")


def _row(candidate: Candidate, reading: Reading) -> PullRequestCandidate:
    return PullRequestCandidate(
        pr_id=stable_id("pull_request", reading.repo, candidate.number),
        repo=reading.repo,
        source="git",
        license=reading.license,
        candidate=candidate,
    )


class _Chunk:
    """What git says about some candidates, read for all of them at once."""

    def __init__(
        self, repository: GitRepository, candidates: Sequence[Candidate], reading: Reading
    ) -> None:
        self._repository = repository
        self._reading = reading
        self._config = reading.config
        self._errors = {c.number: e for c in candidates if (e := self._without_reading(c))}
        self._commits: dict[str, RawCommit] = {}
        self._read_commits([c for c in candidates if c.number not in self._errors])
        self._candidates = {c.number: self._landed(c) for c in candidates}
        self._diffs: dict[int, list[FileDiff]] = {}
        self._sizes: dict[str, int] = {}
        self._read_diffs()

    def build(self, row: PullRequestCandidate) -> PullRequest:
        """One row. Raises RowError with the reason why it cannot be one."""
        candidate = self._candidates[row.candidate.number]
        if candidate.number in self._errors:
            raise self._errors[candidate.number]
        built = self._from_git(row, candidate)
        if candidate.sources:
            from pipelines.github.read import read_facts

            archive = self._config.github_archive
            facts = read_facts(archive, candidate.sources, candidate.number)
            built = join_row(built, facts, self._reading.scope)
        if self._config.drop_bots and built.author_kind == "bot":
            raise RowError(Reason.BOT)
        return self._reading.rules.apply(built, self._reading.facts)

    def _from_git(self, row: PullRequestCandidate, candidate: Candidate) -> PullRequest:
        series = [self._commit(sha) for sha in candidate.commits]
        merged = self._commits.get(candidate.merge_commit or "")
        is_squash = merged is not None and candidate.merge_kind == "squash"
        opener = merged if is_squash and merged is not None else series[0]
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
            author_kind="bot" if is_bot(opener.author.name, opener.author.email) else "unknown",
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
            reverts=parse_reverts(told),
            reverted_by=candidate.reverted_by,
            cherry_picked_from=parse_cherry_picks(told),
        )

    def _without_reading(self, candidate: Candidate) -> RowError | None:
        """Why a candidate is no row, where that is known before anything is read."""
        if candidate.defect == Reason.NO_PULL_REQUEST:
            return RowError(Reason.NO_PULL_REQUEST)
        if candidate.state != "merged" and not self._config.include_unmerged:
            return RowError(Reason.NOT_MERGED, f"state {candidate.state}")
        return RowError(Reason(candidate.defect)) if candidate.defect else None

    def _read_commits(self, candidates: Sequence[Candidate]) -> None:
        self._keep_commits({sha for c in candidates for sha in (*c.commits, *_ends(c))})
        squashes = [c.merge_commit for c in candidates if c.merge_kind == "squash"]
        known = [self._commits[sha] for sha in squashes if sha in self._commits]
        self._keep_commits({sha for commit in known for sha in commit.parents})

    def _keep_commits(self, shas: set[str]) -> None:
        limit = self._config.max_message_bytes
        for sha, commit in self._repository.read_commits(sorted(shas - self._commits.keys())):
            if commit is not None:
                self._commits[sha] = replace(commit, message=_cut(commit.message, limit))

    def _landed(self, candidate: Candidate) -> Candidate:
        if candidate.number in self._errors or candidate.merge_kind != "squash":
            return candidate
        return with_landed_change(
            self._repository, candidate, self._commits, self._reading.scope, self._config
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

    def _read_diffs(self) -> None:
        candidates = [c for c in self._candidates.values() if c.number not in self._errors]
        pairs = {c.number: pair for c in candidates if (pair := self._trees(c)) is not None}
        compared = compare_trees(
            self._repository, list(pairs.values()), self._config, self._reading.scope
        )
        self._sizes = compared.sizes
        for number, result in zip(pairs, compared.results, strict=True):
            if isinstance(result, RowError):
                self._errors[number] = result
            else:
                self._diffs[number] = result

    def _trees(self, candidate: Candidate) -> Pair | None:
        result = self._commits.get(candidate.result)
        base = self._commits.get(candidate.base or "")
        if result is None or (candidate.base is not None and base is None):
            self._errors[candidate.number] = RowError(Reason.MISSING_COMMIT)
            return None
        empty = self._repository.empty_tree(result.tree)
        return base.tree if base else empty, result.tree


def _ends(candidate: Candidate) -> list[str]:
    ends = (candidate.result, candidate.base, candidate.merge_commit)
    return [sha for sha in ends if sha is not None]


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
