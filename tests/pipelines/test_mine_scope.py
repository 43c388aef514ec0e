"""Which paths of a repository are read: globs against git itself, and rows without the others."""

import os
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventories import find, mine_inventory
from mined import Git, Rows, new_shop, reasons

from pipelines.mine.comparisons import compare_trees
from pipelines.mine.config import MineConfig
from pipelines.mine.git import open_repository
from pipelines.mine.scope import PathScope, check_glob, scope_below
from pipelines.mine.tree_changes import list_changes
from schemas.errors import ConfigError, InputError, RowError
from schemas.reasons import Reason

NAMES = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
# Of "b**" git 2.39 says now this, now that: it compares a pointer into the pattern with one into
# the path (wildmatch.c).
GLOB_NAMES = st.text("ab.*?", min_size=1, max_size=4).filter(
    lambda name: name not in (".", "..") and "**" not in name
)
GLOBS = st.builds(
    lambda start, names, end: start + "/".join(names) + end,
    st.sampled_from(["", "/"]),
    st.lists(st.one_of(GLOB_NAMES, st.just("**")), min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Git:
    return Git(tmp_path_factory.mktemp("ignore") / "empty")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_shop(tmp_path)


def ignored_by_git(git: Git, globs: list[str], paths: list[str]) -> set[str]:
    git.write(".git/info/exclude", "".join(f"{glob}\n" for glob in globs))
    command = ["git", "-c", "core.excludesFile=/dev/null", "check-ignore", "--no-index", "--stdin"]
    environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    result = subprocess.run(
        command, cwd=git.folder, input="\n".join(paths).encode(), env=environment,
        capture_output=True, check=False,
    )  # fmt: skip
    assert result.returncode in (0, 1), result.stderr
    return set(result.stdout.decode().splitlines())


@settings(deadline=None, max_examples=80)
@given(
    globs=st.lists(GLOBS, min_size=1, max_size=3), paths=st.lists(PATHS, min_size=20, max_size=30)
)
def test_globs_cover_what_gitignore_covers(empty: Git, globs: list[str], paths: list[str]) -> None:
    ignored = ignored_by_git(empty, globs, paths)
    assert {path for path in paths if PathScope(include=tuple(globs)).includes(path)} == ignored
    excluding = PathScope(exclude=tuple(globs))
    assert {path for path in paths if not excluding.includes(path)} == ignored


@settings(deadline=None, max_examples=500)
@given(include=st.lists(GLOBS, max_size=3), exclude=st.lists(GLOBS, max_size=2), path=PATHS)
def test_folders_and_roots_lead_to_everything_in_scope(
    include: list[str], exclude: list[str], path: str
) -> None:
    scope = PathScope(include=tuple(include), exclude=tuple(exclude))
    if scope.includes(path):
        names = path.split("/")
        assert all(scope.may_hold("/".join(names[:end])) for end in range(1, len(names)))
        roots = scope.roots()
        assert not roots or any(path == root or path.startswith(f"{root}/") for root in roots)


def test_folders_without_anything_in_scope_need_not_be_read() -> None:
    scope = PathScope(include=("src/*/api/", "/docs/**/*.md"), exclude=("src/old", "tmp/"))
    held = ["src", "src/pay", "src/pay/api", "src/pay/api/v1", "docs", "docs/a/b"]
    assert [folder for folder in held if not scope.may_hold(folder)] == []
    pruned = ["lib", "src/pay/web", "src/old", "src/old/api", "docs/tmp", "src/pay/api/tmp"]
    assert [folder for folder in pruned if scope.may_hold(folder)] == []
    assert scope.roots() == ("docs", "src")
    assert PathScope(include=("*.py", "/src/")).roots() == ()


@settings(deadline=None)
@given(glob=GLOBS, folder=PATHS, path=PATHS)
def test_globs_of_a_subpath_are_read_from_it(glob: str, folder: str, path: str) -> None:
    below = scope_below(folder, [glob], [])
    assert below.includes(f"{folder}/{path}") == PathScope(include=(glob,)).includes(path)
    assert scope_below(folder, [], []).includes(f"{folder}/{path}")
    assert not scope_below(f"{folder}x", [], []).includes(f"{folder}/{path}")
    assert not scope_below(folder, [], [glob]).includes(path) or path.startswith(f"{folder}/")


def test_a_subpath_is_no_glob() -> None:
    scope = scope_below("a[b]*", [], [])
    assert scope.includes("a[b]*/x.py")
    assert not scope.includes("ab1/x.py")


@pytest.mark.parametrize(
    ("glob", "words"),
    [("", "is empty"), ("/", "is empty"), ("!a", "under include or exclude"), ("a\\b", 'write "/"'),
     ("../x", "from the root"), ("a/./b", "from the root"), ("a//b", "from the root"),
     ("a\nb", "control character")],
)  # fmt: skip
def test_globs_that_would_cover_something_else_are_refused(glob: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        check_glob(glob)


def test_long_paths_cost_linear_time() -> None:
    start = time.process_time()
    scope = PathScope(include=("**/a*a*a*a*a*b/**/a*a*b", "*a*a*a*a*a*a*b"))
    assert not scope.includes("/".join(["a" * 200] * 1000))
    assert not scope.includes("a" * 100_000)
    assert time.process_time() - start < 1


def monorepo(git: Git) -> None:
    git.write("services/pay/api.py", "rate = 1\nround = 2\nlimit = 3\n")
    git.write("services/pay/deploy.pem", "SECRET-KEY\n")
    git.write("services/mail/send.py", "SECRET-MAIL = 1\nto = 2\nfrom_ = 3\n")
    git.write(
        "services/pay/LICENSE",
        "SPDX-License-Identifier: MIT\n",
    )
    git.commit("Services")


PAY = {"name": "pay", "path": "shop", "subpath": "services/pay", "exclude": ["*.pem"]}
"""One part of the monorepo."""


def assert_no_secret(rows: Rows) -> None:
    shown = repr({table: rows[table] for table in ("pull_requests", "source_files", "rejected")})
    assert "SECRET" not in shown
    assert "deploy.pem" not in shown
    assert "services/mail" not in shown


def test_rows_hold_only_what_is_in_scope(git: Git, tmp_path: Path) -> None:
    monorepo(git)
    git.write("services/pay/api.py", "rate = 10\nround = 2\nlimit = 3\n")
    git.write("services/pay/deploy.pem", "SECRET-TWO\n")
    git.write("services/mail/send.py", "SECRET-MAIL = 2\n")
    git.commit("Both (#1)")
    git.write("services/mail/send.py", "SECRET-MAIL = 3\n")
    git.commit("Other part (#2)")
    git.commit("Nothing at all (#3)")
    rows = mine_inventory(tmp_path, PAY)
    (pull,) = rows["pull_requests"]
    assert [file.path for file in pull.files] == ["services/pay/api.py"]
    assert reasons(rows, "pull_requests") == ["no_text_change", "out_of_scope"]
    assert [row.path for row in rows["source_files"]] == [
        "services/pay/LICENSE", "services/pay/api.py"
    ]  # fmt: skip
    assert_no_secret(rows)
    (row,) = rows["repositories"]
    assert (row.include, row.exclude) == (("/services/pay/",), ("/services/pay/**/*.pem",))
    assert {row.license for table in rows for row in rows[table]} == {"MIT"}


def test_renames_across_the_border_are_additions_and_deletions(git: Git, tmp_path: Path) -> None:
    monorepo(git)
    git("mv", "services/mail/send.py", "services/pay/send.py")
    git("rm", "--quiet", "services/pay/deploy.pem")
    git.commit("In (#1)")
    git("mv", "services/pay/api.py", "services/mail/api.py")
    git.commit("Out (#2)")
    git("mv", "services/pay/send.py", "services/pay/sent.py")
    git.commit("Within (#3)")
    rows = mine_inventory(tmp_path, PAY)
    changes = [
        (pull.number, file.status, file.path, file.old_path, file.base_content is not None)
        for pull in rows["pull_requests"]
        for file in pull.files
    ]
    assert changes[:2] == [
        (1, "added", "services/pay/send.py", None, False),
        (2, "deleted", "services/pay/api.py", None, True),
    ]
    assert reasons(rows, "pull_requests") == ["no_text_change"]  # A rename without a change.


def test_a_folder_that_replaces_a_file_shows_nothing_out_of_scope(git: Git, tmp_path: Path) -> None:
    git.commit("File", plan="one\ntwo\nthree\n")
    git("rm", "--quiet", "plan")
    git.write("plan/open.txt", "open\n")
    git.write("plan/hidden.txt", "SECRET\n")
    git.commit("Folder (#1)")
    git("rm", "--quiet", "-r", "plan")
    git.commit("Back (#2)", plan="one\ntwo\nthree\n")
    git("rm", "--quiet", "plan")
    git.write("plan/hidden.txt", "one\ntwo\nthree\nSECRET\n")
    git.commit("Moved (#3)")
    rows = mine_inventory(tmp_path, {"path": "shop", "exclude": ["hidden.txt"]})
    assert "SECRET" not in repr(rows["pull_requests"])
    one, two = rows["pull_requests"]
    assert [(file.path, file.status) for file in one.files] == [
        ("plan", "deleted"), ("plan/open.txt", "added")
    ]  # fmt: skip
    assert [file.path for file in two.files] == ["plan", "plan/open.txt"]
    assert [row.detail for row in rows["rejected"] if row.table == "pull_requests"] == [
        "a rename leads out of scope"
    ]


def test_limits_count_what_is_in_scope(git: Git, tmp_path: Path) -> None:
    for index in range(30):
        git.write(f"data/f{index}.py", "x = 1\n" * 100)
    git.write("src/a.py", "a = 1\n")
    git.commit("Many (#1)")
    narrow = {"path": "shop", "include": ["src/"]}
    limits = {"max_files": 2, "max_total_bytes": 1000, "max_patch_bytes": 1000}
    (pull,) = mine_inventory(tmp_path, narrow, **limits)["pull_requests"]
    assert [file.path for file in pull.files] == ["src/a.py"]
    wide = mine_inventory(tmp_path, {"path": "shop"}, **limits)
    assert reasons(wide, "pull_requests") == ["too_many_files"]


def test_folders_out_of_scope_are_not_read(git: Git) -> None:
    git.write("data/deep/x.py", "x = 1\n")
    git.write("src/a.py", "a = 1\n")
    git.commit("Two folders")
    base, head = git("rev-parse", "HEAD~1^{tree}"), git("rev-parse", "HEAD^{tree}")
    git.object_file("HEAD:data").unlink()
    with open_repository(str(git.folder)) as repository:
        found = list_changes(
            repository, base, head, max_files=9, scope=PathScope(include=("/src/*.py",))
        )
        assert [diff.path for diff in found] == ["src/a.py"]
        with pytest.raises(RowError) as caught:
            list_changes(repository, base, head, max_files=9)
    assert caught.value.reason == Reason.MISSING_BLOB


def test_paths_that_are_no_utf_8_or_look_like_patterns(git: Git, tmp_path: Path) -> None:
    secret = "".join(f"SECRET-{index}\n" for index in range(9))
    git.commit("Before", **{"hidden__txt": secret})
    odd = [b'src/caf\xe9 "q"*[a].py', rb"src/caf\xe9.py", b":(top)src.py", b":!x.py", b"*"]
    for path in (*odd, b"out/caf\xe9.py"):
        git.write(os.fsdecode(path), "x = 1\n")
    git.write("*", secret)
    git("rm", "--quiet", "hidden.txt")
    git.commit("Odd (#1)")
    scope = {"path": "shop", "include": ["/src/", "/:*", "/[*]"]}
    (pull,) = mine_inventory(tmp_path, scope)["pull_requests"]
    names = ["*", ":!x.py", ":(top)src.py", "src/caf\\xe9.py", 'src/caf\\xe9 "q"*[a].py']
    assert sorted(file.path for file in pull.files) == sorted(names)
    assert all(file.patch and file.status == "added" for file in pull.files)


def test_paths_that_fill_a_command_line(git: Git) -> None:
    folder = "/".join(["d" * 200] * 15)
    trees = [git("rev-parse", "HEAD^{tree}")]
    for number in range(9):
        for index in range(100 if number < 8 else 200):
            git.write(f"{folder}/{number}/f{index}.py", f"x = {index}\n")
        git.commit("Long")
        trees.append(git("rev-parse", "HEAD^{tree}"))
    config, scope = MineConfig(max_files=1000), PathScope(exclude=("*.pem",))
    with open_repository(str(git.folder)) as repository:
        pairs = list(pairwise(trees))
        *fitting, last = compare_trees(repository, pairs, config, scope).results
    assert [isinstance(r, list) and len(r) for r in fitting] == [100] * 8
    assert isinstance(last, RowError)
    assert last.reason == Reason.TOO_LARGE


def test_a_scope_without_files_is_named(git: Git, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\[\[repository\]\] 1: no file of shop is in scope"):
        find(tmp_path, {"path": "shop", "include": ["scr/"]})


def test_licences_of_a_part_are_its_own_or_those_above(git: Git, tmp_path: Path) -> None:
    monorepo(git)
    parts = [
        {"path": "shop", "subpath": "services/pay"},
        {"path": "shop", "subpath": "services/mail"},
        {"path": "shop", "name": "told", "license": "internal"},
    ]
    found = find(tmp_path, *parts)
    assert {name: mined.license for name, mined in found.items()} == {
        "shop/services/pay": "MIT", "shop/services/mail": "Apache-2.0", "told": "internal"
    }  # fmt: skip
    assert {entry.path for entry in found["shop/services/mail"].entries} == {
        "services/mail/send.py"
    }
