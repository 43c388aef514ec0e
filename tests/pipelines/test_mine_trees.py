"""Changed files of two trees against what `git diff-tree` says of them."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mined import Git, new_shop

from pipelines.mine.git import GitRepository, open_repository
from pipelines.mine.tree_changes import list_changes
from schemas.errors import RowError
from schemas.reasons import Reason

NAMES = st.sampled_from(["a", "a.b", "b", "caf\u00e9", "x y"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
MODES = st.sampled_from(["100644", "100755", "120000"])
TREES = st.dictionaries(PATHS, st.tuples(MODES, st.integers(0, 2)), max_size=8)


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    return new_shop(tmp_path_factory.mktemp("trees"))


def run(git: Git, *arguments: str, stdin: bytes = b"") -> bytes:
    command = ["git", "-C", str(git.folder), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout


def write_tree(git: Git, files: dict[str, tuple[str, int]]) -> str:
    """A tree; where one path lies below another, the longer one stays, as git has it."""
    blobs = [run(git, "hash-object", "-w", "--stdin", stdin=b"%d\n" % n).strip() for n in range(3)]
    (git.folder / ".git" / "index").unlink(missing_ok=True)
    lines = [
        f"{mode} {blobs[content].decode()}\t{path}\n"
        for path, (mode, content) in files.items()
        if not any(other.startswith(f"{path}/") for other in files)
    ]
    run(git, "update-index", "--index-info", stdin="".join(lines).encode())
    return run(git, "write-tree").decode().strip()


@settings(max_examples=25, deadline=None)
@given(TREES, TREES)
def test_changes_are_those_of_git(git: Git, old: dict[str, tuple[str, int]],
                                  new: dict[str, tuple[str, int]]) -> None:  # fmt: skip
    pair = write_tree(git, old), write_tree(git, new)
    output = run(git, "diff-tree", "-r", "--no-renames", "-z", "--raw", "--no-abbrev", *pair)
    fields = output.decode().split("\0")[:-1]
    expected = {}
    for facts, path in zip(fields[::2], fields[1::2], strict=True):
        _, _, old_sha, new_sha, status = facts.split(" ")
        expected[path] = (old_sha.strip("0"), new_sha.strip("0"), status)
    with open_repository(str(git.folder)) as repository:
        found = list_changes(repository, *pair, max_files=100)
    status = {"added": "A", "deleted": "D", "modified": "M"}
    assert {d.path: (d.old_sha.strip("0"), d.new_sha.strip("0")) for d in found} == {
        path: shas[:2] for path, shas in expected.items()
    }
    # What becomes a link, or was one, has a letter of its own.
    assert all(status[d.status] == expected[d.path][2].replace("T", "M") for d in found)


def test_reading_stops_at_the_limit_and_the_next_pair_is_read_right(git: Git) -> None:
    few = write_tree(git, {"b": ("100644", 0)})
    many = write_tree(git, {f"d{n}/{n}": ("100644", 1) for n in range(300)})
    with open_repository(str(git.folder)) as repository:
        error = refused(repository, few, many)
        assert error.reason == Reason.TOO_MANY_FILES
        assert [diff.path for diff in list_changes(repository, few, few, max_files=1)] == []
        empty = repository.empty_tree(few)
        assert [diff.path for diff in list_changes(repository, empty, few, max_files=1)] == ["b"]


ENTRY = b"100644 a\0" + b"\1" * 20
MALFORMED = {
    "cut": ENTRY[:-1],
    "without a name": b"100644 \0" + b"\1" * 20,
    "without a mode": b" a\0" + b"\1" * 20,
    "a mode that is no number": b"1008 a\0" + b"\1" * 20,
    "noise behind": ENTRY + b"\n",
    "noise between": ENTRY + b"?" + ENTRY.replace(b"a", b"b"),
    "the same name twice": ENTRY + ENTRY,
}


@pytest.mark.parametrize("name", sorted(MALFORMED))
def test_malformed_trees_are_refused(git: Git, name: str) -> None:
    command = ("hash-object", "-t", "tree", "-w", "--stdin", "--literally")
    tree = run(git, *command, stdin=MALFORMED[name]).decode().strip()
    with open_repository(str(git.folder)) as repository:
        error = refused(repository, repository.empty_tree(tree), tree)
    assert error.reason == Reason.MISSING_BLOB


def refused(repository: GitRepository, old: str, new: str) -> RowError:
    with pytest.raises(RowError) as caught:
        list_changes(repository, old, new, max_files=3)
    return caught.value
