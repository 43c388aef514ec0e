"""Values of GitHub's answers, made plain. In: JSON of a server. Out: text, times, persons.

    text("a\\r\\nb")                         ->  "a\\nb"
    person("mona", "User")                   ->  Identity("mona", "mona@users.noreply.github.com")
    person("dependabot", "Bot")              ->  Identity("dependabot[bot]", ...)

An answer is untrusted: what is not of the expected type is taken as absent.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pipelines.github.facts import PullRequestFacts
from schemas.discussion import Identity, PullRequestEvent

NOBODY = Identity(name="", email="")
"""Who deleted the account: GitHub shows "ghost" or nobody."""

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def mapping(value: Any) -> dict[str, Any]:
    """An object; {} for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[dict[str, Any]]:
    """The objects of an array; [] for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """A string with LF line ends, without the lone surrogates that JSON allows and UTF-8 not."""
    if not isinstance(value, str):
        return None
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\r\n", "\n").replace("\r", "\n")


def sha(value: Any) -> str | None:
    """A commit's name."""
    return value if isinstance(value, str) and _SHA.fullmatch(value) else None


def integer(value: Any) -> int | None:
    """A number, which GraphQL writes as a string when it may have 64 bits."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 19:
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and abs(value) < 2**63 else None


def time(value: Any) -> datetime | None:
    """An ISO time in UTC."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def person(login: Any, kind: Any) -> Identity:
    """Who a login is; programs are named "x[bot]" by REST and "x" by GraphQL, here "x[bot]"."""
    name = text(login) or ""
    if not name or name == "ghost":
        return NOBODY
    if kind == "Bot" and not name.endswith("[bot]"):
        name = f"{name}[bot]"
    return Identity(name=name, email=f"{name}@users.noreply.github.com")


def person_kind(login: Any, kind: Any) -> str | None:
    """ "user" or "bot"; None for nobody."""
    identity = person(login, kind)
    if identity == NOBODY:
        return None
    return "bot" if kind == "Bot" or identity.name.endswith("[bot]") else "user"


def says_something(event: PullRequestEvent) -> bool:
    """False for a draft, and for a review that only holds comments, which are events themselves."""
    if event.kind != "review" or event.review_state is None:
        return True
    return event.review_state != "pending" and (event.text, event.review_state) != ("", "commented")


def in_time_order(
    events: Iterable[tuple[int | None, PullRequestEvent]],
) -> tuple[PullRequestEvent, ...]:
    """By time, then by GitHub's number; each once, though pages that moved may hold it twice.

    GraphQL may withhold a number: such events cannot be told apart, and all are kept.
    """
    once: dict[tuple[str, int], PullRequestEvent] = {}
    for place, (number, event) in enumerate(events, start=1):
        if says_something(event):
            once[event.kind, -place if number is None else number] = event
    keys = sorted(once, key=lambda key: (once[key].created_at, key[1], key[0]))
    return tuple(once[key] for key in keys)


def journal_values(facts: PullRequestFacts) -> dict[str, Any]:
    """What the journal keeps of a pull request, so that planning need not read the answers."""
    return {
        "pull": facts.number,
        "state": facts.state,
        "base": facts.base_sha,
        "head": facts.head_sha,
        "merge": facts.merge_sha,
        "updated": facts.updated_at.isoformat() if facts.updated_at else "",
    }
