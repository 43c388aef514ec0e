"""What many events say of one pull request. In: events or statements. Out: `PullRequestFacts`.

    facts_of_events([opened, commented, closed])  ->  PullRequestFacts(number=12, title=..., ...)

Of every field the latest statement that has one wins, whatever the order they come in, and an event
read twice counts once. Each event describes the pull request as it was, so an "opened" that was
never recorded costs nothing. `state` is "merged" once an event says so and "unmerged" when the
latest word is "closed, not merged"; else None: what was open then may be merged by now.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pipelines.github.answers import in_time_order
from pipelines.github.events import Statement, read_statement
from pipelines.github.facts import PullRequestFacts
from schemas.discussion import PullRequestEvent
from schemas.errors import InputError


def facts_of_events(events: Iterable[dict[str, Any]]) -> PullRequestFacts:
    """The facts that events of one pull request tell, of GH Archive or webhooks.

    Raises InputError when none of them tells of a pull request, or they tell of several.
    """
    found = (read_statement(event) for event in events)
    return facts_of_statements([statement for statement in found if statement is not None])


def facts_of_statements(statements: Sequence[Statement]) -> PullRequestFacts:
    """The facts that statements add up to. Raises InputError as `facts_of_events` does."""
    numbers = {statement.number for statement in statements}
    if len(numbers) != 1:
        raise InputError(f"events of one pull request were asked for; these tell of {len(numbers)}")
    told = in_order(statements)
    state = state_of(told)
    updates = [statement.updated_at or statement.said_at for statement in told]
    return PullRequestFacts(
        number=numbers.pop(),
        source="gharchive",
        title=latest(told, "title"),
        body=latest(told, "body"),
        state=state,
        author=latest(told, "author"),
        author_kind=latest(told, "author_kind"),
        base_sha=latest(told, "base_sha"),
        head_sha=latest(told, "head_sha"),
        merge_sha=latest(told, "merge_sha"),
        created_at=latest(told, "created_at"),
        merged_at=latest(told, "merged_at"),
        closed_at=_closed_at(told),
        updated_at=max(updates),
        labels=latest(told, "labels"),
        events=_discussion(told),
    )


def in_order(statements: Iterable[Statement]) -> list[Statement]:
    """By time, then as GitHub numbers events, each once."""
    once = {(statement.event_id, statement.digest): statement for statement in statements}
    return sorted(once.values(), key=_order)


def state_of(told: Sequence[Statement]) -> str | None:
    """ "merged", "unmerged", or None where the statements, in order, leave it open."""
    if any(statement.is_merged for statement in told):
        return "merged"
    words = [statement for statement in told if statement.is_open is not None]
    is_turned_down = words and not words[-1].is_open and words[-1].is_merged is False
    return "unmerged" if is_turned_down else None


def latest(told: Sequence[Statement], field: str) -> Any:
    """The value of a field in the last statement that has one, or None."""
    values = (getattr(statement, field) for statement in reversed(told))
    return next((value for value in values if value is not None), None)


def _order(statement: Statement) -> tuple[datetime, int, str, str]:
    return statement.said_at, len(statement.event_id), statement.event_id, statement.digest


def _closed_at(told: Sequence[Statement]) -> datetime | None:
    """When it was closed last; None where it was opened again after that."""
    words = [statement for statement in told if statement.is_open is not None]
    closed: datetime | None = latest(told, "closed_at")
    return None if words and words[-1].is_open else closed


def _discussion(told: Sequence[Statement]) -> tuple[PullRequestEvent, ...] | None:
    """Reviews and comments as last told, without those deleted; None where none is known of."""
    found: dict[tuple[str, int], PullRequestEvent | None] = {}
    for statement in told:
        if statement.item_id is not None:
            found[statement.kind, statement.item_id] = statement.item
    kept = [(number, item) for (_, number), item in found.items() if item is not None]
    return in_time_order(kept) if found else None
