"""What stands in a repository in another's place: pointers of Git LFS and submodules."""

from pathlib import Path

import pytest
from mined import Git, mine, new_shop, reasons

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 1\n"


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_shop(tmp_path)


def test_pointers_of_git_lfs_are_no_text(git: Git) -> None:
    git.commit("Add (#1)", model__bin=POINTER.format(1))
    git.commit("Change (#2)", model__bin=POINTER.format(2))
    git.commit("Change both (#3)", model__bin=POINTER.format(3), a__py="x = 1\n")
    git.commit("To text", model__bin="text\n", notes__md=f"A pointer:\n\n{POINTER.format(1)}")
    git.commit("And back (#4)", model__bin=POINTER.format(4), a__py="x = 2\n")
    git.commit("Explain (#5)", notes__md=f"How a pointer looks:\n\n{POINTER.format(2)}")
    rows = mine(git)
    files = {row.number: {file.path: file for file in row.files} for row in rows["pull_requests"]}
    assert sorted(files) == [3, 4, 5]
    assert reasons(rows, "pull_requests") == ["no_text_change", "no_text_change"]
    for number in (3, 4):
        pointer = files[number]["model.bin"]
        assert (pointer.patch, pointer.base_content, pointer.num_added) == ("", None, 0)
        assert files[number]["a.py"].patch
    assert files[5]["notes.md"].num_added == 2
    assert reasons(rows, "source_files") == ["binary"]


def test_submodules_stand_by_name(git: Git) -> None:
    link = git("rev-parse", "HEAD")
    git("update-index", "--add", "--cacheinfo", f"160000,{link},module")
    git.commit_index("Add a submodule (#1)")
    git("update-index", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},module")
    git.write("b.py", "y = 1\n")
    git("add", "b.py")
    git.commit_index("Bump it, and more (#2)")
    rows = mine(git)
    (pull,) = rows["pull_requests"]
    module = {file.path: file for file in pull.files}["module"]
    assert (pull.number, module.status, module.patch, module.base_content) == (
        2, "modified", "", None,
    )  # fmt: skip
    assert reasons(rows, "pull_requests") == ["no_text_change"]
    assert reasons(rows, "source_files") == ["not_a_file"]
