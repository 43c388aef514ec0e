"""A folder on any file system that pyarrow reaches. In: a path or URI. Out: bytes, atomically.

    folder = open_folder("s3://corpora/click").child("mine")
    folder.write("MANIFEST.json", b"{}")      a temporary name, then a rename
    folder.read("MANIFEST.json")

`file:`, `s3:` and `gs:` differ in the string alone. A local rename is atomic; on object stores a
file appears whole or not at all.
"""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
from pyarrow import fs

from schemas.errors import InputError

TEMPORARY = "_tmp"
"""Where half-written files live; nothing reads them, and a finished stage has none."""


class HashingStream:
    """A write-only stream that knows the SHA-256 and length of what went through it."""

    def __init__(self, target: pa.NativeFile) -> None:
        self._target = target
        self._digest = hashlib.sha256()
        self.num_bytes = 0
        self.closed = False

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of all bytes so far."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        """Pass the bytes on."""
        self._digest.update(data)
        self.num_bytes += len(data)
        self._target.write(data)
        return len(data)

    def flush(self) -> None:
        """Pass the wish on."""
        self._target.flush()

    def close(self) -> None:
        """Close the target too."""
        self.closed = True
        self._target.close()


@dataclass(frozen=True)
class Folder:
    """A path on a file system. Names are relative to it and use "/"."""

    filesystem: fs.FileSystem
    path: str

    def child(self, name: str) -> "Folder":
        """A folder inside this one; it need not exist."""
        return Folder(self.filesystem, f"{self.path}/{name}")

    def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""
        info = self.filesystem.get_file_info(f"{self.path}/{name}")
        return bool(info.type == fs.FileType.File)

    def size(self, name: str) -> int | None:
        """Bytes in a file, or None when there is none."""
        info = self.filesystem.get_file_info(f"{self.path}/{name}")
        return info.size if info.type == fs.FileType.File else None

    def names(self) -> list[str]:
        """Every file below this folder, relative and sorted."""
        selector = fs.FileSelector(self.path, allow_not_found=True, recursive=True)
        infos = self.filesystem.get_file_info(selector)
        start = len(self.path) + 1
        return sorted(info.path[start:] for info in infos if info.type == fs.FileType.File)

    def read(self, name: str) -> bytes:
        """A whole file. Raises InputError when there is none."""
        try:
            with self.filesystem.open_input_stream(f"{self.path}/{name}", compression=None) as file:
                return cast(bytes, file.read())
        except FileNotFoundError:
            raise InputError(f"no file {self.path}/{name}") from None

    def write(self, name: str, data: bytes) -> None:
        """Replace a file atomically."""
        with self.create(name) as stream:
            stream.write(data)

    @contextmanager
    def create(self, name: str) -> Iterator[HashingStream]:
        """A stream whose file appears under its name when the block ends without an error."""
        temporary = f"{self.path}/{TEMPORARY}/{uuid.uuid4().hex}"
        self.filesystem.create_dir(f"{self.path}/{TEMPORARY}", recursive=True)
        stream = HashingStream(self.filesystem.open_output_stream(temporary, compression=None))
        try:
            yield stream
        except BaseException:
            stream.close()
            self.filesystem.delete_file(temporary)
            raise
        stream.close()
        self.filesystem.create_dir(f"{self.path}/{name}".rpartition("/")[0], recursive=True)
        self.filesystem.move(temporary, f"{self.path}/{name}")

    def delete(self, name: str) -> None:
        """Remove a file if it is there."""
        if self.exists(name):
            self.filesystem.delete_file(f"{self.path}/{name}")

    def delete_folder(self, name: str) -> None:
        """Remove a folder and all below it if it is there."""
        info = self.filesystem.get_file_info(f"{self.path}/{name}")
        if info.type == fs.FileType.Directory:
            self.filesystem.delete_dir(f"{self.path}/{name}")

    def open_random_access(self, name: str) -> BinaryIO:
        """A seekable file for a Parquet reader."""
        return cast(BinaryIO, self.filesystem.open_input_file(f"{self.path}/{name}"))


def open_folder(uri: str | os.PathLike[str]) -> Folder:
    """The folder at a local path or a URI that `pyarrow.fs` understands; it need not exist."""
    text = os.fspath(uri)
    if "://" not in text and not text.startswith("file:"):
        return Folder(fs.LocalFileSystem(), str(Path(text).absolute()))
    try:
        filesystem, path = fs.FileSystem.from_uri(text)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"cannot open {text}: {error}") from None
    return Folder(filesystem, path.rstrip("/"))
