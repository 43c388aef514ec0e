"""`mine` on hostile and damaged repositories: nothing runs, and only bad rows are lost."""

import subprocess
from pathlib import Path

import pytest
from mined import Git, mine, new_shop, pulls, reasons

from pipelines.mine.config import MineConfig
from pipelines.mine.git import open_repository
from pipelines.mine.plan import plan_mining
from schemas.arrow import to_batch, to_rows
from schemas.errors import InputError
from schemas.tables import PullRequest


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_shop(tmp_path)


TRAP = """#!/bin/sh
touch "{marker}"
cat "$1" 2>/dev/null
"""


def set_traps(git: Git, marker: Path) -> None:
    """Everything in a repository that can make git run a program runs one that leaves a mark."""
    trap = git.folder.parent / "trap.sh"
    trap.write_text(TRAP.format(marker=marker))
    trap.chmod(0o755)
    settings = {
        "core.fsmonitor": trap, "core.pager": trap, "core.editor": trap, "core.sshCommand": trap,
        "core.alternateRefsCommand": trap, "core.gitProxy": trap, "core.askPass": trap,
        "credential.helper": f"!{trap}", "diff.external": trap, "diff.evil.textconv": trap,
        "diff.evil.command": trap, "filter.evil.smudge": trap, "filter.evil.clean": trap,
        "filter.evil.process": trap, "gpg.program": trap, "log.showSignature": "true",
        "pager.log": trap, "pager.diff": trap, "uploadpack.packObjectsHook": trap,
        "alias.rev-parse": f"!{trap}", "sequence.editor": trap, "interactive.diffFilter": trap,
        "remote.origin.url": f"ext::{trap}", "remote.origin.promisor": "true",
        "remote.origin.uploadpack": trap, "extensions.partialClone": "origin",
        "protocol.ext.allow": "always",
    }  # fmt: skip
    git("config", "core.repositoryFormatVersion", "1")
    for key, value in settings.items():
        git("config", key, str(value))
    hooks = git.folder / ".git" / "hooks"
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        hooks.mkdir(exist_ok=True)
        (hooks / name).write_text(TRAP.format(marker=marker))
        (hooks / name).chmod(0o755)
    git.write(".git/info/attributes", "* diff=evil filter=evil\n")
    git.write(".git/objects/info/alternates", f"{git.folder.parent}/absent\n")


def test_a_hostile_repository_runs_nothing(git: Git, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    git.commit("Attributes", **{"__gitattributes": "* diff=evil filter=evil\n"})
    git.commit("One (#1)", one__py="x = 1\n")
    signed = git("cat-file", "commit", "HEAD").replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\n", 1
    )
    command = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    output = subprocess.run(
        command, cwd=git.folder, input=signed.encode(), capture_output=True, check=True
    )
    git("update-ref", "refs/heads/main", output.stdout.decode().strip())
    git.commit("Two (#2)", two__py="y = 1\n")
    missing = git("rev-parse", "HEAD:two.py")
    git.object_file("HEAD:two.py").unlink()
    set_traps(git, marker)
    for bait in (["log", "-p"], ["status"], ["log", "-1", "HEAD~1"], ["cat-file", "blob", missing]):
        subprocess.run(["git", *bait], cwd=git.folder, capture_output=True, check=False)
        assert marker.exists(), f"{bait} sprung no trap, so this test shows nothing"
        marker.unlink()
    rows = mine(git)
    assert [row.number for row in rows["pull_requests"]] == [1]
    assert reasons(rows, "pull_requests") == ["missing_blob"]
    assert not marker.exists()
    url = f"clone=file://{git.folder}"
    with pytest.raises(InputError, match="git fetch failed"):
        plan_mining(MineConfig(repos=(url,), clone_dir=str(tmp_path / "clones")))
    assert not marker.exists()


