"""`mine` on forged objects and on texts that make careless code slow or large."""

import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from mined import Git, mine, new_shop, pulls, reasons

from pipelines.mine.commits import parse_commit
from pipelines.mine.git import MAX_COMMIT_BYTES
from pipelines.mine.identities import count_persons
from pipelines.mine.messages import linked_issue_numbers, parse_mention, title_and_body
from schemas.errors import InputError

HEAD = b"tree %b\nauthor A <a@b.c> 1 +0000\ncommitter A <a@b.c> 1 +0000\n"


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_shop(tmp_path)


def put(git: Git, kind: str, data: bytes) -> str:
    command = ["git", "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
    result = subprocess.run(command, cwd=git.folder, input=data, capture_output=True, check=True)
    name: str = result.stdout.decode().strip()
    return name


def raw_commit(git: Git, *, message: bytes, parent: str, header: bytes = b"") -> bytes:
    tree = git("rev-parse", "HEAD^{tree}").encode()
    person = b"A <a@b.c> 1 +0000\n"
    head = b"tree " + tree + b"\nparent " + parent.encode()
    return head + b"\nauthor " + person + b"committer " + person + header + b"\n" + message


def test_a_parent_is_a_hash_and_no_revision() -> None:
    assert parse_commit("0" * 40, b"tree HEAD\nparent HEAD~1\n\nx").parents == ("0" * 40,)


def test_a_commit_that_is_its_own_ancestor_ends_the_history(git: Git) -> None:
    name = "ab" + "1" * 38
    git.commit("One (#1)", one__py="x = 1\n")
    forged = raw_commit(git, message=b"loop", parent=name)
    path = git.folder / ".git" / "objects" / "ab" / ("1" * 38)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(b"commit %d\0" % len(forged) + forged))
    head = put(git, "commit", raw_commit(git, message=b"head", parent=name))
    git("update-ref", "refs/heads/main", head)
    assert mine(git)["pull_requests"] == []


@pytest.mark.parametrize(
    "encoding", ["idna", "undefined", "utf-7", "unicode_escape", "punycode", "iso-8859-99", "\x00"]
)
def test_encodings_that_are_no_text_are_read_as_utf_8(git: Git, encoding: str) -> None:
    git.commit("Two", two__py="x = 1\n")
    header = f"encoding {encoding}\n".encode()
    data = raw_commit(
        git, message=b"\\ud800 +2AA- (#1)", parent=git("rev-parse", "HEAD~1"), header=header
    )
    git("update-ref", "refs/heads/main", put(git, "commit", data))
    assert pulls(git)[1].title == "\\ud800 +2AA-"


@pytest.mark.parametrize("encoding", ["iso8859-15", "cp1251", "KOI8-R", "Shift_JIS", "EUC-JP",
                                      "GB18030", "big5", "latin1", "windows-1252"])  # fmt: skip
def test_encodings_of_text_are_kept(encoding: str) -> None:
    text = {"S": "\u30c6", "E": "\u30c6", "G": "\u4e2d", "b": "\u4e2d"}.get(encoding[0], "a")
    data = f"tree x\nencoding {encoding}\n\n".encode() + text.encode(encoding)
    assert parse_commit("0" * 40, data).message == text


