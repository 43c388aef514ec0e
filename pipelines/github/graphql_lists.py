"""Lists that did not fit into a page. In: a session, a pull request. Out: the remaining answers.

more = list(read_lists(session, node))      [] for nearly every pull request
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from pipelines.github.answers import items, mapping, text
from pipelines.github.client import CursorError, HeavyError, RefusedError
from pipelines.github.graphql import FOLLOW_UPS
from pipelines.github.graphql_facts import data_of
from pipelines.github.session import MAX_PAGES, PageSize, Recorded, Session, check_progress

_LISTS = ("labels", "files", "reviews", "comments", "closingIssuesReferences")
_MOST = {"reviews": 50, "closingIssuesReferences": 50}


def read_lists(session: Session, node: dict[str, Any]) -> Iterator[Recorded]:
    """The further pages of every list of a pull request, and of its reviews' comments.

    What cannot be had is noted in the session. Raises StageError for pages that lead in a circle.
    """
    reviews = items(mapping(node.get("reviews")).get("nodes"))
    for name in _LISTS:
        for page in _read_rest(session, name, name, node):
            yield page
            if name == "reviews":
                more = mapping(data_of(page.document).get("node"))
                reviews += items(mapping(more.get("reviews")).get("nodes"))
    for review in reviews:
        yield from _read_rest(session, "review.comments", "comments", review)


def next_cursor(connection: dict[str, Any]) -> str | None:
    """Where the next page of a list begins; None after the last."""
    info = mapping(connection.get("pageInfo"))
    return text(info.get("endCursor")) if info.get("hasNextPage") is True else None


def _read_rest(
    session: Session, name: str, field: str, holder: dict[str, Any]
) -> Iterator[Recorded]:
    """The pages of a list after its first."""
    node_id, seen = text(holder.get("id")), set[str]()
    cursor = next_cursor(mapping(holder.get(field)))
    while cursor is not None and node_id is not None:
        check_progress(cursor, seen, session.repo, MAX_PAGES)
        most = _MOST.get(name, 100)
        try:
            page = session.query(
                f"{name} of {node_id} after {cursor}",
                partial(_build, name, node_id, cursor),
                PageSize(most=most, now=most),
            )
        except (RefusedError, CursorError, HeavyError) as error:
            session.notes[f"rest of {name}: {error}"] += 1
            return
        yield page
        node = mapping(data_of(page.document).get("node"))
        cursor = next_cursor(mapping(node.get(field)))


def _build(name: str, node_id: str, cursor: str, size: int) -> tuple[str, dict[str, Any]]:
    return FOLLOW_UPS[name], {"id": node_id, "after": cursor, "size": size}
