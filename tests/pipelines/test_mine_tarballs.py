"""Tarballs: what becomes of their members, and what hostile ones cannot do."""

import gzip
import io
import random
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inventories import content, find, mine_inventory, outside
from mined import Git, new_shop
from tars import entry, tar_folder, write_tar

from pipelines.mine.tar_imports import import_tarball
from pipelines.mine.tarballs import TarLimits, TarTooLarge, read_members
from schemas.errors import InputError


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = new_shop(tmp_path)
    git.pull(12, git.commit("Next", next__py="x = 1\n"))
    return git


def test_sources_become_one_commit_of_nobody(tmp_path: Path) -> None:
    name = 'caf\udce9 "q"\\n\nx.py'
    write_tar(
        tmp_path / "tool-1.2.tar.gz",
        ("tool-1.2/a.py", "a = 1\n"),
        ("tool-1.2/bin/run.sh", "echo\n"),
        (f"./tool-1.2/{name}", "x = 1\n"),
        entry("tool-1.2/link", tarfile.SYMTYPE, target="../../etc/passwd"),
        entry("tool-1.2/empty", tarfile.DIRTYPE),
        ("tool-1.2/a.py", "a = 2\n"),
        mode="w:gz",
    )
    (mined,) = find(tmp_path, {"path": "tool-1.2.tar.gz", "license": "MIT"}).values()
    assert (mined.name, mined.notes) == ("tool-1.2", ())
    assert content(mined) == {
        "a.py": ("100644", b"a = 2\n"),
        "bin/run.sh": ("100755", b"echo\n"),
        'caf\\xe9 "q"\\n\nx.py': ("100644", b"x = 1\n"),
        "link": ("120000", b"../../etc/passwd"),
    }
    rows = mine_inventory(tmp_path, {"path": "tool-1.2.tar.gz"})
    assert (rows["pull_requests"], rows["identities"]) == ([], [])
    assert {row.path for row in rows["source_files"]} >= {"a.py", "bin/run.sh"}


NAMES = st.lists(st.text("ab.\u00e9", min_size=1, max_size=2), min_size=1, max_size=3)
FILES = st.dictionaries(NAMES.map("/".join), st.binary(max_size=2000), min_size=1, max_size=8)


@settings(deadline=None, max_examples=30)
@given(files=FILES, is_packed=st.booleans(), depth=st.integers(0, 1))
def test_sources_are_kept_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], is_packed: bool, depth: int
) -> None:
    folder = tmp_path_factory.mktemp("tar")
    usable = {n: d for n, d in files.items() if not {".", ".."} & set(n.split("/"))}
    kept = {n: d for n, d in usable.items() if not any(m.startswith(f"{n}/") for m in usable)}
    kept["z"], kept["y"] = b"", b"last"  # Never one folder alone.
    named = [("top/" * depth + name, data) for name, data in kept.items()]
    heads = []
    for order in (named, named[::-1]):
        path = write_tar(folder / f"t{len(heads)}.tar", *order, mode="w:gz" if is_packed else "w")
        (mined,) = find(folder, {"path": path.name}).values()
        assert {path: data for path, (_, data) in content(mined).items()} == kept
        heads.append(mined.head)
    assert heads[0] == heads[1]


