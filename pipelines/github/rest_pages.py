"""Pull requests over REST. In: a session. Out: known pull requests in its journal.

    scan_changes(session)            all that changed since the last run, those changed first first
    fetch_pull(session, 12, "")      one pull request with its reviews, comments and checks

Pages by number would skip what moves to the end while they are read, so that each page starts at
the time at which the one before ended. `since` may or may not include its second: one is taken off.
"""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from pipelines.github.answers import integer, items, journal_values, mapping, sha, time
from pipelines.github.client import RefusedError
from pipelines.github.rest_facts import PARTS, facts_of_answers
from pipelines.github.session import MAX_SCAN_PAGES, Session, check_progress

WAY = "rest"
_BY_NUMBER = re.compile(r"[?&]page=")
_OPTIONAL = ("status", "check_runs")
"""What a token may not be allowed to see, and what the rest makes sense without."""


def scan_changes(session: Session) -> None:
    """Everything that changed since the journal's cursor. Raises as `GithubClient.get` does."""
    path = session.state.cursors.get(WAY)
    if path is None:
        session.get(f"/repos/{session.repo}")
        path = _list_path(session.repo, None)
    # A run that ended at a page by number is led back to the first one: meanwhile pages move.
    seen = set[str]() if _BY_NUMBER.search(path) else {path}
    while True:
        page = session.get(path)
        changed = items(page.document)
        for item in changed:
            _learn(session, item)
        following = _following(session.repo, changed) or path
        if page.next is None:
            session.step(WAY, following, [])
            return
        # More than a page within one second: go on by page numbers until the time moves on.
        path = page.next if following in seen else following
        check_progress(path, seen, session.repo, MAX_SCAN_PAGES)
        session.step(WAY, path, [])


def fetch_pull(session: Session, number: int, updated: str) -> dict[str, Any]:
    """What the journal keeps of a pull request, or that GitHub does not show it, and why."""
    try:
        parts = _fetch_parts(session, number)
    except RefusedError as error:
        return {"pull": number, "skipped": str(error), "updated": updated}
    documents = [(name, document) for name, _, document in parts]
    facts = facts_of_answers(documents, number)
    if facts is None:
        return {"pull": number, "skipped": "an answer about something else", "updated": updated}
    values = journal_values(facts)
    values["updated"] = max(values["updated"], updated)
    return values | {"sources": [f"{name}:{address}" for name, address, _ in parts]}


def _learn(session: Session, item: dict[str, Any]) -> None:
    number, updated_at = integer(item.get("number")), time(item.get("updated_at"))
    if "pull_request" not in item or number is None:
        return
    updated = updated_at.isoformat() if updated_at else ""
    known = session.state.known.get(number) or session.state.skipped.get(number)
    if known is None or known["updated"] < updated:
        session.learn(fetch_pull(session, number, updated))


def _fetch_parts(session: Session, number: int) -> list[tuple[str, str, Any]]:
    """(part, address, document) of every page of every part."""
    parts: list[tuple[str, str, Any]] = []
    head: str | None = None
    for name, pattern in PARTS.items():
        if name in _OPTIONAL and head is None:
            continue
        path = pattern.format(repo=session.repo, number=number, head=head)
        try:
            pages = session.get_pages(path)
        except RefusedError as error:
            if name not in _OPTIONAL:
                raise
            session.notes[f"{name} of a head: {error}"] += 1
            continue
        parts += [(name, page.address, page.document) for page in pages]
        if name == "pull":
            head = sha(mapping(mapping(pages[0].document).get("head")).get("sha"))
    return parts


def _following(repo: str, changed: list[dict[str, Any]]) -> str | None:
    """The list from where this page of it ends; None for a page without times."""
    times = [time(item.get("updated_at")) for item in changed]
    last = max((at for at in times if at is not None), default=None)
    return _list_path(repo, (last - timedelta(seconds=1)).strftime("%FT%TZ")) if last else None


def _list_path(repo: str, since: str | None) -> str:
    query = {"state": "all", "sort": "updated", "direction": "asc", "per_page": "100"}
    return f"/repos/{repo}/issues?{urlencode(query | ({'since': since} if since else {}))}"
