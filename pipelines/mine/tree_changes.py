"""Which files differ between two trees, with an end. In: tree names. Out: `FileDiff`s, no patches.

    list_changes(repository, old_tree, new_tree, max_files=200)  ->  [FileDiff(path="a.py", ...)]

`git diff-tree` collects every path before it prints one; a few objects that unfold to millions of
paths would fill the memory. Here folders are read one by one, and reading stops at the limit. A
folder without anything in scope is not read.
"""

import re
from collections.abc import Iterator

from pipelines.mine.commits import decode_path
from pipelines.mine.diffs import REGULAR_MODES, FileDiff
from pipelines.mine.git import GitRepository
from pipelines.mine.scope import EVERYTHING, PathScope
from schemas.errors import RowError
from schemas.reasons import Reason

_FOLDERS_PER_FILE = 50
"""Each changed folder holds a changed file, if not one without any file; paths are less deep."""
_ABSENT = ""
_OCTAL = re.compile(rb"[0-7]{1,7}")

Entry = tuple[str, str]
"""Mode, object name."""


def list_changes(
    repository: GitRepository,
    old_tree: str,
    new_tree: str,
    *,
    max_files: int,
    scope: PathScope = EVERYTHING,
) -> list[FileDiff]:
    """The changed files in scope; renames are a deletion and an addition.

    Raises RowError with TOO_MANY_FILES for more than `max_files`, MISSING_BLOB for a missing tree.
    """
    changes = list_raw_changes(repository, old_tree, new_tree, max_files=max_files, scope=scope)
    return [diff for _, diff in changes]


def list_raw_changes(
    repository: GitRepository, old_tree: str, new_tree: str, *, max_files: int, scope: PathScope
) -> list[tuple[bytes, FileDiff]]:
    """As `list_changes`, each with its path as git has it."""
    changes: list[tuple[bytes, FileDiff]] = []
    folders = [(b"", old_tree, new_tree)]
    num_folders = 0
    while folders:
        path, old, new = folders.pop()
        num_folders += 1
        for name, before, after in _differences(repository, old, new):
            text = decode_path(path + name)
            sides = [side[1] if side[0] == "40000" else _ABSENT for side in (before, after)]
            if any(sides) and scope.may_hold(text):
                folders.append((path + name + b"/", sides[0], sides[1]))
            files = [side if side[0] != "40000" else ("", "") for side in (before, after)]
            if files[0] != files[1] and scope.includes(text):
                changes.append((path + name, _change(text, files[0], files[1])))
        if len(changes) > max_files or num_folders > _FOLDERS_PER_FILE * max(max_files, 1):
            raise RowError(Reason.TOO_MANY_FILES, f"over {max_files} paths")
    return changes


def _differences(
    repository: GitRepository, old: str, new: str
) -> Iterator[tuple[bytes, Entry, Entry]]:
    before, after = _entries(repository, old), _entries(repository, new)
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name, ("", "")), after.get(name, ("", ""))
        if one != other:
            yield name, one, other


def _entries(repository: GitRepository, tree: str) -> dict[bytes, Entry]:
    if tree == _ABSENT or tree == repository.empty_tree(tree):
        return {}
    data = repository.read_tree(tree)
    if data is None:
        raise RowError(Reason.MISSING_BLOB, "a tree is missing")
    entries = list(_split_entries(data, len(tree) // 2))
    by_name = dict(entries)
    if len(by_name) < len(entries):
        raise RowError(Reason.MISSING_BLOB, "a tree names an entry twice")
    return by_name


def _split_entries(data: bytes, num_name_bytes: int) -> Iterator[tuple[bytes, Entry]]:
    """Entries are "<mode> <name>", NUL, the object name as bytes."""
    position = 0
    while (end := data.find(b"\0", position)) >= 0:
        mode, _, name = data[position:end].partition(b" ")
        position = end + 1 + num_name_bytes
        yield name, (_canonical_mode(mode), data[end + 1 : position].hex())


def _canonical_mode(mode: bytes) -> str:
    """As git reads it: old tools wrote "040000" and modes of all kinds of permissions."""
    if not _OCTAL.fullmatch(mode):
        raise RowError(Reason.MISSING_BLOB, "a tree has a malformed mode")
    bits = int(mode, 8)
    kind = bits & 0o170000
    if kind == 0o100000:
        return "100755" if bits & 0o100 else "100644"
    return {0o040000: "40000", 0o120000: "120000"}.get(kind, "160000")


def _change(path: str, before: Entry, after: Entry) -> FileDiff:
    status = "added" if not before[0] else "deleted" if not after[0] else "modified"
    return FileDiff(
        path=path,
        old_path=path,
        status=status,
        old_sha=before[1],
        new_sha=after[1],
        is_old_file=before[0] in REGULAR_MODES,
        is_new_file=after[0] in REGULAR_MODES,
        hunks=b"",
    )