def test_hostile_members_of_sources_are_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("SECRET\n")
    write_tar(
        tmp_path / "bad.tar",
        ("/absolute.py", "x\n"),
        ("../up.py", "x\n"),
        ("a/../../up.py", "x\n"),
        entry("door", tarfile.SYMTYPE, target=str(tmp_path)),
        ("door/through.py", "x\n"),
        entry("hard", tarfile.LNKTYPE, target=str(tmp_path / "secret")),
        entry("hard2", tarfile.LNKTYPE, target="../secret"),
        entry("device", tarfile.CHRTYPE),
        entry("block", tarfile.BLKTYPE),
        entry("pipe", tarfile.FIFOTYPE),
        (".git/hooks/post-checkout", "#!/bin/sh\n"),
        ("sub/.GIT/config", "[core]\n"),
        ("fine.py", "x = 1\n"),
    )
    before = outside(tmp_path)
    (mined,) = find(tmp_path, {"path": "bad.tar"}).values()
    assert content(mined) == {
        "door/through.py": ("100644", b"x\n"), "fine.py": ("100644", b"x = 1\n")
    }  # fmt: skip
    assert sorted(mined.notes) == [
        "bad: 2 files of a '.git' left out",
        "bad: 3 entries with an absolute name or one with '..' left out",
        "bad: 5 hard links, devices or sparse files left out",
    ]
    assert outside(tmp_path) - before == {str(tmp_path / "inventory.toml")}
    assert "SECRET" not in repr(
        [p.read_bytes() for p in Path(mined.path).rglob("*") if p.is_file()]
    )


