"""Repositories with common history. In: mine's `repositories`. Out: families, and who is dropped.

    fork_families(repositories, {"acme/shop": 812, "ben/shop": 3})
        ->  [Family(repos=("acme/shop", "ben/shop"), canonical="acme/shop", roots=("3f2a...",))]
    rejected_forks(repositories, {"acme/shop": 812, "ben/shop": 3})  ->  {"ben/shop": "acme/shop"}

A root commit is a commit without parents; its name is a hash of its content, its author and its
second, so whoever has it copied it. A family shares any: code can have gone either way, and no
family may be split over train and validation. A fork shares the root of its own line: a project
that merged another one's history is no fork of it. Of 60 projects read, 9 had several roots
(open-falcon/falcon-plus 16, of the parts that it was joined from), none a root of another's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Family:
    """Two repositories or more with common history."""

    repos: tuple[str, ...]
    """Sorted."""
    canonical: str
    """The one with most pull requests; of several, the first by name."""
    roots: tuple[str, ...]
    """The root commits that more than one of them has, sorted."""


def fork_families(repositories: pa.Table, num_pull_requests: Mapping[str, int]) -> list[Family]:
    """Families connected by any shared root commit, sorted by their first repository.

    `repositories` has columns `repo` and `root_commits`; a repository without any is in no family.
    """
    roots_of = _roots(repositories)
    families = [_family(repos, roots_of, num_pull_requests) for repos in _connected(roots_of)]
    return sorted(families, key=lambda family: family.repos)


def rejected_forks(repositories: pa.Table, num_pull_requests: Mapping[str, int]) -> dict[str, str]:
    """Each repository that is dropped with `dedup.forks = "drop"` -> the one kept in its place.

    Of those whose own lines begin with the same commit, all but the one with most pull requests.
    """
    own_root = {repo: roots[:1] for repo, roots in _roots(repositories).items()}
    groups = [(repos, _canonical(repos, num_pull_requests)) for repos in _connected(own_root)]
    return {repo: kept for repos, kept in groups for repo in repos if repo != kept}


def _roots(repositories: pa.Table) -> dict[str, tuple[str, ...]]:
    """Repository -> roots; two that anonymization gave the same name count as one."""
    found: dict[str, tuple[str, ...]] = {}
    columns = (repositories.column(name).to_pylist() for name in ("repo", "root_commits"))
    for repo, roots in sorted(zip(*columns, strict=True)):
        found[repo] = (*found.get(repo, ()), *roots)
    return found


def _connected(roots_of: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Repositories linked by common roots, sorted, in groups of two or more."""
    holders: dict[str, list[str]] = {}
    for repo, roots in roots_of.items():
        for root in roots:
            holders.setdefault(root, []).append(repo)
    seen: set[str] = set()
    for start in sorted(roots_of):
        group: set[str] = set()
        stack = [start]
        while stack:
            repo = stack.pop()
            if repo not in seen:
                seen.add(repo)
                group.add(repo)
                stack += [other for root in roots_of[repo] for other in holders.pop(root, ())]
        if len(group) > 1:
            yield tuple(sorted(group))


def _family(
    repos: tuple[str, ...],
    roots_of: Mapping[str, tuple[str, ...]],
    num_pull_requests: Mapping[str, int],
) -> Family:
    counts = Counter(root for repo in repos for root in set(roots_of[repo]))
    shared = tuple(sorted(root for root, count in counts.items() if count > 1))
    return Family(repos=repos, canonical=_canonical(repos, num_pull_requests), roots=shared)


def _canonical(repos: Iterable[str], num_pull_requests: Mapping[str, int]) -> str:
    return min(repos, key=lambda repo: (-num_pull_requests.get(repo, 0), repo))
