"""`mine` on git directories that lead elsewhere: it does not wait, and mines what is there."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest
from mined import Git, mine, new_shop

from schemas.errors import InputError


@pytest.fixture(autouse=True)
def _never_waits() -> Iterator[None]:
    """A test that hangs fails."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError("still waiting after a minute")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = new_shop(tmp_path)
    git.commit("One (#1)", one__py="x = 1\n")
    return git


PIPES = (
    "HEAD", "config", "packed-refs", "commondir", "refs/heads/x", "refs/pull/7/head",
    "objects/info/alternates", f"objects/ab/{'1' * 38}", "objects/pack/multi-pack-index",
    "objects/info/commit-graph",
)  # fmt: skip


@pytest.mark.parametrize("name", PIPES)
def test_a_pipe_is_not_waited_for(git: Git, name: str) -> None:
    path = git.folder / ".git" / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    with pytest.raises(InputError, match=f"{name} is a pipe or a device; remove it"):
        mine(git)


def test_devices_behind_a_link_are_not_read(git: Git) -> None:
    (git.folder / ".git" / "refs" / "x").symlink_to("/dev")
    with pytest.raises(InputError, match="is a pipe or a device"):
        mine(git)


def test_links_in_circles_or_to_nowhere_are_not_followed_for_ever(git: Git) -> None:
    expected = mine(git)
    refs = git.folder / ".git" / "refs"
    (refs / "heads" / "self").symlink_to(refs / "heads" / "self")
    (refs / "up").symlink_to(refs)
    (refs / "gone").symlink_to("/nowhere")
    assert mine(git) == expected


CONFIGS = {
    "include of a pipe": "[include]\n\tpath = {pipe}\n",
    "include of a device": "[include]\n\tpath = /dev/zero\n",
    "include in circles": "[include]\n\tpath = config\n",
    "unknown extension": "[core]\n\trepositoryFormatVersion = 1\n[extensions]\n\tevil = true\n",
    "format from the future": "[core]\n\trepositoryFormatVersion = 99\n",
    "working tree elsewhere": "[core]\n\tworktree = /etc\n",
    "many settings": "[a]\n" + "k = v\n" * 200_000,
    "strange format": "[extensions]\n\tobjectFormat = ../../x\n",
}


@pytest.mark.parametrize("name", sorted(CONFIGS))
def test_settings_do_not_matter(git: Git, tmp_path: Path, name: str) -> None:
    expected = mine(git)
    os.mkfifo(tmp_path / "pipe")
    git.write(".git/config", CONFIGS[name].format(pipe=tmp_path / "pipe"))
    start = time.process_time()
    assert mine(git) == expected
    assert time.process_time() - start < 5


def write_refs_in_circles(git: Git) -> None:
    git.write(".git/refs/heads/a", "ref: refs/heads/b\n")
    git.write(".git/refs/heads/b", "ref: refs/heads/a\n")


REDIRECTIONS: dict[str, Callable[[Git], object]] = {
    "grafts": lambda git: git.write(".git/info/grafts", git("rev-parse", "HEAD") + "\n"),
    "shallow": lambda git: git.write(".git/shallow", git("rev-parse", "HEAD") + "\n"),
    "replaced": lambda git: git("replace", git("rev-parse", "HEAD"), git("rev-parse", "HEAD~1")),
    "shared with itself": lambda git: git.write(".git/commondir", ".\n"),
    "alternates": lambda git: git.write(
        ".git/objects/info/alternates", f"{git.folder}/.git/objects\n/nowhere\n" * 500
    ),
    "refs in circles": write_refs_in_circles,
    "refs that lead outside": lambda git: git.write(".git/refs/heads/x", "ref: ../../../etc/x\n"),
    "refs that are no names": lambda git: git.write(".git/refs/heads/x", "\0\xff" * 1000),
}


@pytest.mark.parametrize("name", sorted(REDIRECTIONS))
def test_redirections_change_nothing(git: Git, name: str) -> None:
    git.commit("Two (#2)", two__py="x = 1\n")
    expected = mine(git)
    REDIRECTIONS[name](git)
    rows = mine(git)
    del rows["identities"], expected["identities"]  # `git replace` makes a ref.
    assert rows == expected


def test_a_head_that_is_a_link_to_a_secret_is_not_read(git: Git, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password\n")
    head = git.folder / ".git" / "HEAD"
    head.unlink()
    head.symlink_to(tmp_path / "secret")
    with pytest.raises(InputError, match="is no git repository"):
        mine(git)


def test_an_old_head_that_is_a_link_to_a_branch_is(git: Git) -> None:
    expected = mine(git)
    head = git.folder / ".git" / "HEAD"
    head.unlink()
    head.symlink_to("refs/heads/main")
    assert mine(git) == expected


def test_a_name_with_everything_in_it(git: Git, tmp_path: Path) -> None:
    copy = tmp_path / 'we\nird \'r"e" %s =;$(touch x)'
    shutil.copytree(git.folder, copy)
    numbers = [row.number for row in mine(copy)["pull_requests"]]
    assert numbers == [1]


def write_quoted(git: Git, objects: str) -> None:
    git.write(".git/objects/info/alternates", '"' + objects.replace("/", "\\057") + '"\n')


def write_through_a_pool(git: Git, objects: str) -> None:
    git.write("../pool/objects/info/alternates", f"{objects}\n")
    git.write(".git/objects/info/alternates", "../../../pool/objects\n")


def link_loose(git: Git, objects: str) -> None:
    for folder in Path(objects).glob("??"):
        for path in folder.iterdir():
            link = git.folder / ".git" / "objects" / folder.name / path.name
            link.parent.mkdir(exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(path)


WAYS_OUT: dict[str, Callable[[Git, str], None]] = {
    "alternates": lambda git, objects: git.write(".git/objects/info/alternates", f"{objects}\n"),
    "alternates of alternates": write_through_a_pool,
    "links": link_loose,
    "quoted alternates": write_quoted,
}


@pytest.mark.parametrize("way", sorted(WAYS_OUT))
def test_a_mirror_reads_nothing_outside_of_its_folder(tmp_path: Path, way: str) -> None:
    (tmp_path / "mirrors").mkdir()
    secret = Git(tmp_path / "secret")
    commit = secret.commit("Secret", secret__py="password = 1\n")
    honest, evil = new_shop(tmp_path / "mirrors"), Git(tmp_path / "mirrors" / "evil")
    WAYS_OUT[way](evil, f"{secret.folder}/.git/objects")
    evil.write(".git/refs/heads/main", f"{commit}\n")
    assert [row.path for row in mine(evil)["source_files"]] == ["secret.py"], "it is a way out"
    assert mine(honest.folder.parent)["source_files"] == mine(honest)["source_files"]


def test_mirrors_of_one_folder_may_share_objects(tmp_path: Path) -> None:
    pool = new_shop(tmp_path / "mirrors")
    lent = tmp_path / "mirrors" / "lent"
    pool("clone", "--quiet", "--shared", "--bare", str(pool.folder), str(lent))
    (lent / "refs" / "self").symlink_to("self")
    assert {row.repo for row in mine(lent.parent)["source_files"]} == {"lent", "shop"}
