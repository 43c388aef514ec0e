"""What one event says of a pull request. In: an event as parsed JSON. Out: a `Statement`, or None.

    read_statement({"type": "PullRequestEvent", "repo": {...}, "payload": {...}, ...})

Four shapes are read. GH Archive from 2015 on: "actor", "repo", "payload" with the whole
`pull_request`. Since 2025-10-07 that is cut to id, number, url, base and head; a merge has the
action "merged", and only comments still bring the title (gharchive.org issue 312). Before 2015:
"repository", a login as "actor", no id. Webhooks: the payload is the event itself. What an event
does not say stays None.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.github.answers import (
    NOBODY,
    integer,
    items,
    mapping,
    person,
    person_kind,
    sha,
    text,
    time,
)
from schemas.discussion import Identity, PullRequestEvent
from schemas.ids import stable_id

KINDS = {
    "PullRequestEvent": "pull_request",
    "PullRequestReviewEvent": "review",
    "PullRequestReviewCommentEvent": "review_comment",
    "IssueCommentEvent": "comment",
}
"""Types of GH Archive that can tell of a pull request, and what they are called here."""

_REPO = re.compile(r"[\w.-]{1,100}/[\w.-]{1,100}", re.A)
_NUMBERED = re.compile(r"/(?:pulls?|issues)/(\d{1,9})(?![\w-])")


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What one event says. None is "does not say"."""

    said_at: datetime
    event_id: str
    digest: str
    """Of the whole event: the same event has the same digest wherever it was read."""
    repo: str
    repo_id: int | None = None
    number: int
    kind: str
    """"pull_request", "review", "review_comment" or "comment"."""
    action: str = ""
    actor: str = ""
    is_open: bool | None = None
    is_merged: bool | None = None
    title: str | None = None
    body: str | None = None
    author: Identity | None = None
    author_kind: str | None = None
    base_sha: str | None = None
    head_sha: str | None = None
    merge_sha: str | None = None
    """Only of what is merged: before that GitHub names a trial merge here."""
    created_at: datetime | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    updated_at: datetime | None = None
    labels: tuple[str, ...] | None = None
    item_id: int | None = None
    """The number of the review or comment among those of its kind."""
    item: PullRequestEvent | None = None
    """The review or comment; None where the event says that it was deleted."""


def read_statement(event: dict[str, Any]) -> Statement | None:
    """What an event says, or None when it tells of no pull request or lacks number, repository or
    time. Never raises for what is in the event."""
    payload = mapping(event.get("payload")) or event
    kind = _kind(event, payload)
    subject = _subject(event, payload, kind)
    repo, repo_id = _repository(event)
    number = _number(event, payload, subject)
    said_at = _event_time(event.get("created_at")) or _content_time(payload, subject)
    if kind is None or subject is None or repo is None or number is None or said_at is None:
        return None
    action = text(payload.get("action")) or ""
    actor = _login(event.get("actor") or payload.get("sender")) or ""
    digest = stable_id(json.dumps(event, sort_keys=True))
    item_id, item = _item(payload, kind, action, said_at)
    said = _of_subject(subject) | _of_action(kind, action, actor, subject, said_at)
    return Statement(
        said_at=said_at,
        event_id=_event_id(event) or digest,
        digest=digest,
        repo=repo,
        repo_id=repo_id,
        number=number,
        kind=kind,
        action=action,
        actor=actor,
        item_id=item_id,
        item=item,
        **said,
    )


def _kind(event: dict[str, Any], payload: dict[str, Any]) -> str | None:
    if "type" in event:
        kind = event["type"]
        return KINDS.get(kind) if isinstance(kind, str) else None
    if "comment" in payload:
        return "review_comment" if "pull_request" in payload else "comment"
    if "review" in payload:
        return "review"
    return "pull_request" if "pull_request" in payload else None


def _subject(
    event: dict[str, Any], payload: dict[str, Any], kind: str | None
) -> dict[str, Any] | None:
    """The object that describes the pull request: itself, or the issue that it is at GitHub."""
    if kind == "comment":
        issue = mapping(payload.get("issue"))
        if issue.get("pull_request"):
            return issue
        # Before 2015 only the address told a comment on a pull request from one on an issue.
        return {} if "/pull/" in str(event.get("url", "")) and not issue else None
    return mapping(payload.get("pull_request"))


def _repository(event: dict[str, Any]) -> tuple[str | None, int | None]:
    modern = mapping(event.get("repo"))
    found = modern or mapping(event.get("repository"))
    name = found.get("full_name") or found.get("name")
    owner = found.get("owner")
    if isinstance(name, str) and "/" not in name:
        name = f"{_login(owner) or ''}/{name}"
    is_name = isinstance(name, str) and _REPO.fullmatch(name)
    return (name if is_name else None), integer(found.get("id"))


