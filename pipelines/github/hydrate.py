"""Fills the archive of GitHub's answers. In: settings. Out: the archive, a summary per repository.

    hydrate(settings.github, "/data/github", ("acme/shop",))
      ->  [Hydration(repo="acme/shop", num_pull_requests=412, num_requests=19, ...)]

Killed at any moment, the same call goes on where it was. Called again, it asks for what changed.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.github import graphql_pages, rest_pages
from pipelines.github.archive import ResponseArchive
from pipelines.github.client import GithubClient, HeavyError, RefusedError, say_to_operator
from pipelines.github.config import GithubConfig
from pipelines.github.gharchive import known_from_index
from pipelines.github.gharchive_hours import expand_hours
from pipelines.github.gharchive_index import index_hours
from pipelines.github.journal import Journal, JournalState
from pipelines.github.progress import Progress
from pipelines.github.session import PageSize, Session
from schemas.errors import ConfigError, StageError

APIS = ("graphql", "rest", "none")


@dataclass(frozen=True, kw_only=True)
class Hydration:
    """What a run did for one repository."""

    repo: str
    num_pull_requests: int
    """Known in the archive now."""
    num_changed: int
    """Of these, new or changed by an answer of this run."""
    num_requests: int
    """Sent in this run, those sent again after an error too."""
    num_replayed: int
    """Answers of a killed run that were in the archive."""
    num_unchanged: int
    """Answers 304, which cost nothing."""
    skipped: dict[str, int]
    """Pull requests and parts of them that GitHub does not show, by cause."""
    outcome: str = "done"
    """"done", or why GitHub shows nothing of the repository."""

    def values(self) -> dict[str, Any]:
        """For people and machines."""
        return {
            "repo": self.repo,
            "pull requests": self.num_pull_requests,
            "changed": self.num_changed,
            "requests": self.num_requests,
            "replayed": self.num_replayed,
            "unchanged": self.num_unchanged,
            "skipped": self.skipped,
            "outcome": self.outcome,
        }


def hydrate(
    config: GithubConfig,
    archive_folder: str,
    repos: Sequence[str],
    *,
    wait: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.time,
    say: Callable[[str], None] = say_to_operator,
) -> list[Hydration]:
    """Ask about every repository, one after the other.

    Raises ConfigError for settings and tokens, StageError when GitHub cannot go on now, InputError
    for an archive that is corrupt.
    """
    check_config(config)
    archive = ResponseArchive(archive_folder)
    archive.folder.mkdir(parents=True, exist_ok=True)
    if config.gharchive:
        index_hours(expand_hours(config.gharchive), archive_folder, repos, say)
    if config.api == "none":
        return [_of_index(archive_folder, repo) for repo in repos]
    client = GithubClient(config, wait=wait, now=now, say=say)
    with Progress(len(repos), say) as progress:
        return [_hydrate_one(config, client, archive, repo, progress) for repo in repos]


def _of_index(archive_folder: str, repo: str) -> Hydration:
    """What the hours alone tell; nobody was asked."""
    return Hydration(
        repo=repo,
        num_pull_requests=len(known_from_index(archive_folder, repo)),
        num_changed=0,
        num_requests=0,
        num_replayed=0,
        num_unchanged=0,
        skipped={},
    )


def check_config(config: GithubConfig) -> None:
    """Raises ConfigError for values out of range."""
    if config.api not in APIS:
        raise ConfigError(f"github.api: {config.api!r} is none of {', '.join(APIS)}")
    if not 1 <= config.page_size <= 100:
        raise ConfigError(f"github.page_size: {config.page_size} is not within 1 and 100")
    if config.max_attempts < 1 or config.timeout_s <= 0:
        raise ConfigError("github.max_attempts and github.timeout_s must be positive")
    if config.api == "none" and not config.gharchive:
        raise ConfigError('github.api="none" needs github.gharchive; give hours of GH Archive')


def _hydrate_one(
    config: GithubConfig,
    client: GithubClient,
    archive: ResponseArchive,
    repo: str,
    progress: Progress,
) -> Hydration:
    with Journal(str(archive.folder), repo) as journal:
        journal.bind(client.transport.origin)
        progress.start(repo)
        session = Session(
            client,
            archive,
            journal,
            repo,
            max_attempts=config.max_attempts,
            progress=progress.show,
        )
        outcome = _ask(config, session, archive)
        progress.finish()
        return _summarize(session, outcome)


def _ask(config: GithubConfig, session: Session, archive: ResponseArchive) -> str:
    try:
        if config.gharchive:
            _fetch_numbers(config, session, archive)
        elif config.api == "rest":
            rest_pages.scan_changes(session)
        else:
            graphql_pages.scan_changes(session, _page_size(config))
    except RefusedError as error:
        session.client.say(f"{session.repo}: {error}")
        return str(error)
    except HeavyError as error:
        raise StageError(
            f"{session.repo}: GitHub cannot serve even one pull request: {error}; what was fetched "
            "is kept: run the same command again later"
        ) from error
    return "done"


def _page_size(config: GithubConfig) -> PageSize:
    return PageSize(most=config.page_size, now=config.page_size)


def _fetch_numbers(config: GithubConfig, session: Session, archive: ResponseArchive) -> None:
    heard = _numbers_to_fetch(session.state, str(archive.folder), session.repo)
    if config.api == "graphql":
        graphql_pages.fetch_numbers(session, heard, _page_size(config))
        return
    for number, heard_at in heard.items():
        # Answers of a killed run may be older than what was heard since.
        known_by = "" if session.state.pending else heard_at
        pull = rest_pages.fetch_pull(session, number, known_by)
        session.step(graphql_pages.NUMBERS, None, [pull])


def _numbers_to_fetch(state: JournalState, archive_folder: str, repo: str) -> dict[int, str]:
    """What the index names -> when it last does, without what was asked for since."""
    asked = state.known | state.skipped
    numbers: dict[int, str] = {}
    for number, pull in sorted(known_from_index(archive_folder, repo).items()):
        heard_at = pull.heard_at.isoformat() if pull.heard_at else ""
        if number not in asked or asked[number]["updated"] < heard_at:
            numbers[number] = heard_at
    return numbers


def _summarize(session: Session, outcome: str) -> Hydration:
    skipped = Counter(f"pull request: {pull['skipped']}" for pull in session.state.skipped.values())
    return Hydration(
        repo=session.repo,
        num_pull_requests=len(session.state.known),
        num_changed=session.num_changed,
        num_requests=session.num_requests,
        num_replayed=session.num_replayed,
        num_unchanged=session.num_unchanged,
        skipped=dict(sorted((skipped + session.notes).items())),
        outcome=outcome,
    )
