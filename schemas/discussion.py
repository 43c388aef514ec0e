"""Who said what about a change, and where we know it from. In: nothing. Out: parts of rows.

    PullRequestEvent(kind="review", author=..., review_state="approved", ...)

Names and addresses are raw in mine's output and pseudonyms after anonymize.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A person or a program: as git names it, or a login with the address its host gives it."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class LinkedIssue:
    """An issue that the pull request closes."""

    number: int
    title: str
    body: str
    repo: str | None = None
    """"owner/name" where it is another repository's issue."""
    evidence: str = "keyword"
    """"reference" (the host links the two) or "keyword" ("Fixes #7" in text)."""


@dataclass(frozen=True, kw_only=True)
class PullRequestEvent:
    """A review or comment on a pull request; `PullRequest.events` is in time order."""

    kind: str
    """"comment", "review" or "review_comment"."""
    author: Identity
    created_at: datetime
    text: str
    path: str | None
    """The file that a review comment stands at."""
    author_kind: str = "unknown"
    """"user", "bot" or "unknown"."""
    review_state: str | None = None
    """Of a review: "approved", "changes_requested", "commented", "dismissed" or "pending"."""
    commit: str | None = None
    """The commit that a review or review comment speaks of."""
    line: int | None = None
    """The line of the file that a review comment stands at, counted from 1."""
    diff_hunk: str | None = None
    """The hunk that a review comment stands at."""


@dataclass(frozen=True, kw_only=True)
class FieldSource:
    """Where a field of a row comes from."""

    field: str
    source: str
    """"git", "github" or "gharchive"."""
