"""A piece of the work of `mine`. In: a shard, configuration. Out: outcomes.

    read_shard(shard, config)  ->  Outcome(kept=[PullRequest(...), ...], rejected=[...]), ...

A shard names everything that its rows depend on, so an unchanged shard need not be read again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipelines.mine.config import MineConfig
from pipelines.mine.scope import PathScope
from schemas.tables import Repository
from transforms.filters.rule import RepositoryFacts
from transforms.outcome import Outcome


@dataclass(frozen=True, kw_only=True)
class MineShard:
    """A range of one repository's pull requests or files, or one of the two small tables."""

    table: str
    name: str
    """Unique in its table; safe as a file name."""
    repo: str
    path: str
    license: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    depends_on: str = ""
    """A fingerprint of what rows depend on and items do not tell: for identities, all refs."""
    facts: RepositoryFacts = field(default_factory=RepositoryFacts)
    """What rules may ask about the repository."""
    items: tuple[Any, ...]
    """Candidates, files, or further commits with persons, as plain tuples."""

    @property
    def scope(self) -> PathScope:
        """The paths that may be read."""
        return PathScope(include=self.include, exclude=self.exclude)


def read_shard(shard: MineShard, config: MineConfig) -> Iterator[Outcome[Any]]:
    """The rows of a shard in outcomes of at most 64; every item is kept or rejected."""
    from pipelines.mine.git import open_repository
    from pipelines.mine.identities import read_identities
    from pipelines.mine.pull_requests import Reading, read_pull_requests
    from pipelines.mine.source_files import read_source_files

    if shard.table == "repositories":
        yield Outcome(kept=[Repository(**dict(item)) for item in shard.items], rejected=[])
        return
    with open_repository(shard.path) as repository:
        if shard.table == "pull_requests":
            reading = Reading.of_shard(shard, config)
            yield from read_pull_requests(repository, shard.items, reading)
        elif shard.table == "source_files":
            yield from read_source_files(
                repository,
                shard.items,
                repo=shard.repo,
                license=shard.license,
                max_file_bytes=config.max_file_bytes,
            )
        else:
            yield from read_identities(
                repository,
                repo=shard.repo,
                license=shard.license,
                archive=config.github_archive,
                tips=[sha for (sha,) in shard.items],
            )
