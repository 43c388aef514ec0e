"""Tar archives read within limits. In: a file. Out: its members with safe names, and their bytes.

    for member in read_members(Path("/data/shop.tar.gz"), TarLimits()):
        if member.kind == "file": data = b"".join(member.chunks())

The archive is untrusted. Nothing is unpacked here and no link is followed; a name that is absolute
or holds ".." is None. Python's `tarfile` keeps every header, reads a header of any size into memory
and takes damage for the end; each is prevented here.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from schemas.errors import InputError

_BLOCK = 512
_BUFFER = 128 * _BLOCK
_MAX_HEADER_BYTES = 1_048_576
_XZ_MEMORY = 268_435_456
"""`xz -9` needs 65 MiB to unpack; a header may claim 4 GiB."""


@dataclass(frozen=True, kw_only=True)
class TarLimits:
    """What an archive may hold."""

    max_members: int = 500_000
    max_bytes: int = 17_179_869_184
    """Unpacked, headers included."""


@dataclass(frozen=True, kw_only=True)
class TarMember:
    """One entry. Its bytes can be read until the next entry is asked for."""

    name: str | None
    """Names joined with "/"; "" for the top; None when it would lead elsewhere."""
    kind: str
    """"file", "folder", "link" (symbolic) or "other": hard links, devices, sparse files."""
    is_executable: bool
    target: str
    """Of a symbolic link."""
    size: int
    _tar: tarfile.TarFile
    _info: tarfile.TarInfo
    _path: Path

    def chunks(self) -> Iterator[bytes]:
        """The bytes of a file, `size` together. Raises InputError when the archive is damaged."""
        with _readable(self._path):
            file = self._tar.extractfile(self._info)
            assert file is not None
            left = self.size
            while left:
                chunk = file.read(min(left, _BUFFER))
                if not chunk:
                    raise EOFError
                left -= len(chunk)
                yield chunk


class TarTooLarge(InputError):
    """An archive is over a limit."""


def read_members(path: Path, limits: TarLimits) -> Iterator[TarMember]:
    """Every entry in order. Raises InputError for damage and TarTooLarge over a limit."""
    with _readable(path), _decompressed(path) as stream:
        bounded = _BoundedReader(stream)
        with _open_tar(bounded) as tar:
            num_members = 0
            while (info := tar.next()) is not None:
                cast(Any, tar).members.clear()  # Every header so far, which nobody needs.
                num_members += 1
                if num_members > limits.max_members or tar.offset > limits.max_bytes:
                    raise TarTooLarge(
                        f"{path} holds over {limits.max_members} entries or {limits.max_bytes} "
                        "bytes; unpack it and give the path of the folder"
                    )
                bounded.limit = tar.offset + _MAX_HEADER_BYTES
                yield _member(tar, info, path)
            if any(bounded.block_at(tar.offset)):
                raise tarfile.ReadError("damaged header")


def _open_tar(stream: "_BoundedReader") -> tarfile.TarFile:
    return tarfile.open(
        fileobj=cast(IO[bytes], stream),
        mode="r|",
        bufsize=_BUFFER,
        encoding="utf-8",
        errors="surrogateescape",
    )


def _member(tar: tarfile.TarFile, info: tarfile.TarInfo, path: Path) -> TarMember:
    kind = "other"
    if info.isreg() and not info.issparse():
        kind = "file"
    elif info.isdir() or info.issym():
        kind = "folder" if info.isdir() else "link"
    return TarMember(
        name=_safe_name(info.name),
        kind=kind,
        is_executable=bool(info.mode & 0o100),
        target=info.linkname,
        size=info.size,
        _tar=tar,
        _info=info,
        _path=path,
    )


def _safe_name(name: str) -> str | None:
    parts = [part for part in name.split("/") if part not in ("", ".")]
    return None if name.startswith("/") or ".." in parts or "\0" in name else "/".join(parts)


class _BoundedReader:
    """A stream that ends with an error past `limit`, and remembers the last piece it gave."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._position = 0
        self._piece = b""
        self.limit = _MAX_HEADER_BYTES

    def read(self, size: int) -> bytes:
        # What is buffered ahead of the reader does not count.
        if self._position > self.limit + _BUFFER:
            raise tarfile.ReadError(f"a header of over {_MAX_HEADER_BYTES} bytes")
        pieces: list[bytes] = []
        left = size
        while left and (piece := self._stream.read(left)):
            pieces.append(piece)
            left -= len(piece)
        self._piece = b"".join(pieces)
        self._position += len(self._piece)
        return self._piece

    def block_at(self, offset: int) -> bytes:
        """The block there; b"" past the end."""
        start = offset - (self._position - len(self._piece))
        return self._piece[max(start, 0) : start + _BLOCK] if start + _BLOCK > 0 else b""


class _XzReader(io.RawIOBase):
    """Bytes of an xz file, within a limit of memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decompressor = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = b""
        while not data:
            if self._decompressor.eof:
                rest = self._decompressor.unused_data or self._file.read(_BUFFER)
                rest = rest.lstrip(b"\0")  # Streams are padded with zeros.
                if not rest:
                    return 0
                self._decompressor = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
            else:
                rest = self._file.read(_BUFFER) if self._decompressor.needs_input else b""
                if self._decompressor.needs_input and not rest:
                    raise EOFError
            data = self._decompressor.decompress(rest, max_length=len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def _decompressed(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        start = file.read(6)
        file.seek(0)
        if start.startswith(b"\x1f\x8b"):
            yield cast(IO[bytes], gzip.GzipFile(fileobj=file))
        elif start.startswith(b"BZh"):
            yield cast(IO[bytes], bz2.BZ2File(file))
        elif start == b"\xfd7zXZ\0":
            yield cast(IO[bytes], io.BufferedReader(_XzReader(file)))
        elif start.startswith(b"\x28\xb5\x2f\xfd"):
            import pyarrow as pa

            yield cast(IO[bytes], pa.CompressedInputStream(file, "zstd"))
        else:
            yield file


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say what is wrong with an archive that cannot be read."""
    try:
        yield
    except InputError:
        raise
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        said = str(error) or "it ends too early"
    except (RecursionError, ValueError, OverflowError):
        said = "damaged header"
    else:
        return
    raise InputError(f"{path} cannot be read as a tar archive: {said}; make it again")
