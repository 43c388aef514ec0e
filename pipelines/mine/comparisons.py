"""Differences of trees within limits. In: pairs of trees. Out: `FileDiff`s with patches, or errors.

    compare_trees(repository, [(old_tree, new_tree)], config).results  ->  [[FileDiff(...), ...]]

The changed files are listed without reading them, their sizes looked up, and what is missing or
over a limit rejected; only then are patches computed. So no change, however large, is in memory
before it is known to be small enough.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import FileDiff, Pair, diff_trees
from pipelines.mine.git import GitRepository
from pipelines.mine.tree_changes import list_changes
from schemas.errors import RowError
from schemas.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Results in the order of the pairs, and the sizes in bytes of all contents."""

    results: list[list[FileDiff] | RowError]
    sizes: dict[str, int]


def compare_trees(
    repository: GitRepository, pairs: Sequence[Pair], config: MineConfig
) -> Comparison:
    """The changed files of each pair, or why they cannot be compared."""
    listed = [_listed(repository, pair, config) for pair in pairs]
    lists = [diffs for diffs in listed if not isinstance(diffs, RowError)]
    sizes = repository.sizes(sha for diffs in lists for diff in diffs for sha in diff.blobs())
    errors = [_error(diffs, sizes, config) for diffs in listed]
    small = [pair for pair, error in zip(pairs, errors, strict=True) if error is None]
    patched = iter(diff_trees(repository, small, max_file_bytes=config.max_file_bytes))
    results = [_result(next(patched)) if error is None else error for error in errors]
    return Comparison(results=results, sizes=sizes)


def _listed(repository: GitRepository, pair: Pair, config: MineConfig) -> list[FileDiff] | RowError:
    try:
        # A rename is listed as two files here.
        return list_changes(repository, *pair, max_files=2 * config.max_files)
    except RowError as error:
        return error


def _result(diffs: list[FileDiff] | Reason) -> list[FileDiff] | RowError:
    if isinstance(diffs, Reason):
        return RowError(diffs, "git cannot compare the trees")
    return diffs


def _error(
    diffs: Sequence[FileDiff] | RowError, sizes: Mapping[str, int], config: MineConfig
) -> RowError | None:
    """Why a change is incomplete or too large to be compared."""
    if isinstance(diffs, RowError):
        return diffs
    if not diffs:
        return RowError(Reason.NO_TEXT_CHANGE, "no file changes")
    blobs = [sha for diff in diffs for sha in diff.blobs()]
    num_missing = sum(sha not in sizes for sha in blobs)
    if num_missing:
        return RowError(Reason.MISSING_BLOB, f"{num_missing} of {len(blobs)} objects")
    old = [diff.old_sha for diff in diffs if diff.is_old_file]
    new = [diff.new_sha for diff in diffs if diff.is_new_file]
    for side in (old, new):
        total = sum(sizes[sha] for sha in side if sizes[sha] <= config.max_file_bytes)
        if total > config.max_total_bytes:
            return RowError(Reason.TOO_LARGE, f"{total} > {config.max_total_bytes} bytes of files")
    return None
