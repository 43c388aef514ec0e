"""Which files differ between two trees, with an end. In: tree names. Out: `FileDiff`s, no patches.

    list_changes(repository, old_tree, new_tree, max_files=200)  ->  [FileDiff(path="a.py", ...)]

`git diff-tree` collects every path before it prints one; a few objects that unfold to millions of
paths would fill the memory. Here folders are read one by one, and reading stops at the limit.
"""

from collections.abc import Iterator

from pipelines.mine.commits import decode_path
from pipelines.mine.diffs import REGULAR_MODES, FileDiff
from pipelines.mine.git import GitRepository
from schemas.errors import RowError
from schemas.reasons import Reason

_FOLDERS_PER_FILE = 50
"""Each changed folder holds a changed file, if not one without any file; paths are less deep."""
_ABSENT = ""

Entry = tuple[str, str]
"""Mode, object name."""


def list_changes(
    repository: GitRepository, old_tree: str, new_tree: str, *, max_files: int
) -> list[FileDiff]:
    """The changed files; renames are a deletion and an addition.

    Raises RowError with TOO_MANY_FILES for more than `max_files`, MISSING_BLOB for a missing tree.
    """
    changes: list[FileDiff] = []
    folders = [(b"", old_tree, new_tree)]
    num_folders = 0
    while folders:
        path, old, new = folders.pop()
        num_folders += 1
        for name, before, after in _differences(repository, old, new):
            sides = [side[1] if side[0] == "40000" else _ABSENT for side in (before, after)]
            if any(sides):
                folders.append((path + name + b"/", sides[0], sides[1]))
            files = [side if side[0] != "40000" else ("", "") for side in (before, after)]
            if files[0] != files[1]:
                changes.append(_change(decode_path(path + name), files[0], files[1]))
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
    return dict(_split_entries(data, len(tree) // 2))


def _split_entries(data: bytes, num_name_bytes: int) -> Iterator[tuple[bytes, Entry]]:
    """Entries are "<mode> <name>", NUL, the object name as bytes."""
    position = 0
    while (end := data.find(b"\0", position)) >= 0:
        mode, _, name = data[position:end].partition(b" ")
        position = end + 1 + num_name_bytes
        yield name, (mode.decode("ascii", "replace"), data[end + 1 : position].hex())


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
