"""Which files differ between two trees, with an end. In: tree names. Out: `FileDiff`s, no patches.

    list_changes(repository, old_tree, new_tree, max_files=200)  ->  [FileDiff(path="a.py", ...)]

`git diff-tree` collects every path before it prints one; a few objects that unfold to millions of
paths would fill the memory. Here folders are read level by level, and reading stops at the limit. A
folder without anything in scope is not read.
"""

import re
from collections.abc import Iterator, Sequence

from pipelines.mine.commits import decode_path
from pipelines.mine.diffs import REGULAR_MODES, FileDiff
from pipelines.mine.git import GitRepository
from pipelines.mine.scope import EVERYTHING, PathScope
from schemas.errors import RowError
from schemas.reasons import Reason

_FOLDERS_PER_FILE = 50
"""Each changed folder holds a changed file, if not one without any file; paths are less deep."""
_ABSENT = ""
_ENTRY = {
    40: re.compile(rb"([0-7]{1,7}) ([^\0]+)\0(.{20})", re.S),
    64: re.compile(rb"([0-7]{1,7}) ([^\0]+)\0(.{32})", re.S),
}
"""Digits of an object name -> an entry of a tree: "<mode> <name>", NUL, object name as bytes."""

_Entry = tuple[str, str]
"""Mode, object name."""
_NOTHING: _Entry = ("", "")
_RawEntry = tuple[bytes, bytes]
_RawEntries = dict[bytes, _RawEntry]
"""By name, as the tree object has them."""
_Folder = tuple[bytes, str, str]
"""Path, tree on the old side, tree on the new side."""


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
    level: list[_Folder] = [(b"", old_tree, new_tree)]
    num_folders = 0
    while level:
        below: list[_Folder] = []
        for (path, _, _), before, after in _read(repository, level):
            for name, one, other in _differences(before, after):
                text = decode_path(path + name)
                sides = [side[1] if side[0] == "40000" else _ABSENT for side in (one, other)]
                if any(sides) and scope.may_hold(text):
                    below.append((path + name + b"/", sides[0], sides[1]))
                files = [side if side[0] != "40000" else _NOTHING for side in (one, other)]
                if files[0] != files[1] and scope.includes(text):
                    changes.append((path + name, _change(text, files[0], files[1])))
            num_folders += 1
            num_known = num_folders + len(below)
            if len(changes) > max_files or num_known > _FOLDERS_PER_FILE * max(max_files, 1):
                raise RowError(Reason.TOO_MANY_FILES, f"over {max_files} paths")
        level = below
    return changes


def _read(
    repository: GitRepository, folders: Sequence[_Folder]
) -> Iterator[tuple[_Folder, _RawEntries, _RawEntries]]:
    """Each folder with its entries on both sides; git is asked for all of them at once."""
    sides = [
        [t for t in trees if t not in (_ABSENT, repository.empty_tree(t))] for _, *trees in folders
    ]
    answers = repository.read_trees(tree for trees in sides for tree in trees)
    for folder, trees in zip(folders, sides, strict=True):
        found = {tree: _entries(*next(answers)) for tree in trees}
        yield folder, found.get(folder[1], {}), found.get(folder[2], {})


def _entries(tree: str, data: bytes | None) -> _RawEntries:
    if data is None:
        raise RowError(Reason.MISSING_BLOB, "a tree is missing")
    found = _ENTRY[len(tree)].findall(data)
    by_name = {name: (mode, sha) for mode, name, sha in found}
    num_bytes = sum(len(mode) + len(name) for mode, name, _ in found)
    if num_bytes + len(found) * (len(tree) // 2 + 2) != len(data):
        raise RowError(Reason.MISSING_BLOB, "a tree is malformed")
    if len(by_name) < len(found):
        raise RowError(Reason.MISSING_BLOB, "a tree names an entry twice")
    return by_name


def _differences(before: _RawEntries, after: _RawEntries) -> Iterator[tuple[bytes, _Entry, _Entry]]:
    names = [name for name, entry in before.items() if after.get(name) != entry]
    names += [name for name in after if name not in before]
    for name in sorted(names):
        one, other = _canonical(before.get(name)), _canonical(after.get(name))
        if one != other:
            yield name, one, other


def _canonical(entry: _RawEntry | None) -> _Entry:
    return _NOTHING if entry is None else (_canonical_mode(entry[0]), entry[1].hex())


def _canonical_mode(mode: bytes) -> str:
    """As git reads it: old tools wrote "040000" and modes of all kinds of permissions."""
    bits = int(mode, 8)
    kind = bits & 0o170000
    if kind == 0o100000:
        return "100755" if bits & 0o100 else "100644"
    return {0o040000: "40000", 0o120000: "120000"}.get(kind, "160000")


def _change(path: str, before: _Entry, after: _Entry) -> FileDiff:
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
