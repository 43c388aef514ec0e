"""Folders: atomic writes, and errors that name the file."""

import hashlib
from pathlib import Path

import pytest

from schemas.errors import InputError
from schemas.folder import TEMPORARY, open_folder


@pytest.mark.parametrize("prefix", ["", "file://"])
def test_what_is_written_is_read(tmp_path: Path, prefix: str) -> None:
    folder = open_folder(f"{prefix}{tmp_path}/run").child("stage")
    folder.write("table/a.bin", b"one")
    folder.write("table/a.bin", b"two")
    assert folder.read("table/a.bin") == b"two"
    assert folder.size("table/a.bin") == 3
    assert folder.names() == ["table/a.bin"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    folder.write("a.bin", b"old")
    with pytest.raises(TypeError), folder.create("a.bin") as stream:
        stream.write("not bytes")  # type: ignore[arg-type]
    assert folder.read("a.bin") == b"old"
    assert not list((tmp_path / TEMPORARY).iterdir())


def test_the_stream_knows_its_digest(tmp_path: Path) -> None:
    with open_folder(tmp_path).create("a.bin") as stream:
        stream.write(b"ab")
        stream.write(b"c")
    assert stream.sha256 == hashlib.sha256(b"abc").hexdigest()
    assert stream.num_bytes == 3


def test_absent_files_and_strange_uris_are_named(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    assert not folder.exists("a.bin")
    assert folder.size("a.bin") is None
    folder.delete("a.bin")
    with pytest.raises(InputError, match=r"a\.bin"):
        folder.read("a.bin")
    with pytest.raises(InputError, match="cannot open warp://core"):
        open_folder("warp://core")
