"""Whether a branch is what was squashed. In: a squash candidate, its commits. Out: the candidate.

    with_landed_change(repository, candidate, commits, scope, config).result  ->  branch or squash

After a squash the branch may be moved, it may stand on another branch that was squashed before, or
its number may be another project's. It stands for what landed only if it changes the very paths
that the squash commit changes, and leaves the same content just where it found the same; else the
squash commit stands for itself, as the only commit of its series.
"""

from collections.abc import Mapping

from pipelines.mine.candidates import Candidate
from pipelines.mine.commits import RawCommit
from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import FileDiff, Pair
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
    is_same = _is_same_change(
        repository, (fork, head), (parent, squash.tree), scope, config.max_files
    )
    return candidate if is_same else alone


def _is_same_change(
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
    return _fits({diff.path: diff for diff in one}, {diff.path: diff for diff in other})


def _fits(branch: Mapping[str, FileDiff], squash: Mapping[str, FileDiff]) -> bool:
    """Whether a merge of the branch can have made the squash commit.

    Where main has a file as the branch found it, the merge takes the branch's file; where main has
    another, but the branch's file came out, main held a part of the change already.
    """
    if branch.keys() != squash.keys():
        return False
    pairs = ((diff, squash[path]) for path, diff in branch.items())
    return all(
        (one.old_sha == other.old_sha) == (one.new_sha == other.new_sha) for one, other in pairs
    )
