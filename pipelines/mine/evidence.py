"""Whether two commits are the same work. In: a repository, a history, commits. Out: yes or no.

changes_same_files(repository, history, "squash", "branch-tip", config)  ->  True
patch_identities(repository, history, ["3f2a...", "9c41..."], config)  ->  {"3f2a...": "5d0e..."}
"""

from collections.abc import Iterable, Sequence

from pipelines.mine.comparisons import compare_trees
from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import patch_identity
from pipelines.mine.git import GitRepository
from pipelines.mine.history import History
from pipelines.mine.tree_changes import list_changes
from schemas.errors import RowError

_CHUNK = 16
"""At most 16 x (max_total_bytes + max_patch_bytes) of text are in memory."""


def shares_author(history: History, squash: str, commit: str) -> bool:
    """A squash is written by whoever wrote the branch, or some of it."""
    one, other = history.nodes[squash].author, history.nodes[commit].author
    return bool(set(one[:2]) & set(other[:2]) - {""})


def changes_same_files(
    repository: GitRepository, history: History, squash: str, head: str, config: MineConfig
) -> bool:
    """Whether a commit changes the very paths that a branch changes."""
    parent = history.nodes[squash].parents[0] if history.nodes[squash].parents else None
    fork = history.split(parent, head)[1]
    if parent is None or fork is None:
        return False
    trees = _trees(repository, [squash, parent, head, fork])
    if len(trees) < len({squash, parent, head, fork}):
        return False
    limit = 2 * config.max_files
    try:
        one = list_changes(repository, trees[parent], trees[squash], max_files=limit)
        other = list_changes(repository, trees[fork], trees[head], max_files=limit)
    except RowError:
        return False  # Nothing that the branch could be recognized by.
    return {diff.path for diff in one} == {diff.path for diff in other}


def patch_identities(
    repository: GitRepository, history: History, shas: Sequence[str], config: MineConfig
) -> dict[str, str]:
    """Commit -> identity of its change; those without change or over a limit have none."""
    identities = {}
    single = [sha for sha in shas if len(history.nodes[sha].parents) == 1]
    for start in range(0, len(single), _CHUNK):
        chunk = single[start : start + _CHUNK]
        parents = [history.nodes[sha].parents[0] for sha in chunk]
        trees = _trees(repository, [*chunk, *parents])
        pairs = [(trees[parent], trees[sha]) for sha, parent in zip(chunk, parents, strict=True)]
        results = compare_trees(repository, pairs, config).results
        for sha, files in zip(chunk, results, strict=True):
            if not isinstance(files, RowError):
                identities[sha] = patch_identity(files)
    return identities


def _trees(repository: GitRepository, shas: Iterable[str]) -> dict[str, str]:
    commits = repository.read_commits(dict.fromkeys(shas))
    return {sha: commit.tree for sha, commit in commits if commit is not None}
