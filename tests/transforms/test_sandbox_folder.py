"""What untrusted code left behind, touched from the host."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandboxed import Shell, needs_bwrap

from transforms.sandbox.folder import Folder, measure_folder, remove_folder, split_path


@pytest.fixture
def trapped(outside: Path, secret: Path) -> Folder:
    """A work folder full of links that lead out of it."""
    root = outside / "trapped"
    (root / "plain").mkdir(parents=True)
    (root / "plain" / "a.txt").write_text("fine\n")
    (root / "link.txt").symlink_to(secret)
    (root / "relative.txt").symlink_to("../secret.txt")
    (root / "folder").symlink_to(outside)
    (root / "dangling").symlink_to(outside / "made-through-link")
    os.mkfifo(root / "pipe")
    return Folder(root)


TRAPS = [
    "link.txt",
    "relative.txt",
    "folder/secret.txt",
    "pipe",
    "../secret.txt",
    "plain/../link.txt",
]


@pytest.mark.parametrize("path", [*TRAPS, "/etc/passwd", "plain", "absent", ".", "", "plain/"])
def test_reading_refuses_every_way_out(trapped: Folder, path: str) -> None:
    with pytest.raises(OSError, match=r"\[Errno \d+\] (is|no such) "):
        trapped.read(path)


@pytest.mark.parametrize("path", [*TRAPS, "dangling", "folder/made-through-link", "/made"])
def test_writing_refuses_every_way_out(trapped: Folder, outside: Path, path: str) -> None:
    with pytest.raises(OSError, match=r"\[Errno \d+\] (is|no such) "):
        trapped.write(path, b"overwritten")
    assert (outside / "secret.txt").read_text() == "hunter2-canary"
    assert not (outside / "made-through-link").exists()


def test_deleting_a_link_keeps_what_it_points_to(trapped: Folder, outside: Path) -> None:
    trapped.delete("link.txt")
    trapped.delete("folder")
    assert (outside / "secret.txt").exists()


def test_walking_never_follows_a_link(trapped: Folder) -> None:
    kinds = {entry.path: entry.kind for entry in trapped.walk()}
    assert kinds == {
        "dangling": "other",
        "folder": "other",
        "link.txt": "other",
        "pipe": "other",
        "plain": "folder",
        "plain/a.txt": "file",
        "relative.txt": "other",
    }


def test_write_then_read_gives_the_bytes_back(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("a/b/-rf", b"\r\n\0\xff", executable=True)
    assert folder.read("a/b/-rf") == b"\r\n\0\xff"
    folder.write("a/b/-rf", b"short")
    assert folder.read("a/b/-rf") == b"short"
    assert next(iter(folder.entries("a/b"))).executable


@given(st.text(alphabet="./a\0-", max_size=12))
def test_a_path_stays_inside_or_is_refused(path: str) -> None:
    try:
        parts = split_path(path)
    except OSError:
        return
    assert "/".join(parts) == path
    assert os.path.normpath("/r/" + path) == "/r/" + path


@needs_bwrap
def test_what_a_hostile_command_leaves_can_be_measured_and_removed(
    shell: Shell, workdir: Path
) -> None:
    shell("for i in $(seq 2000); do mkdir d && cd d || break; done; mkdir locked; chmod 0 locked")
    assert measure_folder(workdir, 5000)[1] == 5001
    remove_folder(workdir)
    assert not workdir.exists()
