"""What `mine` has to do. In: configuration. Out: shards, and notes for the operator.

    plan_mining(config).shards  ->  [MineShard(table="pull_requests", name="shop-00000", ...), ...]

None of pull requests or files names the head commit, which moves every day. Pull requests that
landed are cut into ranges in landing order, to which a day only appends; the others into ranges of
numbers; files where the hash of a path says so, so that a new file touches its own shard only.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.github.facts import KnownPullRequest
from pipelines.mine.config import MineConfig
from pipelines.mine.object_stamps import object_stamp
from pipelines.mine.repositories import MinedRepository, find_repositories
from pipelines.mine.repository_facts import facts_for_rules
from pipelines.mine.shards import MineShard
from schemas.errors import ConfigError
from schemas.ids import fingerprint, stable_id
from schemas.reasons import Reason
from transforms.filters.rule import RepositoryFacts
from transforms.filters.rules import RuleSet, rules_of

if TYPE_CHECKING:
    from pipelines.mine.candidates import Candidate
    from pipelines.mine.git import GitRepository

Known = Mapping[int, KnownPullRequest]

_SPREAD = 5
"""Most numbers landed, so a range of those that did not spans so many times a shard's size."""


@dataclass(frozen=True, kw_only=True)
class MinePlan:
    """All work, by table and name."""

    shards: tuple[MineShard, ...]
    notes: tuple[str, ...]
    """What the operator should know, such as submodules that are nowhere to be found."""
    objects: dict[str, str]
    """Repository -> a stamp of its object store, "" where it has none."""


def plan_mining(
    config: MineConfig,
    planned: Callable[[str, int, int], None] = lambda name, num_done, total: None,
) -> MinePlan:
    """Every shard of every repository. Clones and fetches what has a URL.

    `planned` is told each repository's name, how many are planned, and of how many.
    """
    if config.prs_per_shard < 1 or config.files_per_shard < 1:
        raise ConfigError("mine.prs_per_shard and mine.files_per_shard must be 1 or more")
    rules = rules_of(config.profile, config.rules)
    repositories = find_repositories(config)
    shards: list[MineShard] = []
    roots: dict[str, tuple[str, ...]] = {}
    notes = [note for mined in repositories for note in mined.notes]
    for index, mined in enumerate(repositories, start=1):
        known = _known(mined, config)
        if config.github_archive and not known:
            notes.append(f"{mined.name}: mine.github_archive knows no pull request of it")
        found, roots[mined.name] = _plan_repository(mined, known, rules, config)
        shards += found
        planned(mined.name, index, len(repositories))
    shards.append(_repositories_shard(repositories, roots))
    shards.sort(key=lambda shard: (shard.table, shard.name))
    objects = {mined.name: object_stamp(mined.path) for mined in repositories}
    return MinePlan(shards=tuple(shards), notes=tuple(notes), objects=objects)


def _repositories_shard(
    repositories: Sequence[MinedRepository], roots: Mapping[str, tuple[str, ...]]
) -> MineShard:
    items = tuple(
        (
            ("repository_id", stable_id("repository", mined.name)),
            ("repo", mined.name),
            ("source", "git"),
            ("license", mined.license),
            ("path", mined.path),
            ("head_commit", mined.head),
            ("owner", mined.owner),
            ("sensitivity", mined.sensitivity),
            ("include", mined.scope.include),
            ("exclude", mined.scope.exclude),
            ("root_commits", roots[mined.name]),
        )
        for mined in repositories
    )
    name = "repositories"
    return MineShard(table=name, name=name, repo="", path="", license="", items=items)


class _Found(NamedTuple):
    """What the graph of a repository shows."""

    candidates: list["Candidate"]
    """Those that landed, in landing order, then the others."""
    num_landed: int
    root_commits: tuple[str, ...]


