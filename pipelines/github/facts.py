"""What is known of a pull request beyond git. In: answers of GitHub. Out: `PullRequestFacts`.

None is "not known"; "" and () are known to be empty. `pipelines.mine.join` lays facts over what git
shows.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas.discussion import Identity, LinkedIssue, PullRequestEvent


@dataclass(frozen=True, kw_only=True)
class PullRequestFacts:
    """One pull request as a source other than git tells it."""

    number: int
    source: str
    """"github" or "gharchive"."""
    title: str | None = None
    body: str | None = None
    state: str | None = None
    """"merged" or "unmerged" (turned down, or still open)."""
    author: Identity | None = None
    author_kind: str | None = None
    """"user" or "bot"."""
    base_sha: str | None = None
    """The base branch's commit when the pull request was last looked at; not the fork point."""
    head_sha: str | None = None
    merge_sha: str | None = None
    """The commit that brought it in."""
    created_at: datetime | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    updated_at: datetime | None = None
    labels: tuple[str, ...] | None = None
    checks: str | None = None
    linked_issues: tuple[LinkedIssue, ...] | None = None
    events: tuple[PullRequestEvent, ...] | None = None
    """In time order, then as GitHub numbers them."""
    merge_source: str | None = None
    """Where the state and the times of merging and closing come from, if not from `source`."""


@dataclass(frozen=True, kw_only=True)
class KnownPullRequest:
    """What the plan of `mine` needs of a pull request, and where the rest lies."""

    number: int
    state: str | None
    base_sha: str | None
    head_sha: str | None
    merge_sha: str | None
    sources: tuple[str, ...]
    """Addresses of the raw material in the archive; equal sources tell equal facts."""
    heard_at: datetime | None = None
    """The time of the latest event about it, of what GH Archive tells."""
