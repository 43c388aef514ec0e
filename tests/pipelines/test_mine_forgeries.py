"""`mine` on objects and indexes that no git would write: they cost their own rows only."""

import hashlib
import struct
import subprocess
import time
import zlib
from pathlib import Path

import pytest
from forged import entry, land_tree, pack_with_delta_bomb, put, put_packed
from mined import Git, mine, new_shop, reasons
from support import katydid

from pipelines.mine import comparisons, environment
from pipelines.mine.config import MineConfig
from pipelines.mine.git import open_repository
from pipelines.mine.plan import plan_mining
from schemas.errors import InputError

_LIMIT = 1_048_576


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = new_shop(tmp_path)
    git.commit("One (#1)", one__py="x = 1\n")
    return git


def rewrite(path: Path, start: int, data: bytes) -> None:
    content = bytearray(path.read_bytes())
    content[start : start + len(data)] = data
    path.unlink()
    path.write_bytes(bytes(content))


def test_a_forged_commit_graph_does_not_hide_history(git: Git) -> None:
    for number in range(2, 6):
        git.commit(f"Next (#{number})", **{f"f{number}__py": "x = 1\n"})
    expected = mine(git)
    git("commit-graph", "write", "--reachable")
    graph = git.folder / ".git" / "objects" / "info" / "commit-graph"
    data = graph.read_bytes()
    chunk = data.index(b"CDAT")
    (start,) = struct.unpack(">Q", data[chunk + 4 : chunk + 12])
    for index in range(6):
        rewrite(graph, start + 36 * index + 20, struct.pack(">II", 0x70000000, 0x70000000))
    rewrite(graph, len(data) - 20, hashlib.sha1(graph.read_bytes()[:-20]).digest())
    assert git("rev-list", "--count", "HEAD") == "1", "git believes the graph, so should be tested"
    assert mine(git) == expected


@pytest.mark.parametrize("suffix", ["multi-pack-index", "commit-graph", "*.bitmap", "*.rev"])
def test_damaged_indexes_of_indexes_change_nothing(git: Git, suffix: str) -> None:
    expected = mine(git)
    git("-c", "pack.writeReverseIndex=true", "repack", "-adqb")
    git("commit-graph", "write", "--reachable")
    git("multi-pack-index", "write")
    (path,) = (git.folder / ".git" / "objects").rglob(suffix)
    path.chmod(0o644)
    rewrite(path, 8, b"\xff" * (path.stat().st_size - 8))
    assert mine(git) == expected


@pytest.mark.parametrize("suffix", ["*.idx", "*.pack"])
def test_damaged_packs_are_one_line(git: Git, suffix: str) -> None:
    git("repack", "-adq")
    (path,) = (git.folder / ".git" / "objects" / "pack").glob(suffix)
    path.chmod(0o644)
    rewrite(path, 1032 if suffix == "*.idx" else 12, b"\xff" * 100)
    with pytest.raises(InputError, match=str(git.folder)) as caught:
        mine(git)
    assert "\n" not in str(caught.value)


def test_modes_are_read_as_git_reads_them(git: Git) -> None:
    blob = put(git, "blob", b"z = 1\n")
    modes = ("100600", "100777", "0100644", "100664")
    names = (f"f{index}.py".encode() for index in range(len(modes)))
    files = b"".join(entry(*pair, blob) for pair in zip(modes, names, strict=True))
    folder = put(git, "tree", entry("100644", b"x.py", blob))
    land_tree(git, put(git, "tree", files + entry("040000", b"sub", folder)))
    rows = mine(git)
    assert [row.number for row in rows["pull_requests"]] == [1, 2, 3]
    added = {file.path for file in rows["pull_requests"][1].files if file.status == "added"}
    assert added == {"f0.py", "f1.py", "f2.py", "f3.py", "sub/x.py"}