HOSTILE = {
    "spaces": "a" + " " * 1_000_000 + "b",
    "subject": " " * 500_000 + "(#1" + " " * 500_000,
    "trailer": "x\n\nSigned-off-by:" + " " * 1_000_000 + "x",
    "trailers": "x\n\n" + ("Cc:" + " " * 500 + "<" + "@" * 500 + "\n") * 1000,
    "by": "x\n\n" + "a-by" * 250_000,
    "brackets": "[" * 1_000_000,
    "comments": "<!--" * 250_000,
    "lines": "\n" * 1_000_000,
    "gitlab": "x\n\nSee merge request " + "!1" * 500_000 + "x",
    "closes": "fix" * 300_000 + "fix " + " " * 100_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
@pytest.mark.parametrize(
    "read",
    [lambda text: parse_mention(text, 1), lambda text: parse_mention(text, 2), title_and_body,
     linked_issue_numbers],
)  # fmt: skip
def test_messages_are_read_in_linear_time(name: str, read: Callable[[str], object]) -> None:
    start = time.process_time()
    read(HOSTILE[name])
    assert time.process_time() - start < 1


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_commits_are_read_in_linear_time(name: str) -> None:
    start = time.process_time()
    text = HOSTILE[name].encode()
    line = text.replace(b"\n", b" ")
    message = parse_commit("0" * 40, HEAD % b"x" + b"\n" + text)
    person = parse_commit("0" * 40, b"tree x\nauthor " + line + b"<a@b.c>\n\nx")
    count_persons([message, person])
    assert time.process_time() - start < 2


def test_a_commit_object_over_the_limit_is_missing(git: Git) -> None:
    git.commit("One (#1)", one__py="x = 1\n")
    long = raw_commit(git, message=b"x" * MAX_COMMIT_BYTES, parent=git("rev-parse", "HEAD"))
    git("update-ref", "refs/heads/main", put(git, "commit", long))
    with pytest.raises(InputError, match="cannot be read"):
        mine(git)


def unfold(git: Git, *, leaf: str, depth: int) -> str:
    tree = leaf
    for _ in range(depth):
        entries = b"".join(b"40000 d%d\0" % index + bytes.fromhex(tree) for index in range(10))
        tree = put(git, "tree", entries)
    return tree


@pytest.mark.parametrize("has_files", [False, True])
def test_trees_that_unfold_to_millions_of_paths(git: Git, has_files: bool) -> None:
    blob = put(git, "blob", b"x\n")
    files = b"".join(b"100644 f%d\0" % index + bytes.fromhex(blob) for index in range(10))
    tree = unfold(git, leaf=put(git, "tree", files if has_files else b""), depth=8)
    base = git("rev-parse", "HEAD")
    bomb = git("commit-tree", "-p", base, "-m", "Bomb (#1)", tree)
    back = git("commit-tree", "-p", bomb, "-m", "Remove (#2)", f"{base}^{{tree}}")
    git("update-ref", "refs/heads/main", back)
    git("reset", "--quiet", "--hard")
    git.commit("Three (#3)", three__py="x = 1\n")
    rows = mine(git)
    assert reasons(rows, "pull_requests") == ["too_many_files", "too_many_files"]
    assert [row.number for row in rows["pull_requests"]] == [3]
    git("update-ref", "refs/heads/main", bomb)
    with pytest.raises(InputError, match="leave the repository out"):
        mine(git)


def test_changes_over_a_limit_are_not_compared_to_find_twins(git: Git) -> None:
    base = git("rev-parse", "HEAD")
    sha = git.commit("Import", **{f"big{index}__txt": "word\n" * 2000 for index in range(5)})
    twin = git("commit-tree", "-p", base, "-m", "Import, other words", f"{sha}^{{tree}}")
    git.pull(4, twin)
    assert pulls(git)[4].merge_kind == "rebase"
    rows = mine(git, max_total_bytes=1000)
    assert rows["pull_requests"] == []
    assert reasons(rows, "pull_requests") == ["not_merged"]


def test_attributes_do_not_change_patches(git: Git) -> None:
    git.commit("One (#1)", one__py="x = 1\n")
    expected = mine(git)["pull_requests"]
    git.write(".git/info/attributes", "*.py -diff\n*.md diff=python\n")
    assert mine(git)["pull_requests"] == expected
    (git.folder / ".git" / "info" / "attributes").unlink()
    git.write(".gitattributes", "*.py -diff\n")
    assert mine(git)["pull_requests"] == expected


def test_folders_are_no_changed_files(git: Git) -> None:
    git.write("deep/er/x.py", "x = 1\n")
    git.commit("One (#1)")
    (pull,) = mine(git, max_files=1)["pull_requests"]
    assert [file.path for file in pull.files] == ["deep/er/x.py"]
