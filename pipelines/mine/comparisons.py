"""Differences of trees within limits. In: pairs of trees. Out: `FileDiff`s with patches, or errors.

    compare_trees(repository, [(old_tree, new_tree)], config, scope).results
        ->  [[FileDiff(...), ...]]

The changed files are listed without reading them, their sizes looked up, and what is missing or
over a limit rejected; only then are patches computed. So no change, however large, is in memory
before it is known to be small enough. Files out of scope are as if they did not exist: a file that
comes from there is added, one that goes there is deleted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import FileDiff, Pair, diff_trees
from pipelines.mine.environment import MAX_OBJECT_BYTES
from pipelines.mine.git import GitRepository
from pipelines.mine.scope import EVERYTHING, PathScope
from pipelines.mine.tree_changes import list_raw_changes
from schemas.errors import RowError
from schemas.reasons import Reason

_MAX_PATH_BYTES = 65_536
_MAX_PATHS_BYTES = 524_288
"""Paths are arguments of a command, of which Linux takes 128 KiB each and 2 MiB together."""

Changes = list[tuple[bytes, FileDiff]]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Results in the order of the pairs, and the sizes in bytes of all contents."""

    results: list[list[FileDiff] | RowError]
    sizes: dict[str, int]


def compare_trees(
    repository: GitRepository,
    pairs: Sequence[Pair],
    config: MineConfig,
    scope: PathScope = EVERYTHING,
) -> Comparison:
    """The changed files in scope of each pair, or why they cannot be compared."""
    listed = [_listed(repository, pair, config, scope) for pair in pairs]
    lists = [changes for changes in listed if not isinstance(changes, RowError)]
    sizes = repository.sizes(
        sha for changes in lists for _, diff in changes for sha in diff.blobs()
    )
    errors = [_error(changes, sizes, config) for changes in listed]
    small = [
        (pair, [path for path, _ in changes])
        for pair, changes, error in zip(pairs, listed, errors, strict=True)
        if error is None and not isinstance(changes, RowError)
    ]
    patched = _patched(repository, small, config, scope)
    results = [_result(next(patched), scope) if error is None else error for error in errors]
    return Comparison(results=results, sizes=sizes)


def _listed(
    repository: GitRepository, pair: Pair, config: MineConfig, scope: PathScope
) -> Changes | RowError:
    try:
        # A rename is listed as two files here.
        limit = 2 * config.max_files
        changes = list_raw_changes(repository, *pair, max_files=limit, scope=scope)
    except RowError as error:
        return error
    if not changes and not scope.is_everything and pair[0] != pair[1]:
        return RowError(Reason.OUT_OF_SCOPE, "no changed file is in scope")
    num_bytes = [len(path) for path, _ in changes]
    if sum(num_bytes) > _MAX_PATHS_BYTES or max(num_bytes, default=0) > _MAX_PATH_BYTES:
        return RowError(Reason.TOO_LARGE, f"{sum(num_bytes)} bytes of paths")
    return changes


def _patched(
    repository: GitRepository,
    items: Sequence[tuple[Pair, list[bytes]]],
    config: MineConfig,
    scope: PathScope,
) -> Iterator[list[FileDiff] | Reason]:
    """The differences of each pair, where a scope is given in the listed paths only.

    With other paths in sight, git would show a file as a rename of one that is out of scope.
    """
    if scope.is_everything:
        trees = [pair for pair, _ in items]
        yield from diff_trees(repository, trees, max_file_bytes=config.max_file_bytes)
        return
    for part in _parts(items):
        trees = [pair for pair, _ in part]
        paths = sorted({path for _, own in part for path in own})
        yield from diff_trees(repository, trees, max_file_bytes=config.max_file_bytes, paths=paths)


def _parts(
    items: Sequence[tuple[Pair, list[bytes]]],
) -> Iterator[list[tuple[Pair, list[bytes]]]]:
    """The items in parts whose paths fit into one command."""
    part: list[tuple[Pair, list[bytes]]] = []
    total = 0
    for item in items:
        num_bytes = sum(map(len, item[1]))
        if part and total + num_bytes > _MAX_PATHS_BYTES:
            yield part
            part, total = [], 0
        part.append(item)
        total += num_bytes
    if part:
        yield part


def _result(diffs: list[FileDiff] | Reason, scope: PathScope) -> list[FileDiff] | RowError:
    """What is in scope: a path names a folder too, when the other side has one of that name."""
    if isinstance(diffs, Reason):
        return RowError(diffs, "git cannot compare the trees")
    inside = [diff for diff in diffs if scope.includes(diff.path) or scope.includes(diff.old_path)]
    if all(scope.includes(diff.path) and scope.includes(diff.old_path) for diff in inside):
        return inside
    return RowError(Reason.OUT_OF_SCOPE, "a rename leads out of scope")


def _error(
    changes: Changes | RowError, sizes: Mapping[str, int], config: MineConfig
) -> RowError | None:
    """Why a change is incomplete or too large to be compared."""
    if isinstance(changes, RowError):
        return changes
    if not changes:
        return RowError(Reason.NO_TEXT_CHANGE, "no file changes")
    diffs = [diff for _, diff in changes]
    blobs = [sha for diff in diffs for sha in diff.blobs()]
    num_missing = sum(sha not in sizes for sha in blobs)
    if num_missing:
        return RowError(Reason.MISSING_BLOB, f"{num_missing} of {len(blobs)} objects")
    if any(sizes[sha] >= MAX_OBJECT_BYTES for sha in blobs):
        return RowError(Reason.TOO_LARGE, f"a file over {MAX_OBJECT_BYTES} bytes")
    old = [diff.old_sha for diff in diffs if diff.is_old_file]
    new = [diff.new_sha for diff in diffs if diff.is_new_file]
    for side in (old, new):
        total = sum(sizes[sha] for sha in side if sizes[sha] <= config.max_file_bytes)
        if total > config.max_total_bytes:
            return RowError(Reason.TOO_LARGE, f"{total} > {config.max_total_bytes} bytes of files")
    return None