def _plan_repository(
    mined: MinedRepository, known: Known, rules: RuleSet, config: MineConfig
) -> tuple[list[MineShard], tuple[str, ...]]:
    """A repository's shards and its root commits."""
    from pipelines.mine.git import open_repository

    with open_repository(mined.path) as repository:
        found = _read_graph(repository, mined, known, config)
        num_pulls = sum(c.defect != Reason.NO_PULL_REQUEST for c in found.candidates)
        facts = facts_for_rules(rules, mined, known, num_pulls, config)
        parts = _pull_request_parts(found.candidates, found.num_landed, config.prs_per_shard)
        shards = [_shard("pull_requests", mined, name, part, facts=facts) for name, part in parts]
        shards += _source_file_shards(repository, mined, config)
    sources = [list(pull.sources) for _, pull in sorted(known.items())]
    people = fingerprint([mined.head, sorted(mined.refs.items()), sources])
    tips = [(sha,) for sha in sorted(set(_told_commits(known)))]
    shards.append(_shard("identities", mined, "00000", tips, depends_on=people))
    return shards, found.root_commits


def _known(mined: MinedRepository, config: MineConfig) -> Known:
    if not config.github_archive:
        return {}
    from pipelines.github.read import known_pull_requests

    return known_pull_requests(config.github_archive, mined.name)


def _read_graph(
    repository: "GitRepository", mined: MinedRepository, known: Known, config: MineConfig
) -> _Found:
    from pipelines.mine.candidates import find_candidates
    from pipelines.mine.history import read_history
    from pipelines.mine.join import join_candidates, mark_reverted

    heads = mined.pull_heads()
    history = read_history(repository, mined.head, [*heads.values(), *_told_commits(known)])
    found = find_candidates(repository, history, heads, config)
    found = join_candidates(found, known, history, heads, config)
    num_landed = sum((candidate.merge_commit or "") in history.landed for candidate in found)
    return _Found(mark_reverted(found, history), num_landed, history.root_commits())


def _told_commits(known: Known) -> Iterator[str]:
    """Heads and merges that GitHub names; a fetch may have brought them when a ref led there."""
    told = (sha for pull in known.values() for sha in (pull.head_sha, pull.merge_sha))
    return (sha for sha in told if sha is not None)


def _pull_request_parts(
    candidates: Sequence["Candidate"], num_landed: int, size: int
) -> Iterator[tuple[str, Sequence["Candidate"]]]:
    # A table without rows still has a shard, so that whoever reads it finds its columns.
    for index, start in enumerate(range(0, max(num_landed, 1), size)):
        yield f"{index:05d}", candidates[start : min(start + size, num_landed)]
    by_range: dict[int, list[Candidate]] = {}
    for candidate in candidates[num_landed:]:
        by_range.setdefault(candidate.number // (_SPREAD * size), []).append(candidate)
    for index, part in sorted(by_range.items()):
        yield f"u{index:05d}", part


def _source_file_shards(
    repository: "GitRepository", mined: MinedRepository, config: MineConfig
) -> Iterator[MineShard]:
    from pipelines.mine.placements import place_files

    entries = [entry for entry in mined.entries if mined.scope.includes(entry.path)]
    placed = place_files(repository, entries, config)
    items = [
        (
            entry.path,
            entry.mode,
            entry.sha,
            -1 if entry.size is None else entry.size,
            *placed[entry.path],
        )
        for entry in entries
    ]
    for name, part in _stable_parts(items, config.files_per_shard):
        yield _shard("source_files", mined, name, part)


def _stable_parts(
    items: Sequence[tuple[Any, ...]], size: int
) -> Iterator[tuple[str, Sequence[Any]]]:
    """(name, files): cut before paths whose hash is a multiple of half the size, at most `size`.

    Cuts depend on paths and not on positions, as in content-defined chunking (LBFS, SOSP 2001).
    """
    start, name = 0, "00000"
    for index in range(1, len(items) + 1):
        is_end = index == len(items)
        digest = "" if is_end else stable_id("cut", items[index][0])
        is_cut = not is_end and int(digest[:12], 16) % max(size // 2, 1) == 0
        if is_end or is_cut or index - start == size:
            yield name, items[start:index]
            start, name = index, digest[:12]
    if not items:
        yield name, items


def _shard(
    table: str,
    mined: MinedRepository,
    part: str,
    items: Sequence[Any],
    *,
    depends_on: str = "",
    facts: RepositoryFacts | None = None,
) -> MineShard:
    return MineShard(
        table=table,
        name=f"{mined.slug}-{part}",
        repo=mined.name,
        path=mined.path,
        license=mined.license,
        include=mined.scope.include,
        exclude=mined.scope.exclude,
        depends_on=depends_on,
        facts=facts or RepositoryFacts(),
        items=tuple(tuple(item) for item in items),
    )
