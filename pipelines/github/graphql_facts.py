"""Facts from GraphQL answers. In: a page and its follow-ups, parsed. Out: `PullRequestFacts`.

    facts_of_nodes([page, follow_up, ...], 12)  ->  PullRequestFacts(number=12, ...)

Pure: the queries are in `pipelines.github.graphql`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.github.answers import (
    in_time_order,
    integer,
    items,
    mapping,
    person,
    person_kind,
    sha,
    text,
    time,
)
from pipelines.github.facts import PullRequestFacts
from schemas.discussion import LinkedIssue, PullRequestEvent

CHECKS = {
    "SUCCESS": "success",
    "FAILURE": "failure",
    "ERROR": "error",
    "PENDING": "pending",
    "EXPECTED": "pending",
}


def facts_of_nodes(answers: Sequence[Any], number: int) -> PullRequestFacts | None:
    """The facts of one pull request; None when the first answer does not hold it.

    Later answers continue the lists that did not fit into the first.
    """
    for repo, node in nodes_of_page(answers[0]) if answers else ():
        if integer(node.get("number")) == number:
            return facts_of_node(repo, node, answers[1:])
    return None


def nodes_of_page(answer: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """(repository name, pull request) of a page or of a query by numbers."""
    repository = mapping(data_of(answer).get("repository"))
    repo = text(repository.get("nameWithOwner")) or ""
    edges = items(mapping(repository.get("pullRequests")).get("edges"))
    aliases = [value for key, value in repository.items() if number_of_alias(key) is not None]
    for node in [*(edge.get("node") for edge in edges), *aliases]:
        if isinstance(node, dict) and integer(node.get("number")) is not None:
            yield repo, node


def number_of_alias(key: Any) -> int | None:
    """12 of "pr12"; None for other fields."""
    is_alias = isinstance(key, str) and key.startswith("pr") and key[2:].isdecimal()
    return int(key[2:]) if is_alias else None


def data_of(answer: Any) -> dict[str, Any]:
    """The data of an answer; {} where there is none."""
    return mapping(mapping(answer).get("data"))


def facts_of_node(repo: str, node: dict[str, Any], answers: Sequence[Any]) -> PullRequestFacts:
    """The facts of one pull request, given as it came, with the follow-ups to it."""
    more = [mapping(data_of(answer).get("node")) for answer in answers]
    login, kind = _author(node)
    is_merged = node.get("merged") is True
    labels = (text(label.get("name")) for label in _nodes(node, "labels", more))
    issues = [_issue(repo, issue) for issue in _nodes(node, "closingIssuesReferences", more)]
    return PullRequestFacts(
        number=integer(node.get("number")) or 0,
        source="github",
        title=text(node.get("title")),
        body=text(node.get("body")),
        state="merged" if is_merged else "unmerged",
        author=person(login, kind),
        author_kind=person_kind(login, kind),
        base_sha=sha(node.get("baseRefOid")),
        head_sha=sha(node.get("headRefOid")),
        merge_sha=_oid(node.get("mergeCommit")) if is_merged else None,
        created_at=time(node.get("createdAt")),
        merged_at=time(node.get("mergedAt")),
        closed_at=time(node.get("closedAt")),
        updated_at=time(node.get("updatedAt")),
        labels=tuple(sorted(label for label in labels if label)),
        checks=_checks(node),
        linked_issues=tuple(issue for issue in issues if issue.number),
        events=in_time_order([*_reviews(node, more), *_comments(node, more)]),
    )


def _nodes(
    holder: dict[str, Any], connection: str, more: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The nodes of a list, and those that follow-up answers bring for it."""
    parts = [part for part in more if part.get("id") == holder.get("id") is not None]
    for part in [holder, *parts]:
        yield from items(mapping(part.get(connection)).get("nodes"))


def _author(node: dict[str, Any]) -> tuple[Any, Any]:
    author = mapping(node.get("author"))
    return author.get("login"), author.get("__typename")


def _oid(value: Any) -> str | None:
    return sha(mapping(value).get("oid"))


def _issue(repo: str, issue: dict[str, Any]) -> LinkedIssue:
    where = text(mapping(issue.get("repository")).get("nameWithOwner")) or repo
    return LinkedIssue(
        number=integer(issue.get("number")) or 0,
        title=text(issue.get("title")) or "",
        body=text(issue.get("body")) or "",
        repo=None if where.lower() == repo.lower() else where,
        evidence="reference",
    )


def _checks(node: dict[str, Any]) -> str | None:
    for commit in items(mapping(node.get("lastCommit")).get("nodes")):
        rollup = mapping(mapping(commit.get("commit")).get("statusCheckRollup"))
        return CHECKS.get(text(rollup.get("state")) or "")
    return None


def _comments(
    node: dict[str, Any], more: list[dict[str, Any]]
) -> Iterator[tuple[int | None, PullRequestEvent]]:
    for comment in _nodes(node, "comments", more):
        yield from _event(comment, kind="comment", at="createdAt")


def _reviews(
    node: dict[str, Any], more: list[dict[str, Any]]
) -> Iterator[tuple[int | None, PullRequestEvent]]:
    for review in _nodes(node, "reviews", more):
        state = (text(review.get("state")) or "").lower() or None
        yield from _event(
            review,
            kind="review",
            at="submittedAt",
            review_state=state,
            commit=_oid(review.get("commit")),
        )
        for comment in [] if state == "pending" else _nodes(review, "comments", more):
            yield from _event(
                comment,
                kind="review_comment",
                at="createdAt",
                path=text(comment.get("path")),
                commit=_oid(comment.get("originalCommit")),
                line=integer(comment.get("originalLine")),
                diff_hunk=text(comment.get("diffHunk")),
            )


def _event(
    node: dict[str, Any], *, kind: str, at: str, path: str | None = None, **more: Any
) -> Iterator[tuple[int | None, PullRequestEvent]]:
    created_at, (login, actor) = time(node.get(at)), _author(node)
    if created_at is not None:
        yield (
            integer(node.get("fullDatabaseId")),
            PullRequestEvent(
                kind=kind,
                author=person(login, actor),
                author_kind=person_kind(login, actor) or "unknown",
                created_at=created_at,
                text=text(node.get("body")) or "",
                path=path,
                **more,
            ),
        )
