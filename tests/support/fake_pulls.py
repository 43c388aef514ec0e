"""Invented pull requests, and how GitHub's two APIs tell them. In: `Pull`s. Out: JSON values.

rest_pull(pull)["user"]["login"] == graphql_pull(pull)["author"]["login"]
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC)
REPO = "acme/shop"
SIZES = {"labels": 20, "files": 50, "reviews": 20, "comments": 50, "closingIssuesReferences": 20}
"""How much of each list comes with a pull request."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who wrote something; None stands for a deleted account."""

    login: str
    is_bot: bool = False


MONA = Account(login="mona")
ROBOT = Account(login="fixer", is_bot=True)


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment on a pull request, or at a line of it."""

    number: int
    at: int
    """Seconds after EPOCH."""
    body: str = "Looks right."
    author: Account | None = MONA
    path: str = "shop/cart.py"


@dataclass(frozen=True, kw_only=True)
class Review:
    """A review with its comments."""

    number: int
    at: int
    state: str = "APPROVED"
    body: str = "Nice."
    author: Account | None = MONA
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pull:
    """A pull request."""

    number: int
    updated: int
    title: str = "Round prices"
    body: str | None = "Prices were cut.\r\nNow they are rounded."
    author: Account | None = MONA
    state: str = "MERGED"
    labels: tuple[str, ...] = ("bug",)
    comments: tuple[Comment, ...] = ()
    reviews: tuple[Review, ...] = ()
    closes: tuple[int, ...] = ()
    checks: str | None = "SUCCESS"
    num_files: int = 2

    @property
    def head(self) -> str:
        """The commit of its branch."""
        return sha("head", self.number)


def sha(*parts: object) -> str:
    """A commit's name."""
    return hashlib.sha1(repr(parts).encode()).hexdigest()


def at(seconds: int) -> str:
    """A time as GitHub writes it."""
    return (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def rest_user(account: Account | None) -> dict[str, Any] | None:
    if account is None:
        return {"login": "ghost", "type": "User"}
    login = f"{account.login}[bot]" if account.is_bot else account.login
    return {"login": login, "type": "Bot" if account.is_bot else "User"}


def rest_pull(pull: Pull) -> dict[str, Any]:
    is_merged, is_open = pull.state == "MERGED", pull.state == "OPEN"
    return {
        "number": pull.number,
        "title": pull.title,
        "body": pull.body or None,
        "state": "open" if is_open else "closed",
        "merged": is_merged,
        "user": rest_user(pull.author),
        "base": {"sha": sha("base", pull.number)},
        "head": {"sha": pull.head},
        "merge_commit_sha": sha("merge", pull.number),
        "labels": [{"name": name} for name in pull.labels],
        "created_at": at(0),
        "updated_at": at(pull.updated),
        "merged_at": at(pull.updated) if is_merged else None,
        "closed_at": None if is_open else at(pull.updated),
    }


def rest_issue(pull: Pull) -> dict[str, Any]:
    """A pull request in the list of issues."""
    keys = ("number", "title", "body", "state", "user", "updated_at")
    return {key: rest_pull(pull)[key] for key in keys} | {"pull_request": {"url": "u"}}


def rest_comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.number,
        "user": rest_user(comment.author),
        "body": comment.body,
        "created_at": at(comment.at),
    }


def rest_review_comment(pull: Pull, comment: Comment) -> dict[str, Any]:
    return rest_comment(comment) | {
        "path": comment.path,
        "original_commit_id": pull.head,
        "original_line": comment.number,
        "line": None,
        "diff_hunk": "@@ -1 +1 @@",
    }


def rest_review(pull: Pull, review: Review) -> dict[str, Any]:
    return {
        "id": review.number,
        "user": rest_user(review.author),
        "state": review.state,
        "body": review.body,
        "submitted_at": at(review.at),
        "commit_id": pull.head,
    }


def rest_check_runs(pull: Pull) -> list[dict[str, Any]]:
    if pull.checks in (None, "ERROR"):
        return []
    if pull.checks == "PENDING":
        return [{"status": "in_progress", "conclusion": None}]
    return [{"status": "completed", "conclusion": str(pull.checks).lower()}]


def rest_statuses(pull: Pull) -> list[dict[str, Any]]:
    return [{"state": "error"}] if pull.checks == "ERROR" else []


def actor(account: Account | None) -> dict[str, Any] | None:
    if account is None:
        return None
    return {"__typename": "Bot" if account.is_bot else "User", "login": account.login}


def page(nodes: Sequence[dict[str, Any]], size: int, after: str | None = None) -> dict[str, Any]:
    """A list's page after a cursor, which is a count here."""
    start = int(after or 0)
    part = list(nodes[start : start + size])
    info = {"hasNextPage": start + size < len(nodes), "endCursor": str(start + len(part))}
    return {"nodes": part, "pageInfo": info}


def graphql_comment(comment: Comment) -> dict[str, Any]:
    return {
        "fullDatabaseId": str(comment.number),
        "author": actor(comment.author),
        "body": comment.body,
        "createdAt": at(comment.at),
    }


def graphql_review_comment(pull: Pull, comment: Comment) -> dict[str, Any]:
    return graphql_comment(comment) | {
        "path": comment.path,
        "originalLine": comment.number,
        "diffHunk": "@@ -1 +1 @@",
        "originalCommit": {"oid": pull.head},
    }


def graphql_review(pull: Pull, review: Review, num_comments: int = 20) -> dict[str, Any]:
    comments = [graphql_review_comment(pull, comment) for comment in review.comments]
    return {
        "id": f"review-{pull.number}-{review.number}",
        "fullDatabaseId": str(review.number),
        "author": actor(review.author),
        "state": review.state,
        "body": review.body,
        "submittedAt": at(review.at),
        "commit": {"oid": pull.head},
        "comments": page(comments, num_comments),
    }


def graphql_lists(pull: Pull) -> dict[str, list[dict[str, Any]]]:
    """Every list of a pull request, whole."""
    return {
        "labels": [{"name": name} for name in pull.labels],
        "files": [{"path": f"shop/{i}.py"} for i in range(pull.num_files)],
        "reviews": [graphql_review(pull, review) for review in pull.reviews],
        "comments": [graphql_comment(comment) for comment in pull.comments],
        "closingIssuesReferences": [
            {"number": n, "title": f"Bug {n}", "body": "It is.", "repository": None}
            for n in pull.closes
        ],
    }


def graphql_pull(pull: Pull) -> dict[str, Any]:
    is_merged, is_open = pull.state == "MERGED", pull.state == "OPEN"
    rollup = {"state": pull.checks} if pull.checks else None
    lists = {name: page(nodes, SIZES[name]) for name, nodes in graphql_lists(pull).items()}
    return lists | {
        "id": f"pull-{pull.number}",
        "number": pull.number,
        "title": pull.title,
        "body": pull.body or "",
        "state": pull.state,
        "merged": is_merged,
        "createdAt": at(0),
        "updatedAt": at(pull.updated),
        "mergedAt": at(pull.updated) if is_merged else None,
        "closedAt": None if is_open else at(pull.updated),
        "author": actor(pull.author),
        "baseRefOid": sha("base", pull.number),
        "headRefOid": pull.head,
        "mergeCommit": {"oid": sha("merge", pull.number)} if is_merged else None,
        "lastCommit": {"nodes": [{"commit": {"oid": pull.head, "statusCheckRollup": rollup}}]},
    }
