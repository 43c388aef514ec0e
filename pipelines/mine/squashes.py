"""Whether a branch is what was squashed. In: a squash candidate, its commits. Out: the candidate.

    with_landed_change(repository, candidate, commits, scope, config).result  ->  branch or squash

After a squash the branch may be moved, or its number may be another project's. It stands for what
landed only if it changes the very paths that the squash commit changes; else the squash commit
stands for itself, as the only commit of its series.
"""

from collections.abc import Mapping

from pipelines.mine.candidates import Candidate
from pipelines.mine.commits import RawCommit
from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import Pair
from pipelines.mine.git import GitRepository
from pipelines.mine.scope import PathScope
from pipelines.mine.tree_changes import list_changes
from schemas.errors import RowError


def with_landed_change(
    repository: GitRepository,
    candidate: Candidate,
    commits: Mapping[str, RawCommit],
    scope: PathScope,
    config: MineConfig,
) -> Candidate:
    """The candidate with its branch, or without it where it is another change."""
    squash = commits.get(candidate.merge_commit or "")
    if squash is None or candidate.result == squash.sha:
        return candidate
    alone = candidate._replace(
        base=squash.parents[0] if squash.parents else None,
        head=squash.sha,
        result=squash.sha,
        commits=(squash.sha,),
    )
    ends = [candidate.base, candidate.result, alone.base]
    trees = [commits[sha].tree for sha in ends if sha is not None and sha in commits]
    if len(trees) < len(ends):
        return alone
    fork, head, parent = trees
    is_same = _changes_same_paths(
        repository, (fork, head), (parent, squash.tree), scope, config.max_files
    )
    return candidate if is_same else alone


def _changes_same_paths(
    repository: GitRepository, branch: Pair, squash: Pair, scope: PathScope, max_files: int
) -> bool:
    if branch == squash:
        return True
    # A rename is listed as two paths.
    limit = 2 * max_files
    try:
        one = list_changes(repository, *branch, max_files=limit, scope=scope)
        other = list_changes(repository, *squash, max_files=limit, scope=scope)
    except RowError:
        return False  # Too large, or incomplete: what the squash commit alone will be rejected for.
    return {diff.path for diff in one} == {diff.path for diff in other}
