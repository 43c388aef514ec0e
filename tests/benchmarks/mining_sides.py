"""One repository read twice: by mining, and by PyDriller. In: side, path, file. Out: answers.

    python tests/benchmarks/mining_sides.py katydid click.git answers.jsonl

Prints the number of commits of the default branch; with a name for answers, writes there a line of
JSON for each changed file. `mining.py` runs and compares both sides.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.mine.commits import RawCommit
from pipelines.mine.comparisons import compare_trees
from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import FileDiff
from pipelines.mine.file_changes import read_file_changes
from pipelines.mine.git import GitRepository, open_repository
from pipelines.mine.history import walk_commits
from schemas.errors import RowError

_CHUNK = 4
_HUGE = 1 << 40
_CONFIG = MineConfig(
    max_files=1_000_000, max_file_bytes=1 << 30, max_total_bytes=_HUGE, max_patch_bytes=_HUGE
)
_MAX_SHORT_CHARS = 300
_KINDS = {"ADD": "added", "DELETE": "deleted", "MODIFY": "modified", "RENAME": "renamed"}


class File(NamedTuple):
    """A changed file, in the same words from both sides."""

    old_path: str | None
    new_path: str | None
    kind: str
    diff: str
    num_added: int
    num_deleted: int
    before: str | None


class Change(NamedTuple):
    """A commit and its files."""

    sha: str
    message: str
    author: tuple[str, str]
    parents: tuple[str, ...]
    files: list[File]


def read_with_katydid(path: str, *, has_merges: bool = False) -> Iterator[Change]:
    """Merge commits without files, as PyDriller has them, or with those of their first parent."""
    with open_repository(path) as repository:
        head = repository.head(repository.refs())
        commits = {commit.sha: commit for commit in walk_commits(repository, [head])}
        is_read = {sha: has_merges or len(c.parents) < 2 for sha, c in commits.items()}
        yield from (_change(commits[sha], []) for sha in commits if not is_read[sha])
        names = [sha for sha in commits if is_read[sha]]
        for start in range(0, len(names), _CHUNK):
            chunk = [commits[sha] for sha in names[start : start + _CHUNK]]
            pairs = [(_base_tree(repository, commit, commits), commit.tree) for commit in chunk]
            compared = compare_trees(repository, pairs, _CONFIG)
            for commit, result in zip(chunk, compared.results, strict=True):
                diffs = [] if isinstance(result, RowError) else result
                yield _change(commit, _files(repository, diffs, compared.sizes))


def _change(commit: RawCommit, files: list[File]) -> Change:
    author = (commit.author.name, commit.author.email)
    return Change(commit.sha, commit.message, author, commit.parents, files)


def _base_tree(repository: GitRepository, commit: RawCommit, commits: dict[str, RawCommit]) -> str:
    parent = commits.get(commit.parents[0]) if commit.parents else None
    return parent.tree if parent else repository.empty_tree(commit.sha)


def _files(repository: GitRepository, diffs: list[FileDiff], sizes: dict[str, int]) -> list[File]:
    try:
        changes = read_file_changes(repository, diffs, sizes, _CONFIG)
    except RowError:  # Of a pull request without text there is no row.
        return [_file(diff.status, diff.old_path, diff.path, "", 0, 0, None) for diff in diffs]
    return [
        _file(c.status, c.old_path or c.path, c.path, c.patch, c.num_added, c.num_deleted,
              c.base_content)
        for c in changes
    ]  # fmt: skip


def _file(status: str, old_path: str, path: str, *rest: Any) -> File:
    old = None if status == "added" else old_path
    return File(old, None if status == "deleted" else path, status, *rest)


def read_with_pydriller(path: str) -> Iterator[Change]:
    from pydriller import Repository

    for commit in Repository(path).traverse_commits():
        files = [
            File(
                file.old_path,
                file.new_path,
                _KINDS.get(file.change_type.name, file.change_type.name),
                file.diff,
                file.added_lines,
                file.deleted_lines,
                file.source_code_before,
            )
            for file in commit.modified_files
        ]
        author = (commit.author.name, commit.author.email)
        yield Change(commit.hash, commit.msg, author, tuple(commit.parents), files)


SIDES: dict[str, Callable[[str], Iterator[Change]]] = {
    "katydid": read_with_katydid,
    "katydid, with merges": partial(read_with_katydid, has_merges=True),
    "pydriller": read_with_pydriller,
}


def run_side(side: str, path: str, answers: str) -> None:
    """Read everything; with a name for answers, write a line for each file."""
    num_commits = 0
    with Path(answers or os.devnull).open("w") as lines:
        for change in SIDES[side](path):
            num_commits += 1
            if answers:
                lines.writelines(_line(change, file) for file in change.files)
    print(num_commits)


def _line(change: Change, file: File) -> str:
    before = None if file.before is None else _short(file.before)
    short = file._replace(diff=_short(file.diff), before=before)
    return json.dumps({"sha": change.sha} | short._asdict()) + "\n"


def _short(text: str) -> str:
    """A long text as its hash."""
    digest = hashlib.sha1(text.encode("utf-8", "backslashreplace")).hexdigest()
    return text if len(text) <= _MAX_SHORT_CHARS else digest


if __name__ == "__main__":
    run_side(*sys.argv[1:4])
