"""Whether two commits are the same work. In: a repository, a history, commits. Out: identities.

patch_identities(repository, history, ["3f2a...", "9c41..."], config)  ->  {"3f2a...": "5d0e..."}
"""

from collections.abc import Iterable, Sequence

from pipelines.mine.comparisons import compare_trees
from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import patch_identity
from pipelines.mine.git import GitRepository
from pipelines.mine.history import History
from schemas.errors import RowError
from schemas.reasons import Reason

NO_CHANGE = ""
_CHUNK = 4
"""At most 4 x (max_total_bytes + max_patch_bytes) of text are in memory."""


def shares_author(history: History, squash: str, commit: str) -> bool:
    """A squash is written by whoever wrote the branch, or some of it."""
    one, other = history.nodes[squash].author, history.nodes[commit].author
    return bool(set(one[:2]) & set(other[:2]) - {""})


def patch_identities(
    repository: GitRepository, history: History, shas: Sequence[str], config: MineConfig
) -> dict[str, str]:
    """Commit -> identity of its change; `NO_CHANGE` without one, nothing for those over a limit."""
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
            elif files.reason == Reason.NO_TEXT_CHANGE:
                identities[sha] = NO_CHANGE
    return identities


def _trees(repository: GitRepository, shas: Iterable[str]) -> dict[str, str]:
    commits = repository.read_commits(dict.fromkeys(shas))
    return {sha: commit.tree for sha, commit in commits if commit is not None}
