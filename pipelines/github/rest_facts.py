"""Facts from REST answers. In: (part, parsed answer) of one pull request. Out: `PullRequestFacts`.

    facts_of_answers([("pull", {...}), ("reviews", [...]), ("comments", [...])], 12)

Pure, and equal to what `graphql_facts` makes of the same pull request, except for the issues that
it closes: REST does not tell them.
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
from schemas.discussion import PullRequestEvent

PARTS: dict[str, str] = {
    "pull": "/repos/{repo}/pulls/{number}",
    "reviews": "/repos/{repo}/pulls/{number}/reviews?per_page=100",
    "review_comments": "/repos/{repo}/pulls/{number}/comments?per_page=100",
    "comments": "/repos/{repo}/issues/{number}/comments?per_page=100",
    "status": "/repos/{repo}/commits/{head}/status?per_page=100",
    "check_runs": "/repos/{repo}/commits/{head}/check-runs?per_page=100",
}
"""By part of what is known of a pull request: where to ask for it. All but "pull" have pages."""

_FAILED = {"failure", "timed_out", "cancelled", "action_required", "startup_failure"}


def facts_of_answers(parts: Sequence[tuple[str, Any]], number: int) -> PullRequestFacts | None:
    """The facts of one pull request; None when no part is that pull request itself."""
    for name, answer in parts:
        if name == "pull" and integer(mapping(answer).get("number")) == number:
            return _facts(answer, parts)
    return None


def _facts(pull: dict[str, Any], parts: Sequence[tuple[str, Any]]) -> PullRequestFacts:
    login, kind = _user(pull)
    is_merged = pull.get("merged") is True or time(pull.get("merged_at")) is not None
    labels = (text(label.get("name")) for label in items(pull.get("labels")))
    body = text(pull.get("body"))
    return PullRequestFacts(
        number=integer(pull.get("number")) or 0,
        source="github",
        title=text(pull.get("title")),
        body="" if body is None and "body" in pull else body,
        state="merged" if is_merged else "unmerged",
        author=person(login, kind),
        author_kind=person_kind(login, kind),
        base_sha=sha(mapping(pull.get("base")).get("sha")),
        head_sha=sha(mapping(pull.get("head")).get("sha")),
        # Of an unmerged one this is the commit of GitHub's own trial merge.
        merge_sha=sha(pull.get("merge_commit_sha")) if is_merged else None,
        created_at=time(pull.get("created_at")),
        merged_at=time(pull.get("merged_at")),
        closed_at=time(pull.get("closed_at")),
        updated_at=time(pull.get("updated_at")),
        labels=tuple(sorted(label for label in labels if label)),
        checks=_checks(parts),
        events=in_time_order(_events(parts)),
    )


def _user(value: dict[str, Any]) -> tuple[Any, Any]:
    user = mapping(value.get("user"))
    return user.get("login"), user.get("type")


def _checks(parts: Sequence[tuple[str, Any]]) -> str | None:
    """As GitHub sums up: the worst of all statuses and check runs; None where there is none."""
    states = {text(status.get("state")) or "" for status in _of("status", parts, "statuses")}
    runs = list(_of("check_runs", parts, "check_runs"))
    states |= {_state_of_run(run) for run in runs}
    for state in ("failure", "error", "pending", "success"):
        if state in states:
            return state
    return None


def _state_of_run(run: dict[str, Any]) -> str:
    if run.get("status") != "completed":
        return "pending"
    return "failure" if run.get("conclusion") in _FAILED else "success"


def _of(part: str, parts: Sequence[tuple[str, Any]], key: str = "") -> Iterator[dict[str, Any]]:
    """The objects of every page of a part, which are below a key where one is given."""
    for name, answer in parts:
        if name == part:
            yield from items(mapping(answer).get(key) if key else answer)


def _events(parts: Sequence[tuple[str, Any]]) -> Iterator[tuple[int | None, PullRequestEvent]]:
    for comment in _of("comments", parts):
        yield from _event(comment, kind="comment", at="created_at")
    for review in _of("reviews", parts):
        state = (text(review.get("state")) or "").lower() or None
        yield from _event(
            review,
            kind="review",
            at="submitted_at",
            review_state=state,
            commit=sha(review.get("commit_id")),
        )
    for comment in _of("review_comments", parts):
        yield from _event(
            comment,
            kind="review_comment",
            at="created_at",
            path=text(comment.get("path")),
            commit=sha(comment.get("original_commit_id")),
            line=integer(comment.get("original_line")),
            diff_hunk=text(comment.get("diff_hunk")),
        )


def _event(
    value: dict[str, Any], *, kind: str, at: str, path: str | None = None, **more: Any
) -> Iterator[tuple[int | None, PullRequestEvent]]:
    created_at, (login, actor) = time(value.get(at)), _user(value)
    if created_at is not None:
        yield (
            integer(value.get("id")),
            PullRequestEvent(
                kind=kind,
                author=person(login, actor),
                author_kind=person_kind(login, actor) or "unknown",
                created_at=created_at,
                text=text(value.get("body")) or "",
                path=path,
                **more,
            ),
        )
