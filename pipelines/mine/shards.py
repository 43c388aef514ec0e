"""The work of `mine`. In: configuration. Out: shards for workers; from a shard, outcomes.

    plan_shards(config)  ->  [MineShard(table="pull_requests", name="shop-00000", ...), ...]
    read_shard(shard, config)  ->  Outcome(kept=[PullRequest(...), ...], rejected=[...]), ...

A shard names everything that its rows depend on, so an unchanged shard need not be read again:
ranges of pull requests do not name the head commit, which moves every day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.mine.config import MineConfig
from pipelines.mine.repositories import MinedRepository, find_repositories
from schemas.errors import ConfigError
from schemas.ids import fingerprint, stable_id
from schemas.tables import Repository
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
    head_commit: str
    """The commit read, or a fingerprint of all refs for identities; "" where rows do not depend."""
    items: tuple[Any, ...]
    """Candidates as plain tuples."""


def plan_shards(config: MineConfig) -> list[MineShard]:
    """Every shard of every repository, by table and name. Clones and fetches what has a URL."""
    if config.prs_per_shard < 1 or config.files_per_shard < 1:
        raise ConfigError("mine.prs_per_shard and mine.files_per_shard must be 1 or more")
    repositories = find_repositories(config)
    shards = [_repositories_shard(repositories)]
    for mined in repositories:
        shards += _pull_request_shards(mined, config)
        shards += _source_file_shards(mined, config)
        refs = fingerprint([mined.head, sorted(mined.refs.items())])
        shards.append(_shard("identities", mined, 0, (), head_commit=refs))
    return sorted(shards, key=lambda shard: (shard.table, shard.name))


def read_shard(shard: MineShard, config: MineConfig) -> Iterator[Outcome[Any]]:
    """The rows of a shard in outcomes of at most 64; every item is kept or rejected."""
    from pipelines.mine.git import open_repository
    from pipelines.mine.identities import read_identities
    from pipelines.mine.pull_requests import read_pull_requests
    from pipelines.mine.source_files import read_source_files

    if shard.table == "repositories":
        yield Outcome(kept=[Repository(**dict(item)) for item in shard.items], rejected=[])
        return
    with open_repository(shard.path) as repository:
        if shard.table == "pull_requests":
            yield from read_pull_requests(
                repository, shard.items, repo=shard.repo, license=shard.license, config=config
            )
        elif shard.table == "source_files":
            yield from read_source_files(
                repository,
                shard.items,
                repo=shard.repo,
                license=shard.license,
                commit=shard.head_commit,
                max_file_bytes=config.max_file_bytes,
            )
        else:
            yield from read_identities(repository, repo=shard.repo, license=shard.license)


def _repositories_shard(repositories: Sequence[MinedRepository]) -> MineShard:
    items = tuple(
        (
            ("repository_id", stable_id("repository", mined.name)),
            ("repo", mined.name),
            ("source", "git"),
            ("license", mined.license),
            ("path", mined.path),
            ("head_commit", mined.head),
        )
        for mined in repositories
    )
    return MineShard(
        table="repositories",
        name="repositories",
        repo="",
        path="",
        license="",
        head_commit="",
        items=items,
    )


def _pull_request_shards(mined: MinedRepository, config: MineConfig) -> Iterator[MineShard]:
    from pipelines.mine.candidates import find_candidates
    from pipelines.mine.git import open_repository
    from pipelines.mine.history import read_history

    heads = mined.pull_heads()
    with open_repository(mined.path) as repository:
        history = read_history(repository, mined.head, heads.values())
        found = find_candidates(repository, history, heads, config)
    items = [tuple(candidate) for candidate in found]
    for index, part in enumerate(_ranges(items, config.prs_per_shard)):
        yield _shard("pull_requests", mined, index, part, head_commit="")


def _source_file_shards(mined: MinedRepository, config: MineConfig) -> Iterator[MineShard]:
    items = [
        (entry.path, entry.mode, entry.sha, -1 if entry.size is None else entry.size)
        for entry in mined.entries
    ]
    for index, part in enumerate(_ranges(items, config.files_per_shard)):
        yield _shard("source_files", mined, index, part, head_commit=mined.head)


def _ranges(items: Sequence[Any], size: int) -> Iterator[tuple[Any, ...]]:
    # A table without rows still has a shard, so that whoever reads it finds its columns.
    for start in range(0, max(len(items), 1), size):
        yield tuple(items[start : start + size])


def _shard(
    table: str, mined: MinedRepository, index: int, items: tuple[Any, ...], *, head_commit: str
) -> MineShard:
    return MineShard(
        table=table,
        name=f"{mined.slug}-{index:05d}",
        repo=mined.name,
        path=mined.path,
        license=mined.license,
        head_commit=head_commit,
        items=items,
    )
