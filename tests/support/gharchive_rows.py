"""Invented events of GH Archive in the shapes that it had, and hours made of them.

shape "full": 2015 to 2025-10; "cut": since then; "timeline": before 2015; "webhook": no archive.
"""

import gzip
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.github.gharchive import known_from_index, read_indexed_facts
from pipelines.github.gharchive_hours import expand_hours
from pipelines.github.gharchive_index import IndexSummary, index_hours

START = datetime(2024, 3, 1, 5, 0, tzinfo=UTC)
REPO = "acme/shop"
REPO_ID = 7
HOURS = ["2024-03-01-5", "2024-03-01-6", "2024-03-01-10", "2024-03-02-0"]


def sha(text: str) -> str:
    """A commit's name made up from a text."""
    return hashlib.sha1(text.encode()).hexdigest()


def at(minutes: float) -> str:
    """So many minutes after the start of the first hour."""
    return (START + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(login: str) -> dict[str, Any]:
    """An account."""
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {"login": login, "id": len(login), "type": kind, "url": f"https://example.com/{login}"}


def pull(number: int, *, shape: str = "full", **changes: Any) -> dict[str, Any]:
    """The pull request object of an event."""
    cut = {
        "url": f"https://api.github.com/repos/{REPO}/pulls/{number}",
        "id": 1000 + number,
        "number": number,
        "head": {"ref": "fix", "sha": sha(f"head {number}"), "repo": {"id": 8, "name": "shop"}},
        "base": {"ref": "main", "sha": sha(f"base {number}"), "repo": {"id": 7, "name": "shop"}},
    }
    if shape == "cut":
        return cut
    full = {
        "state": "open",
        "title": f"Title {number}",
        "body": f"Body {number}",
        "user": user("author"),
        "merged": False,
        "merged_at": None,
        "merge_commit_sha": sha(f"trial {number}"),
        "created_at": at(0),
        "updated_at": at(0),
        "closed_at": None,
        "labels": [{"name": "bug"}],
    }
    return cut | full | changes


def merged(number: int, minutes: float, **changes: Any) -> dict[str, Any]:
    """The pull request object once it is merged."""
    when = {"merged_at": at(minutes), "closed_at": at(minutes), "updated_at": at(minutes)}
    done = {"state": "closed", "merged": True, "merge_commit_sha": sha(f"merge {number}")}
    return pull(number, **(done | when | changes))


def event(
    kind: str,
    payload: dict[str, Any],
    minutes: float,
    *,
    event_id: int | None = None,
    repo: str = REPO,
    repo_id: int = REPO_ID,
    actor: str = "author",
    shape: str = "full",
) -> dict[str, Any]:
    """An event with its envelope."""
    owner, _, name = repo.partition("/")
    if shape == "webhook":
        whole = {"id": repo_id, "name": name, "full_name": repo, "owner": {"login": owner}}
        return payload | {"repository": whole, "sender": user(actor)}
    if shape == "timeline":
        return {
            "created_at": at(minutes).replace("2024", "2013"),
            "payload": payload,
            "public": True,
            "type": kind,
            "url": f"https://github.com/{repo}/pull/{payload.get('number', 1)}",
            "actor": actor,
            "actor_attributes": {"login": actor, "type": "User"},
            "repository": {"id": repo_id, "name": name, "owner": owner},
        }
    number = event_id if event_id is not None else 30_000_000_000 + round(minutes * 1000)
    return {
        "id": str(number),
        "type": kind,
        "actor": {"id": 5, "login": actor, "avatar_url": "https://example.com/a"},
        "repo": {"id": repo_id, "name": repo, "url": f"https://api.github.com/repos/{repo}"},
        "payload": payload,
        "public": True,
        "created_at": at(minutes),
    }


def pull_event(
    action: str, pull_request: dict[str, Any], minutes: float, **envelope: Any
) -> dict[str, Any]:
    """A PullRequestEvent."""
    payload = {"action": action, "number": pull_request["number"], "pull_request": pull_request}
    return event("PullRequestEvent", payload, minutes, **envelope)


def comment_event(
    number: int, comment_id: int, body: str, minutes: float, *, is_pull: bool = True, **more: Any
) -> dict[str, Any]:
    """An IssueCommentEvent, whose issue keeps title and body in every shape since 2015."""
    issue = {
        "number": number,
        "title": f"Title {number}",
        "body": f"Body {number}",
        "state": "open",
        "user": user("author"),
        "labels": [{"name": "bug"}],
        "created_at": at(0),
        "updated_at": at(minutes),
        "closed_at": None,
    }
    if is_pull:
        issue["pull_request"] = {"url": f"https://api.github.com/repos/{REPO}/pulls/{number}"}
    action, envelope = more.pop("action", "created"), more
    comment = {
        "id": comment_id,
        "body": body,
        "user": user(envelope.get("actor", "reader")),
        "created_at": at(minutes),
        "updated_at": at(minutes),
    }
    payload = {"action": action, "issue": issue, "comment": comment}
    return event("IssueCommentEvent", payload, minutes, **envelope)


def review_event(
    pull_request: dict[str, Any], review_id: int, state: str, minutes: float, **more: Any
) -> dict[str, Any]:
    """A PullRequestReviewEvent."""
    review = {
        "id": review_id,
        "user": user("reviewer"),
        "body": f"Review {review_id}",
        "state": state,
        "commit_id": pull_request["head"]["sha"],
        "submitted_at": at(minutes),
    }
    payload = {"action": "created", "review": review, "pull_request": pull_request}
    return event("PullRequestReviewEvent", payload, minutes, **more)


def review_comment_event(
    pull_request: dict[str, Any], comment_id: int, body: str, minutes: float, **more: Any
) -> dict[str, Any]:
    """A PullRequestReviewCommentEvent."""
    comment = {
        "id": comment_id,
        "user": user("reviewer"),
        "body": body,
        "path": "shop/cart.py",
        "diff_hunk": "@@ -1 +1 @@\n-a\n+b",
        "original_line": 3,
        "original_commit_id": pull_request["head"]["sha"],
        "created_at": at(minutes),
        "updated_at": at(minutes),
    }
    payload = {"action": "created", "comment": comment, "pull_request": pull_request}
    return event("PullRequestReviewCommentEvent", payload, minutes, **more)


def course(number: int, *, shape: str = "full") -> list[dict[str, Any]]:
    """What happens to one merged pull request, in order."""
    last = pull(number, shape="cut") if shape == "cut" else merged(number, 50)
    first = pull(number, shape=shape)
    return [
        pull_event("opened", first, number / 100),
        comment_event(number, 100 + number, "Why so?", 10 + number / 100, actor="reader"),
        review_event(first, 200 + number, "approved", 20 + number / 100, actor="reviewer"),
        review_comment_event(first, 300 + number, "Rename?", 30 + number / 100, actor="reviewer"),
        pull_event("merged" if shape == "cut" else "closed", last, 50 + number / 100),
    ]


def lines(events: list[dict[str, Any]]) -> bytes:
    """Events as GH Archive writes them."""
    return b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in events)


def write_hour(folder: Path, name: str, content: list[dict[str, Any]] | bytes) -> Path:
    """An hour: "2024-03-01-5" of events, or of bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json.gz"
    data = content if isinstance(content, bytes) else lines(content)
    path.write_bytes(gzip.compress(data, 6, mtime=0))
    return path


def elsewhere(number: int) -> list[dict[str, Any]]:
    """A pull request of another repository."""
    return [pull_event("opened", pull(number), 3, repo="x/y", repo_id=3)]


def index(folder: Path, repos: tuple[str, ...] = (REPO,)) -> IndexSummary:
    """Index the hours below folder/hours into folder/archive."""
    return index_hours(
        expand_hours((str(folder / "hours"),)), str(folder / "archive"), repos, lambda line: None
    )


def facts(folder: Path, number: int, repo: str = REPO) -> Any:
    """The facts of one pull request by way of the index."""
    archive = str(folder / "archive")
    known = known_from_index(archive, repo)[number]
    found = read_indexed_facts(archive, known.sources, number)
    told = (found.state, found.base_sha, found.head_sha, found.merge_sha)
    assert told == (known.state, known.base_sha, known.head_sha, known.merge_sha)
    return found