def test_environment_and_working_folder_do_not_lead_elsewhere(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git.commit("One (#1)", one__py="x = 1\n")
    expected = mine(git)
    other = Git(tmp_path / "other")
    other.commit("Other (#9)", HEAD="a file named like a revision\n")
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    monkeypatch.chdir(other.folder)
    assert mine(git) == expected


@pytest.mark.parametrize("is_corrupt", [False, True])
def test_a_missing_or_corrupt_blob_costs_its_rows_only(git: Git, is_corrupt: bool) -> None:
    git.commit("One (#1)", one__py="x = 1\n")
    git.commit("Two (#2)", two__py="y = 2\n")
    git.commit("Three (#3)", three__py="z = 3\n")
    path = git.object_file("HEAD:two.py")
    path.chmod(0o644)
    path.write_bytes(b"garbage") if is_corrupt else path.unlink()
    rows = mine(git)
    assert reasons(rows, "pull_requests") == ["missing_blob"]
    assert reasons(rows, "source_files") == ["missing_blob"]
    assert [row.number for row in rows["pull_requests"]] == [1, 3]
    assert "three.py" in [row.path for row in rows["source_files"]]


def test_a_missing_tree_costs_its_pull_requests_only(git: Git) -> None:
    git.write("deep/x.py", "x = 1\n")
    git.commit("One (#1)")
    git.write("deep/x.py", "x = 2\n")
    git.commit("Two (#2)")
    git.write("deep/x.py", "x = 3\n")
    git.commit("Three (#3)")
    git.commit("Four (#4)", y__py="y = 1\n")
    git.object_file("HEAD~2:deep").unlink()
    rows = mine(git)
    assert [row.number for row in rows["pull_requests"]] == [1, 4]
    assert reasons(rows, "pull_requests") == ["missing_blob", "missing_blob"]


def test_refs_to_what_is_missing_are_left_out_and_heads_counted(git: Git) -> None:
    git("tag", "-a", "-m", "tagged", "v1")
    git("tag", "blob", git("rev-parse", "HEAD:cart.py"))
    git.write(".git/refs/pull/9/head", f"{'1' * 40}\n")
    git("update-ref", "refs/pull/10/head", git("rev-parse", "HEAD:cart.py"))
    with open_repository(str(git.folder)) as repository:
        head = git("rev-parse", "HEAD")
        assert repository.refs() == {"refs/heads/main": head, "refs/tags/v1": head}
    rows = mine(git)
    assert len(rows["source_files"]) == 2
    assert reasons(rows, "pull_requests") == ["not_merged"] * 2
    rows = mine(git, include_unmerged=True)
    assert reasons(rows, "pull_requests") == ["missing_commit"] * 2


def test_a_shallow_clone_rejects_what_it_cut(git: Git, tmp_path: Path) -> None:
    git.commit("One (#1)", one__py="x = 1\n")
    git.commit("Two (#2)", two__py="x = 1\n")
    target = tmp_path / "shallow"
    git("clone", "--quiet", "--bare", "--depth=2", f"file://{git.folder}", str(target))
    rows = mine(target)
    assert [row.number for row in rows["pull_requests"]] == [2]
    assert reasons(rows, "pull_requests") == ["missing_commit"]


def test_dates_and_persons_that_git_should_not_hold(git: Git) -> None:
    tree = git("rev-parse", "HEAD^{tree}")
    parent = git("rev-parse", "HEAD")
    git.write("x.py", "x\n")
    git("add", "--all")
    tree = git("write-tree")
    raw = (
        f"tree {tree}\nparent {parent}\nauthor <> 99999999999999 +9999\n"
        "committer \xff -5 +0000\nencoding rot13\n\nOdd (#1)\n"
    ).encode("latin-1")
    command = ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"]
    output = subprocess.run(command, cwd=git.folder, input=raw, capture_output=True, check=True)
    git("update-ref", "refs/heads/main", output.stdout.decode().strip())
    pull = pulls(git)[1]
    assert pull.created_at.year == 9999
    assert pull.merged_at is not None
    assert pull.merged_at.year == 1970
    (row,) = to_rows(PullRequest, to_batch(PullRequest, [pull]))
    assert row == pull


def test_an_abandoned_read_does_not_mix_up_later_answers(git: Git) -> None:
    git.commit("Files", one__py="1\n", two__py="2\n")
    one, two = git("rev-parse", "HEAD:one.py"), git("rev-parse", "HEAD:two.py")
    with open_repository(str(git.folder)) as repository:
        assert next(repository.read_blobs([one, two, one])) == (one, b"1\n")
        assert list(repository.read_blobs([two, "0" * 40])) == [(two, b"2\n"), ("0" * 40, None)]
