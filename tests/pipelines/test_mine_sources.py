"""Bundles and tarballs as repositories: what they give, and what hostile ones cannot do."""

import multiprocessing
import os
import random
import signal
import subprocess
from pathlib import Path

import pytest
from inventories import content, find, mine_inventory, outside
from mined import Git, branch_with_two_commits, new_shop
from tars import tar_folder, write_tar

from pipelines.mine.archives import import_archive
from schemas.errors import InputError


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = new_shop(tmp_path)
    git.pull(12, branch_with_two_commits(git))
    git.merge("Merge pull request #12 from bob/fix\n\nFix rounding", "fix")
    git("tag", "-a", "-m", "tagged", "v1")
    return git


def bundle(git: Git, path: Path, *what: str) -> Path:
    git("bundle", "create", "--quiet", str(path), *(what or ("--all",)))
    return path


def test_every_form_of_a_repository_gives_the_same_rows(git: Git, tmp_path: Path) -> None:
    expected = mine_inventory(tmp_path, {"path": "shop"})
    bare = tmp_path / "bare" / "shop.git"
    git("clone", "--quiet", "--mirror", str(git.folder), str(bare))
    forms = [
        bundle(git, tmp_path / "shop.bundle"),
        tar_folder(tmp_path / "shop.tar.gz", git.folder, "shop"),
        tar_folder(tmp_path / "shop.tar", git.folder / ".git", "deeper", "w"),
        tar_folder(tmp_path / "shop.tar.xz", bare, ".", "w:xz"),
        tar_folder(tmp_path / "shop.git.tgz", bare, "shop.git"),
        tar_folder(tmp_path / "shop.tar.bz2", git.folder, "", "w:bz2"),
    ]
    command = ["zstd", "-q", str(tmp_path / "shop.tar"), "-o", str(tmp_path / "shop.tar.zst")]
    if subprocess.run(command, check=False).returncode == 0:
        forms.append(tmp_path / "shop.tar.zst")
    for form in forms:
        rows = mine_inventory(tmp_path, {"path": form.name})
        assert [row.number for row in rows["pull_requests"]] == [12]
        for table in ("pull_requests", "source_files", "identities", "rejected"):
            assert rows[table] == expected[table], (form, table)


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_names_of_objects_are_of_either_hash(tmp_path: Path, object_format: str) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    run = ["git", "-C", str(folder), "-c", "user.name=A", "-c", "user.email=a@example.com"]
    subprocess.run([*run, "init", "-q", f"--object-format={object_format}"], check=True)
    subprocess.run([*run, "commit", "-q", "--allow-empty", "-m", "One"], check=True)
    (folder / "a.py").write_text("a = 1\n")
    subprocess.run([*run, "add", "a.py"], check=True)
    subprocess.run([*run, "commit", "-q", "-m", "Two"], check=True)
    subprocess.run(
        [*run, "bundle", "create", "-q", str(tmp_path / "b.bundle"), "--all"], check=True
    )
    tar_folder(tmp_path / "loose.tar", folder, "shop", "w")
    subprocess.run([*run, "repack", "-q", "-a", "-d"], check=True)
    tar_folder(tmp_path / "packed.tar", folder / ".git", "shop.git", "w")
    found = find(tmp_path, *({"path": name} for name in ("b.bundle", "loose.tar", "packed.tar")))
    assert [len(mined.head) for mined in found.values()] == [
        64 if "256" in object_format else 40
    ] * 3
    assert {tuple(content(mined)) for mined in found.values()} == {("a.py",)}


def test_where_head_of_a_bundle_stands(git: Git, tmp_path: Path) -> None:
    git("checkout", "--quiet", "-b", "trunk", "main~1")
    cases = {
        "on": bundle(git, tmp_path / "on.bundle"),
        "without": bundle(git, tmp_path / "without.bundle", "--branches"),
        "only": bundle(git, tmp_path / "only.bundle", "HEAD", "refs/tags/v1"),
    }
    heads = {name: find(tmp_path, {"path": path.name})[name].head for name, path in cases.items()}
    main, trunk = git("rev-parse", "main"), git("rev-parse", "trunk")
    assert heads == {"on": trunk, "without": main, "only": trunk}


def test_an_archive_is_imported_once_and_replaced_when_it_changes(git: Git, tmp_path: Path) -> None:
    path, clones = bundle(git, tmp_path / "shop.bundle"), tmp_path / "clones"
    first = import_archive(path, clones)
    (first / "mark").touch()
    os.utime(path, (1, 1))
    assert import_archive(path, clones) == first
    assert (first / "mark").exists()
    git.commit("Next (#13)", next__py="x = 1\n")
    bundle(git, path)
    second = import_archive(path, clones)
    assert [path.name for path in clones.iterdir() if path.is_dir()] == [second.name]
    assert second != first
    assert len(find(tmp_path, {"path": "shop.bundle"})["shop"].entries) == 5