BROKEN = {
    "twice": lambda blob: entry("100644", b"a.py", blob) * 2,
    "no mode": lambda blob: entry("", b"a.py", blob),
    "no number": lambda blob: entry("99x", b"a.py", blob),
    "cut": lambda blob: entry("100644", b"a.py", blob)[:-9],
    "no name": lambda blob: entry("100644", b"", blob),
    "noise": lambda blob: bytes(range(256)),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_trees_cost_their_pull_requests_only(git: Git, name: str) -> None:
    land_tree(git, put(git, "tree", BROKEN[name](put(git, "blob", b"x = 1\n"))))
    rows = mine(git)
    assert reasons(rows, "pull_requests") == ["missing_blob", "missing_blob"]
    assert [row.number for row in rows["pull_requests"]] == [1]


def test_a_broken_head_is_one_line_of_the_command(git: Git, tmp_path: Path) -> None:
    tree = put(git, "tree", BROKEN["no name"](put(git, "blob", b"x = 1\n")))
    git("update-ref", "refs/heads/main", git("commit-tree", "-p", "HEAD", "-m", "x", tree))
    repos = f'mine.repos=["{git.folder}"]'
    result = katydid("run", "mine", "-s", repos, "--run-dir", tmp_path / "run", check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert str(git.folder) in result.stderr


UNSAFE = (b"..", b".", b".git", b".GIT", b"a/../../b", b"/etc/x", b"a//b")
STRANGE = (b"x\x01\x1b[31m\n.py", b"C:\\x", b"n" * 4096 + b".py", b"\xff\xfe.py", b" ", b"-rf",
           b"~root", b"HEAD", b"...", b".git ")  # fmt: skip


@pytest.mark.parametrize("name", UNSAFE)
def test_names_that_lead_elsewhere_are_rejected(git: Git, tmp_path: Path, name: bytes) -> None:
    land_tree(git, put(git, "tree", entry("100644", name, put(git, "blob", b"z = 1\n"))))
    git("update-ref", "refs/heads/main", "refs/heads/main~1")
    before = sorted(tmp_path.rglob("*"))
    rows = mine(git)
    assert sorted(tmp_path.rglob("*")) == before
    assert reasons(rows, "source_files") == reasons(rows, "pull_requests") == ["unsafe_path"]
    assert [row.number for row in rows["pull_requests"]] == [1]


def test_strange_names_are_text(git: Git) -> None:
    blob = put(git, "blob", b"z = 1\n")
    entries = (entry("100644", name, blob) for name in sorted(STRANGE))
    land_tree(git, put(git, "tree", b"".join(entries)))
    git("update-ref", "refs/heads/main", "refs/heads/main~1")
    rows = mine(git)
    expected = {name.decode("utf-8", "backslashreplace") for name in STRANGE}
    assert {row.path for row in rows["source_files"]} == expected
    files = rows["pull_requests"][1].files
    assert {file.path for file in files if file.status == "added"} == expected
    assert all(file.patch for file in files)


def test_a_tree_as_deep_as_it_gets(git: Git) -> None:
    tree = put(git, "tree", entry("100644", b"x.py", put(git, "blob", b"x = 1\n")))
    for _ in range(3000):
        tree = put(git, "tree", entry("40000", b"d", tree))
    land_tree(git, tree)
    rows = mine(git)
    counted = len(rows["pull_requests"]) + len(reasons(rows, "pull_requests"))
    assert (rows["pull_requests"][0].number, counted) == (1, 3)


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bombs of a few megabytes are as good as those of gigabytes."""
    for module in (environment, comparisons):
        monkeypatch.setattr(module, "MAX_OBJECT_BYTES", _LIMIT)


@pytest.mark.usefixtures("small_limit")
def test_bombs_are_not_unpacked(git: Git) -> None:
    commit = git("cat-file", "commit", "HEAD").encode() + b"\n" + b"x" * 8 * _LIMIT
    git.write(".git/refs/pull/8/head", put(git, "commit", commit) + "\n")
    tag = f"object {'0' * 40}\ntype commit\ntag x\ntagger A <a@b.c> 1 +0000\n\n".encode()
    git.write(".git/refs/tags/x", put(git, "tag", tag + b"x" * 8 * _LIMIT) + "\n")
    git("tag", "-a", "-m", "tagged", "v1")
    blob = put(git, "blob", b"line\n" * 2 * _LIMIT)
    land_tree(git, put(git, "tree", entry("100644", b"bomb.txt", blob)))
    with open_repository(str(git.folder)) as repository:
        assert {"refs/tags/v1", "refs/pull/8/head"} <= repository.refs().keys()
        assert "refs/tags/x" not in repository.refs()
    sizes = {"max_file_bytes": 10 * _LIMIT, "max_total_bytes": 99 * _LIMIT}
    assert "missing_commit" in reasons(mine(git, include_unmerged=True, **sizes), "pull_requests")
    rows = mine(git, **sizes)
    assert reasons(rows, "pull_requests") == ["not_merged", "too_large", "too_large"]
    assert [row.number for row in rows["pull_requests"]] == [1]


@pytest.mark.usefixtures("small_limit")
def test_a_bomb_of_copies_is_known_by_its_size(git: Git) -> None:
    land_tree(git, put(git, "tree", entry("100644", b"b.txt", pack_with_delta_bomb(git, 512))))
    assert reasons(mine(git), "pull_requests") == ["too_large", "too_large"]


def test_an_object_that_is_larger_than_it_says(git: Git) -> None:
    packed = zlib.compress(b"blob 5\0" + b"a" * 50_000_000)
    land_tree(git, put(git, "tree", entry("100644", b"b.txt", put_packed(git, "12" * 20, packed))))
    assert reasons(mine(git), "pull_requests") == ["missing_blob", "missing_blob"]


def test_a_hundred_thousand_refs(git: Git) -> None:
    sha = git("rev-parse", "HEAD")
    names = sorted(f"refs/pull/{number}/head" for number in range(2, 100_002))
    head = "# pack-refs with: peeled fully-peeled sorted \n"
    git.write(".git/packed-refs", head + "".join(f"{sha} {name}\n" for name in names))
    start = time.process_time()
    plan = plan_mining(MineConfig(repos=(str(git.folder),)))
    assert time.process_time() - start < 20
    pulls = [shard for shard in plan.shards if shard.table == "pull_requests"]
    assert sum(len(shard.items) for shard in pulls) == 100_001


def test_a_merge_of_very_many(git: Git) -> None:
    base = git("rev-parse", "HEAD")
    person = "A <a@b.c> 1700009999 +0000"
    stream = "".join(
        f"commit refs/pull/{number}/head\ncommitter {person}\ndata 2\nc\nfrom {base}\n"
        f"M 100644 inline f{number}.py\ndata 6\nx = 1\n\n"
        for number in range(2, 502)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=git.folder, input=stream.encode(),
                   check=True)  # fmt: skip
    heads = git("for-each-ref", "--format=parent %(objectname)", "refs/pull")
    header = f"tree {base}^{{tree}}".replace(f"{base}^{{tree}}", git("rev-parse", "HEAD^{tree}"))
    text = f"{header}\nparent {base}\n{heads}\nauthor {person}\ncommitter {person}\n\n"
    merge = put(git, "commit", f"{text}Merge pull request #7 from a/b\n".encode())
    git("update-ref", "refs/heads/main", merge)
    merged = {row.number: row.merge_kind for row in mine(git)["pull_requests"]}
    assert len(merged) == 501
    assert merged[7] == "merge"


def test_tags_of_tags(git: Git) -> None:
    name, kind = git("rev-parse", "HEAD"), "commit"
    for number in range(300):
        text = f"object {name}\ntype {kind}\ntag {number}\ntagger A <a@b.c> 1 +0000\n\nx\n"
        name, kind = put(git, "tag", text.encode()), "tag"
    git.write(".git/refs/tags/deep", name + "\n")
    with open_repository(str(git.folder)) as repository:
        assert repository.refs()["refs/tags/deep"] == git("rev-parse", "HEAD")
