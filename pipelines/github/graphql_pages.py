"""Pull requests over GraphQL, many at once. In: a session. Out: known pull requests in its journal.

    scan_changes(session, size)          all that changed since the last run, changed first first
    fetch_numbers(session, {12: "2024-05-01T12:00:00+00:00"}, size)
                                         given pull requests, last heard of at these times

A cursor stands for a time and a pull request: what changes later comes after it.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from pipelines.github import rest_pages
from pipelines.github.answers import items, journal_values, mapping, text, time
from pipelines.github.client import Answer, CursorError, HeavyError, RefusedError
from pipelines.github.graphql import PULL_REQUEST_CURSORS, PULL_REQUESTS, pull_requests_by_number
from pipelines.github.graphql_facts import data_of, facts_of_node, nodes_of_page, number_of_alias
from pipelines.github.graphql_lists import next_cursor, read_lists
from pipelines.github.limits import error_cause, http_date
from pipelines.github.session import MAX_SCAN_PAGES, PageSize, Recorded, Session, check_progress

WAY = "graphql"
NUMBERS = "numbers"
SETTLED_AFTER = timedelta(seconds=60)
"""A time is a second: what else changes in that second may come before a cursor within it."""


def scan_changes(session: Session, size: PageSize) -> None:
    """Everything that changed since the journal's cursor. Raises as `GithubClient.query` does."""
    after, seen = session.state.cursors.get(WAY), set[str]()
    settled = after
    while True:
        try:
            after, settled = _scan_page(session, after, settled, size)
        except CursorError as error:
            if after is None:
                raise RefusedError(str(error)) from error
            session.client.say(f"{session.repo}: {error}; starting over")
            after, settled, seen = None, None, set()
            continue
        if after is None:
            return
        check_progress(after, seen, session.repo, MAX_SCAN_PAGES)


def fetch_numbers(session: Session, heard: Mapping[int, str], size: PageSize) -> None:
    """Given pull requests, last heard of at these ISO times in UTC.

    A number that is none is noted as skipped. Raises as `scan_changes`.
    """
    left = list(heard)
    while left:
        build = partial(_build_numbers, session, left)
        # Answers of a killed run may be older than what was heard since.
        known_by = {} if session.state.pending else heard
        try:
            page = session.query(f"numbers from {left[0]}", build, size)
        except HeavyError as error:
            number = left.pop(0)
            session.step(
                NUMBERS, None, [_fetch_by_rest(session, number, known_by.get(number, ""), error)]
            )
            continue
        known = list(_read_page(session, page))
        asked = _asked(page.document)
        if left[0] not in asked:
            raise RefusedError("an answer about something else")
        known += _skipped(page.document, asked, known)
        session.step(NUMBERS, None, [_as_of(pull, known_by) for pull in known])
        left = [number for number in left if number not in asked]


def _as_of(pull: dict[str, Any], heard: Mapping[int, str]) -> dict[str, Any]:
    """What was heard of before it was asked for is in the answer, whatever time that bears."""
    return pull | {"updated": max(pull["updated"], heard.get(pull["pull"], ""))}


def _scan_page(
    session: Session, after: str | None, settled: str | None, size: PageSize
) -> tuple[str | None, str | None]:
    """Read the page after a cursor; the cursor of the next page (None after the last), and that
    which the next run can go on from."""
    build = partial(_build_page, session, PULL_REQUESTS, after)
    try:
        page = session.query(f"pull requests after {after}", build, size, _has_pulls)
    except HeavyError as error:
        build = partial(_build_page, session, PULL_REQUEST_CURSORS, after)
        page = session.query(f"cursor after {after}", build, PageSize(most=1, now=1))
        return _read_light_page(session, page, settled, error)
    connection = _connection(page.document)
    if page.address:
        settled = _settled(page, connection, settled)
        session.step(WAY, settled, list(_read_page(session, page)))
    return next_cursor(connection), settled