def _number(
    event: dict[str, Any], payload: dict[str, Any], subject: dict[str, Any] | None
) -> int | None:
    for value in ((subject or {}).get("number"), payload.get("number")):
        number = integer(value)
        if number is not None and 0 < number < 2**31:
            return number
    comment = mapping(payload.get("comment"))
    link = mapping(mapping(comment.get("_links")).get("pull_request"))
    for url in (comment.get("pull_request_url"), link.get("href"), event.get("url")):
        if isinstance(url, str) and (match := _NUMBERED.search(url)):
            return int(match[1])
    return None


def _content_time(payload: dict[str, Any], subject: dict[str, Any] | None) -> datetime | None:
    """Webhooks bear no time of their own: the latest of what they bring."""
    parts = [mapping(part) for part in (payload.get("review"), payload.get("comment"), subject)]
    keys = ("updated_at", "submitted_at", "created_at")
    times = [time(part.get(key)) for part in parts for key in keys]
    return max((when for when in times if when is not None), default=None)


def _of_subject(subject: dict[str, Any]) -> dict[str, Any]:
    marker = mapping(subject.get("pull_request"))
    merged_at = time(subject.get("merged_at") or marker.get("merged_at"))
    is_merged = _is_merged(subject, marker, merged_at)
    is_open = {"open": True, "closed": False}.get(text(subject.get("state")) or "")
    author, author_kind = _person(subject.get("user"))
    return {
        "is_open": is_open,
        "is_merged": is_merged,
        "title": text(subject.get("title")),
        "body": "" if subject.get("body", 0) is None else text(subject.get("body")),
        "author": author,
        "author_kind": author_kind,
        "base_sha": sha(mapping(subject.get("base")).get("sha")),
        "head_sha": sha(mapping(subject.get("head")).get("sha")),
        "merge_sha": sha(subject.get("merge_commit_sha")) if is_merged else None,
        "created_at": time(subject.get("created_at")),
        "merged_at": merged_at,
        "closed_at": time(subject.get("closed_at")),
        "updated_at": time(subject.get("updated_at")),
        "labels": _labels(subject.get("labels")),
    }


def _is_merged(
    subject: dict[str, Any], marker: dict[str, Any], merged_at: datetime | None
) -> bool | None:
    if merged_at or subject.get("merged") is True:
        return True
    says_not = subject.get("merged") is False or "merged_at" in subject or "merged_at" in marker
    return False if says_not else None


def _of_action(
    event_kind: str, action: str, actor: str, subject: dict[str, Any], said_at: datetime
) -> dict[str, Any]:
    """What the action alone says, where the cut payloads say nothing."""
    if event_kind != "pull_request" or "state" in subject:
        return {}
    if action == "merged":
        return {"is_open": False, "is_merged": True, "merged_at": said_at, "closed_at": said_at}
    if action == "closed":
        return {"is_open": False, "closed_at": said_at}
    if action == "opened" and actor:
        author, kind = _person({"login": actor})
        return {"is_open": True, "created_at": said_at, "author": author, "author_kind": kind}
    return {"is_open": True} if action == "reopened" else {}


def _item(
    payload: dict[str, Any], kind: str, action: str, said_at: datetime
) -> tuple[int | None, PullRequestEvent | None]:
    """The review or comment that an event brings, with its number."""
    found = mapping(payload.get("review" if kind == "review" else "comment"))
    item_id = integer(found.get("id"))
    if kind == "pull_request" or item_id is None or "body" not in found:
        return None, None
    if action == "deleted":
        return item_id, None
    author, author_kind = _person(found.get("user"))
    state = (text(found.get("state")) or "").lower() or None
    item = PullRequestEvent(
        kind=kind,
        author=author or NOBODY,
        author_kind=author_kind or "unknown",
        created_at=time(found.get("submitted_at") or found.get("created_at")) or said_at,
        text=text(found.get("body")) or "",
        path=text(found.get("path")),
        review_state=state if kind == "review" else None,
        commit=sha(found.get("original_commit_id")) or sha(found.get("commit_id")),
        line=integer(found.get("original_line")),
        diff_hunk=text(found.get("diff_hunk")),
    )
    return item_id, item


def _labels(labels: Any) -> tuple[str, ...] | None:
    names = (text(label.get("name")) for label in items(labels))
    return tuple(sorted(name for name in names if name)) if isinstance(labels, list) else None


def _person(user: Any) -> tuple[Identity | None, str | None]:
    """Who a user is, and of which kind; None for who deleted the account."""
    login, kind = _login(user), mapping(user).get("type")
    who = person(login, kind)
    return (None, None) if who == NOBODY else (who, person_kind(login, kind))


def _login(user: Any) -> str | None:
    return text(user if isinstance(user, str) else mapping(user).get("login")) or None


def _event_id(event: dict[str, Any]) -> str | None:
    value = event.get("id")
    return (text(str(value)) or "")[:40] or None if isinstance(value, str | int) else None


def _event_time(value: Any) -> datetime | None:
    """Until 2012 also "2011/12/31 23:59:59 -0800"."""
    if isinstance(value, str) and "/" in value:
        value = value.replace("/", "-").replace(" -", "-").replace(" +", "+")
    return time(value)