def _import(path: Path, clones: Path) -> None:
    import_archive(path, clones)


def test_an_import_that_was_killed_is_begun_anew(git: Git, tmp_path: Path) -> None:
    noise = random.Random(0).randbytes(30_000_000)
    path = write_tar(tmp_path / "big.tar", ("a.bin", noise), ("b.py", "b = 1\n"))
    clones = tmp_path / "clones"
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_import, args=(path, clones))
    process.start()
    while process.is_alive() and not list(clones.glob("*.part")):
        process.join(0.005)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert list(clones.glob("*.part"))
    assert not list(clones.glob("*.git"))
    assert set(content(find(tmp_path, {"path": "big.tar"})["big"])) == {"a.bin", "b.py"}
    assert not list(clones.glob("*.part"))


def test_two_imports_at_once_make_one_repository(tmp_path: Path) -> None:
    noise = random.Random(2).randbytes(20_000_000)
    path, clones = write_tar(tmp_path / "big.tar", ("a", noise)), tmp_path / "clones"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_import, args=(path, clones)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len([path for path in clones.iterdir() if path.is_dir()]) == 1


def test_bundles_that_are_none(git: Git, tmp_path: Path) -> None:
    whole = bundle(git, tmp_path / "whole.bundle").read_bytes()
    git.commit("Next", next__py="x = 1\n")
    bundle(git, tmp_path / "part.bundle", "main~1..main")
    header = whole.index(b"\n\n") + 2
    broken = {
        "cut": whole[: len(whole) // 2],
        "head": whole[: header - 20],
        "pack": whole[:header] + bytes(200),
        "flip": whole[:-60] + bytes(60),
        "empty": whole[:header],
        "long": b"# v2 git bundle\n" + b"a" * 100_000,
    }
    for name, data in broken.items():
        (tmp_path / f"{name}.bundle").write_bytes(data)
        with pytest.raises(InputError, match=f"{name}.bundle.*make the bundle again"):
            find(tmp_path, {"path": f"{name}.bundle"})
    with pytest.raises(InputError, match="continues a history that it does not hold"):
        find(tmp_path, {"path": "part.bundle"})
    (tmp_path / "text.bundle").write_text("not a bundle\n")
    with pytest.raises(InputError, match="is no git bundle and no tarball"):
        find(tmp_path, {"path": "text.bundle"})
    assert not [path for path in (tmp_path / "clones").iterdir() if path.suffix == ".git"]


def test_refs_of_a_bundle_stay_in_their_folder(git: Git, tmp_path: Path) -> None:
    whole = bundle(git, tmp_path / "whole.bundle").read_bytes()
    sha = git("rev-parse", "main").encode()
    odd = [b"refs/heads/../../../up", b"refs/heads/-u", b"refs/heads/a b", b"refs/heads/x.lock"]
    lines = b"".join(sha + b" " + name + b"\n" for name in odd)
    first = whole.index(b"\n") + 1
    (tmp_path / "odd.bundle").write_bytes(whole[:first] + lines + whole[first:])
    before = outside(tmp_path)
    try:
        (mined,) = find(tmp_path, {"path": "odd.bundle"}).values()
        assert mined.head == sha.decode()
    except InputError as error:
        assert "git fetch failed" in str(error)  # noqa: PT017  Newer versions of git refuse it.
    assert outside(tmp_path) - before == {str(tmp_path / "inventory.toml")}


def test_folders_of_archives(git: Git, tmp_path: Path) -> None:
    store = tmp_path / "store"
    (store / "acme").mkdir(parents=True)
    bundle(git, store / "acme" / "shop.bundle")
    write_tar(store / "acme" / "tool.tar", ("a.py", "a = 1\n"))
    tar_folder(store / "web.git.tar.gz", git.folder / ".git", "web.git")
    (store / "acme" / "cut.bundle").write_bytes(b"# v2 git bundle\n")
    (store / "away.tar").symlink_to(write_tar(tmp_path / "away.tar", ("a.py", "a\n")))
    found = find(tmp_path, {"path": "store"})
    assert list(found) == ["acme/shop", "acme/tool", "web"]
    notes = " ".join(note for mined in found.values() for note in mined.notes)
    assert "1 entry (away.tar) left out" in notes
    assert "acme/cut is left out: " in notes
