"""Asking about one repository so that nothing is asked twice. In: requests. Out: recorded answers.

    session = Session(client, archive, journal, "acme/shop")
    session.get("/repos/acme/shop/pulls/12").document

Each answer is archived, then noted in the journal. What the journal has since its last step is
replayed; where it has an ETag, GitHub is asked whether that answer still holds.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipelines.github.answers import items
from pipelines.github.archive import ResponseArchive
from pipelines.github.client import Answer, GithubClient, HeavyError
from pipelines.github.journal import Journal
from schemas.errors import StageError

MAX_PAGES = 2000
"""Pages of one list; GitHub itself shows at most 3,000 files and a few thousand comments."""
MAX_SCAN_PAGES = 1_000_000
"""Pages of all pull requests of a repository, of which each may hold a single one."""
PER_PAGE = 100
"""Items of a full page of a REST list, as all our paths ask for."""

_NEXT = re.compile(r'<([^<>]*)>[^<,]*\brel="?next\b')


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """An answer in the archive."""

    address: str
    document: Any
    next: str | None = None
    """Of REST: the path of the next page."""
    date: str | None = None
    """Of GraphQL: the server's clock."""


@dataclass(kw_only=True)
class PageSize:
    """How many to ask for: half as many after each failure, twice as many after five successes."""

    most: int
    now: int
    num_successes: int = 0

    def shrink(self) -> None:
        """The server could not serve so many."""
        self.now, self.num_successes = max(1, self.now // 2), 0

    def succeed(self) -> None:
        """The server could."""
        self.num_successes += 1
        if self.num_successes >= 5 and self.now < self.most:
            self.now, self.num_successes = min(self.most, self.now * 2), 0


class Session:
    """The requests about one repository."""

    def __init__(
        self,
        client: GithubClient,
        archive: ResponseArchive,
        journal: Journal,
        repo: str,
        *,
        max_attempts: int,
        progress: Callable[["Session"], None],
    ) -> None:
        self.client, self.journal, self.repo = client, journal, repo
        self.state = journal.state
        self.max_attempts = max_attempts
        self.num_replayed = 0
        """Answers that were in the archive and not asked for."""
        self.num_unchanged = 0
        """Answers 304: asked for, and as they were."""
        self.num_changed = 0
        """Pull requests that are new or have changed."""
        self.notes: Counter[str] = Counter()
        """What could not be had, by cause."""
        self._archive, self._progress = archive, progress
        self._num_before = client.transport.num_requests

    @property
    def num_requests(self) -> int:
        """Requests sent about this repository, those sent again after an error too."""
        return self.client.transport.num_requests - self._num_before

    def get(self, path: str) -> Recorded:
        """A REST answer. Raises as `GithubClient.get` does."""
        key = f"GET {path}"
        if line := self._replayed(key):
            return self._recorded(line)
        before = self.state.answered.get(key, {})
        answer = self.client.get(path, etag=before.get("etag"))
        if answer.status == 304:
            self.num_unchanged += 1
            values = {name: before.get(name) for name in ("etag", "address", "next")}
            return self._recorded(self.journal.request(key, status=304, **values))
        address = self._archive.put(answer.body)
        next_path, etag = self._next(answer), answer.headers.get("etag")
        if next_path is None and len(items(answer.document)) >= PER_PAGE:
            # A full last page stays as it is when another one follows, and 304 would hide that.
            etag = None
        self.journal.request(key, status=answer.status, address=address, etag=etag, next=next_path)
        return Recorded(address=address, document=answer.document, next=next_path)

    def get_pages(self, path: str) -> list[Recorded]:
        """All pages of a REST list. Raises StageError when they lead in a circle."""
        pages, seen = [self.get(path)], {path}
        while (next_path := pages[-1].next) is not None:
            check_progress(next_path, seen, self.repo, MAX_PAGES)
            pages.append(self.get(next_path))
        return pages

    def query(
        self,
        key: str,
        build: Callable[[int], tuple[str, dict[str, Any]]],
        size: PageSize,
        is_kept: Callable[[Answer], bool] = lambda answer: True,
    ) -> Recorded:
        """A GraphQL answer; `build` makes query and variables for a page size.

        An answer that is not kept is neither archived nor noted: its address is "". Raises as
        `GithubClient.query` does, HeavyError when not even one can be served.
        """
        if line := self._replayed(key):
            return self._recorded(line)
        answer = self._query(build, size)
        if not is_kept(answer):
            return Recorded(address="", document=answer.document)
        address, date = self._archive.put(answer.body), answer.headers.get("date")
        self.journal.request(key, status=answer.status, address=address, date=date)
        return Recorded(address=address, document=answer.document, date=date)

    def step(self, way: str, cursor: Any, known: list[dict[str, Any]]) -> None:
        """All answers so far were read."""
        self._count(known)
        self.journal.step(way, cursor, known=known)
        self._progress(self)

    def learn(self, pull: dict[str, Any]) -> None:
        """A pull request was read to its end, within a step."""
        self._count([pull])
        self.journal.known(pull)
        self._progress(self)

    def _query(self, build: Callable[[int], tuple[str, dict[str, Any]]], size: PageSize) -> Answer:
        num_failures = 0
        while True:
            try:
                answer = self.client.query(*build(size.now))
            except HeavyError as error:
                num_failures += 1
                if size.now == 1 and num_failures >= self.max_attempts:
                    raise
                size.shrink()
                self.client.back_off(num_failures, str(error))
            else:
                size.succeed()
                return answer

    def _count(self, known: list[dict[str, Any]]) -> None:
        for pull in known:
            before = self.state.known.get(pull["pull"]) or self.state.skipped.get(pull["pull"])
            self.num_changed += before is None or before["updated"] != pull["updated"]

    def _replayed(self, key: str) -> dict[str, Any] | None:
        line = self.state.pending.get(key)
        self.num_replayed += line is not None
        return line

    def _recorded(self, line: dict[str, Any]) -> Recorded:
        document = json.loads(self._archive.get(line["address"]))
        return Recorded(
            address=line["address"],
            document=document,
            next=line.get("next"),
            date=line.get("date"),
        )

    def _next(self, answer: Answer) -> str | None:
        """The next page as the Link header names it (RFC 8288)."""
        match = _NEXT.search(answer.headers.get("link", ""))
        return self.client.transport.path_of(match[1]) if match else None


def check_progress(cursor: str, seen: set[str], repo: str, most: int) -> None:
    """Remember a page. Raises StageError for one already seen, and for more than `most`."""
    if cursor in seen or len(seen) >= most:
        what = "leads in a circle" if cursor in seen else f"has over {most} pages"
        raise StageError(
            f"{repo}: a list of GitHub's {what} at {cursor[:200]}; what was fetched is kept: "
            "run the same command again later"
        )
    seen.add(cursor)
