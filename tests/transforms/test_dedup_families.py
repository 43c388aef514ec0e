"""Families of repositories with common history, and which member is kept."""

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.dedup.families import Family, fork_families, rejected_forks

Roots = dict[str, tuple[str, ...]]
ROOTS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.sampled_from("12345"), max_size=3).map(tuple)
)


def repositories(roots: Roots) -> pa.Table:
    columns = {"repo": list(roots), "root_commits": [list(found) for found in roots.values()]}
    schema = pa.schema([("repo", pa.string()), ("root_commits", pa.list_(pa.string()))])
    return pa.table(columns, schema=schema)


def components(roots: Roots) -> list[list[str]]:
    """By merging sets until nothing changes, sharing no code with what is tested."""
    groups = [{repo} for repo in roots]
    merged = True
    while merged:
        merged = False
        for one in groups:
            for other in groups:
                roots_of_one = {root for repo in one for root in roots[repo]}
                roots_of_other = {root for repo in other for root in roots[repo]}
                if one is not other and roots_of_one & roots_of_other:
                    one |= other
                    groups.remove(other)
                    merged = True
                    break
            if merged:
                break
    return sorted(sorted(group) for group in groups if len(group) > 1)


@given(ROOTS, st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 2)), st.randoms())
def test_families_are_connected_by_roots(
    roots: Roots, counts: dict[str, int], rng: random.Random
) -> None:
    families = fork_families(repositories(roots), counts)
    assert [list(family.repos) for family in families] == components(roots)
    for family in families:
        most = max(counts.get(repo, 0) for repo in family.repos)
        best = min(repo for repo in family.repos if counts.get(repo, 0) == most)
        assert family.canonical == best
        holders = {
            root: {repo for repo in family.repos if root in roots[repo]} for root in family.roots
        }
        assert all(len(held_by) > 1 for held_by in holders.values())
        assert set().union(*holders.values()) == set(family.repos)
    shuffled = list(roots.items())
    rng.shuffle(shuffled)
    assert fork_families(repositories(dict(shuffled)), counts) == families


@given(ROOTS, st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 2)))
def test_of_each_own_line_exactly_one_member_is_kept(roots: Roots, counts: dict[str, int]) -> None:
    dropped = rejected_forks(repositories(roots), counts)
    for repo, kept in dropped.items():
        assert kept not in dropped
        assert roots[repo][0] == roots[kept][0]
        assert (-counts.get(kept, 0), kept) < (-counts.get(repo, 0), repo)
    lines = [found[0] for repo, found in roots.items() if found and repo not in dropped]
    assert len(lines) == len(set(lines))


def test_a_fork_is_dropped_for_the_one_with_most_pull_requests() -> None:
    table = repositories({"ben/shop": ("r1",), "acme/shop": ("r1",), "dee/tools": ("r2",)})
    counts = {"acme/shop": 812, "ben/shop": 3}
    family = Family(repos=("acme/shop", "ben/shop"), canonical="acme/shop", roots=("r1",))
    assert fork_families(table, counts) == [family]
    assert rejected_forks(table, counts) == {"ben/shop": "acme/shop"}
    assert rejected_forks(table, {"ben/shop": 1}) == {"acme/shop": "ben/shop"}


def test_a_project_that_merged_another_is_a_relative_and_no_fork() -> None:
    table = repositories({"acme/all": ("own", "lib"), "acme/lib": ("lib",)})
    assert [family.repos for family in fork_families(table, {})] == [("acme/all", "acme/lib")]
    assert rejected_forks(table, {}) == {}


@pytest.mark.parametrize("roots", [(), ("r1",)])
def test_a_repository_alone_is_no_family(roots: tuple[str, ...]) -> None:
    assert fork_families(repositories({"a": roots, "b": ()}), {}) == []


def test_two_that_anonymization_gave_one_name_are_one() -> None:
    table = pa.concat_tables(
        [repositories({"a": ("1",), "b": ("1",)}), repositories({"a": ("2",)})]
    )
    (family,) = fork_families(table, {})
    assert family.repos == ("a", "b")