def _read_light_page(
    session: Session, page: Recorded, settled: str | None, error: HeavyError
) -> tuple[str | None, str | None]:
    """A page of one that GraphQL cannot serve: its parts can be asked for one by one."""
    connection = _connection(page.document)
    settled = _settled(page, connection, settled)
    for edge in items(connection.get("edges")):
        node = mapping(edge.get("node"))
        if isinstance(node.get("number"), int):
            updated_at = time(node.get("updatedAt"))
            updated = updated_at.isoformat() if updated_at else ""
            pull = _fetch_by_rest(session, node["number"], updated, error)
            session.step(WAY, settled, [pull])
    return next_cursor(connection), settled


def _fetch_by_rest(
    session: Session, number: int, updated: str, error: HeavyError
) -> dict[str, Any]:
    session.notes[f"pull request asked for over REST: {error}"] += 1
    return rest_pages.fetch_pull(session, number, updated)


def _build_page(
    session: Session, query: str, after: str | None, size: int
) -> tuple[str, dict[str, Any]]:
    return query, _names(session) | {"size": size, "after": after}


def _build_numbers(session: Session, numbers: list[int], size: int) -> tuple[str, dict[str, Any]]:
    return pull_requests_by_number(numbers[:size]), _names(session)


def _names(session: Session) -> dict[str, Any]:
    owner, _, name = session.repo.partition("/")
    return {"owner": owner, "name": name}


def _repository(document: Any) -> dict[str, Any]:
    return mapping(data_of(document).get("repository"))


def _connection(document: Any) -> dict[str, Any]:
    return mapping(_repository(document).get("pullRequests"))


def _has_pulls(answer: Answer) -> bool:
    """A day without changes leaves nothing behind."""
    connection = _connection(answer.document)
    return bool(connection.get("edges")) or next_cursor(connection) is not None


def _settled(page: Recorded, connection: dict[str, Any], before: str | None) -> str | None:
    """The last cursor that nothing can come before any more, by the server's clock; where the page
    has none, that of the pages before it."""
    edges, now = items(connection.get("edges")), http_date(page.date)
    for edge in reversed(edges):
        updated_at = time(mapping(edge.get("node")).get("updatedAt"))
        if now is None or updated_at is None or updated_at <= now - SETTLED_AFTER:
            return text(edge.get("cursor"))
    return before


def _read_page(session: Session, page: Recorded) -> Iterator[dict[str, Any]]:
    """What the journal keeps of each pull request, whose lists are first read to their ends."""
    for error in items(mapping(page.document).get("errors")):
        path = _path(error)
        if not _is_about_alias(path):
            where = ".".join(name for name in path if isinstance(name, str))
            session.notes[f"{where or 'query'}: {error_cause(error)}"] += 1
    for repo, node in nodes_of_page(page.document):
        more = list(read_lists(session, node))
        facts = facts_of_node(repo, node, [part.document for part in more])
        addresses = [page.address, *(part.address for part in more)]
        yield journal_values(facts) | {"sources": [f"{WAY}:{address}" for address in addresses]}


def _asked(document: Any) -> set[int]:
    numbers = (number_of_alias(key) for key in _repository(document))
    return {number for number in numbers if number is not None}


def _skipped(document: Any, asked: set[int], known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    errors = items(mapping(document).get("errors"))
    causes = {_path(e)[1]: error_cause(e) for e in errors if _is_about_alias(_path(e))}
    return [
        {"pull": number, "skipped": causes.get(f"pr{number}", "not shown"), "updated": ""}
        for number in sorted(asked - {pull["pull"] for pull in known})
    ]


def _path(error: dict[str, Any]) -> list[Any]:
    """Where in the answer an error lies."""
    path = error.get("path")
    return path if isinstance(path, list) else []


def _is_about_alias(path: list[Any]) -> bool:
    return len(path) == 2 and number_of_alias(path[1]) is not None