def test_of_a_repository_only_objects_and_refs_are_taken(git: Git, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = new_shop(tmp_path / "other")
    marker = tmp_path / "marker"
    trap = f"#!/bin/sh\ntouch {marker}\n"
    head = git("rev-parse", "HEAD")
    for name in ("HEAD~1", "HEAD"):
        git.object_file(f"{name}^{{tree}}").chmod(0o644)
    evil = [
        ("hooks/reference-transaction", trap), ("hooks/post-checkout.sh", trap),
        ("config", f"[core]\n\tfsmonitor = touch {marker}\n[include]\n\tpath = /etc/passwd\n"),
        ("objects/info/alternates", f"{other.folder}/.git/objects\n"),
        ("objects/info/commit-graph", "x"), ("info/attributes", "* filter=evil\n"),
        ("info/grafts", f"{head}\n"), ("commondir", str(other.folder)),
        ("refs/replace/" + "0" * 40, head + "\n"),
        ("refs/heads/sym", "ref: refs/../../../etc/passwd\n"),
        ("refs/heads/../../../up", head + "\n"), ("refs/heads/.hidden", head + "\n"),
        ("refs/heads/a.lock", head + "\n"), ("refs/heads/text", "words\n"),
        ("objects/pack/pack-evil.idx", "x"), ("objects/ab", "x"), ("HEAD", "ref: ../../x\n"),
        ("worktrees/w/gitdir", "/etc"), ("modules/m/HEAD", "ref: refs/heads/main\n"),
    ]  # fmt: skip
    path = tar_folder(tmp_path / "evil.tar", git.folder / ".git", "evil.git", "w")
    with tarfile.open(path, "a") as tar:
        for name, data in evil:
            info = tarfile.TarInfo(f"evil.git/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data.encode()))
        tar.addfile(entry("evil.git/objects/aa", tarfile.SYMTYPE, target="/etc"))
        tar.addfile(entry("evil.git/objects/" + "a" * 2, tarfile.SYMTYPE, target="/etc"))
        tar.addfile(entry("evil.git/packed-refs", tarfile.LNKTYPE, target="/etc/passwd"))
    before = outside(tmp_path)
    (mined,) = find(tmp_path, {"path": "evil.tar"}).values()
    assert outside(tmp_path) - before == {str(tmp_path / "inventory.toml")}
    assert not marker.exists()
    assert mined.head == head
    assert "refs/pull/12/head" in mined.refs
    own = Path(mined.path)
    files = {str(path.relative_to(own)) for path in own.rglob("*") if path.is_file()}
    taken = {name for name in files if not name.startswith(("objects/", "refs/"))}
    assert taken == {"HEAD", "config", "katydid-notes.json"}
    assert [name for name in files if name.startswith("refs/heads/")] == ["refs/heads/main"]
    assert not [name for name in files if name.startswith(("objects/info", "objects/pack/pack-e"))]
    assert not any(path.is_symlink() for path in own.rglob("*"))
    assert "touch" not in (own / "config").read_text()


def test_a_repository_among_the_sources_is_material(git: Git, tmp_path: Path) -> None:
    members = [(f"lib/tests/data/x.git/{name}", "x") for name in ("HEAD", "objects/a", "refs/b")]
    write_tar(tmp_path / "lib.tar", ("lib/a.py", "a = 1\n"), *members)
    assert "tests/data/x.git/HEAD" in content(find(tmp_path, {"path": "lib.tar"})["lib"])
    mirrors = tmp_path / "mirrors"
    git("clone", "--quiet", "--bare", str(git.folder), str(mirrors / "a.git"))
    tar_folder(tmp_path / "mirrors.tar", mirrors, "mirrors", "w")
    with pytest.raises(InputError, match="holds several repositories; unpack it"):
        find(tmp_path, {"path": "mirrors.tar"})


def test_caps_end_what_is_too_large(tmp_path: Path) -> None:
    many = write_tar(tmp_path / "many.tar", *((f"f{index}", b"") for index in range(200)))
    with pytest.raises(TarTooLarge, match="holds over 100 entries"):
        import_tarball(many, tmp_path / "a", TarLimits(max_members=100))
    bomb = write_tar(
        tmp_path / "bomb.tar.gz", entry("zeros", tarfile.REGTYPE, size=50_000_000), mode="w:gz"
    )
    assert bomb.stat().st_size < 100_000
    with pytest.raises(TarTooLarge, match=r"1000000 bytes; unpack it and give the path"):
        import_tarball(bomb, tmp_path / "b", TarLimits(max_bytes=1_000_000))
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "b").exists()


def test_a_million_members_end_at_the_cap_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "million.tar.gz"
    info = tarfile.TarInfo("f")
    block = info.tobuf()
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(1000):
            file.write(block * 1000)
    tracemalloc.start()
    with pytest.raises(TarTooLarge, match="holds over 30000 entries"):
        for _ in read_members(path, TarLimits(max_members=30_000)):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def _raw_header(kind: bytes, size: int) -> bytes:
    return entry("h", kind, size=size).tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_cannot_fill_the_memory(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "header.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(entry("first", tarfile.REGTYPE).tobuf())
        file.write(_raw_header(kind, 4_000_000_000))
        for _ in range(100):
            file.write(b"\0" * 1_000_000)
    with pytest.raises(InputError, match="a header of over 1048576 bytes"):
        list(read_members(path, TarLimits()))


def test_headers_that_follow_headers_end(tmp_path: Path) -> None:
    path = tmp_path / "chain.tar"
    path.write_bytes((_raw_header(tarfile.GNUTYPE_LONGNAME, 2) + b"a".ljust(512, b"\0")) * 900)
    with pytest.raises(InputError, match="cannot be read as a tar archive"):
        list(read_members(path, TarLimits()))


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst"])
def test_damage_is_named_and_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    mode = {".tar": "w", ".tar.zst": "w"}.get(suffix, "w:" + suffix[5:])
    noise = random.Random(1)
    files = [(f"f{index}", noise.randbytes(3000)) for index in range(40)]
    path = write_tar(tmp_path / "whole.tar", *files, mode=mode)
    data = path.read_bytes()
    if suffix == ".tar.zst":
        pa = pytest.importorskip("pyarrow")
        data = pa.Codec("zstd").compress(data, asbytes=True)
    damaged = tmp_path / f"bad{suffix}"
    for broken in (data[: len(data) // 2], data[:50_000] + b"\x00\xff" * 2000 + data[54_000:], b"",
                   b"garbage" * 1000):  # fmt: skip
        damaged.write_bytes(broken)
        with pytest.raises(InputError, match="cannot be read as a tar archive"):
            find(tmp_path, {"path": damaged.name})
        assert not [p for p in (tmp_path / "clones").iterdir() if p.suffix == ".git"]
    damaged.write_bytes(data)
    assert len(find(tmp_path, {"path": damaged.name})["bad"].entries) == 40


def test_an_archive_without_files_is_an_error(tmp_path: Path) -> None:
    write_tar(tmp_path / "empty.tar", entry("top", tarfile.DIRTYPE))
    with pytest.raises(InputError, match="holds no files"):
        find(tmp_path, {"path": "empty.tar"})
