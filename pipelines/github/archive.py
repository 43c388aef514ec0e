"""Raw answers on disk. In: bytes. Out: their address, the SHA-256 of the bytes.

    archive = ResponseArchive("/data/github")
    address = archive.put(b'{"number": 12}')       ->  objects/7e/7e41....zst
    archive.get(address)                           ->  b'{"number": 12}'

The same answer is kept once, and what is read is what was written: the hash is verified. Files are
ordinary zstd frames. They appear whole or not at all, whatever ends the process.
"""

import hashlib
import os
import re
from pathlib import Path

import pyarrow as pa

from schemas.errors import ConfigError, InputError

_ADDRESS = re.compile(r"[0-9a-f]{64}")
_MAX_BYTES = 256 * 1024 * 1024
_REPO = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*/[A-Za-z0-9._-]+")


class ResponseArchive:
    """Content-addressed answers in a folder, which `put` makes."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder).expanduser()

    def check_exists(self) -> None:
        """Raises InputError, saying what to type, when nothing was ever archived here."""
        if not self.folder.is_dir():
            raise InputError(
                f"mine.github_archive: no folder {self.folder}; type: katydid hydrate -c my.toml"
            )

    def put(self, data: bytes) -> str:
        """Keep an answer; its address. A full disk raises OSError and leaves nothing behind."""
        address = hashlib.sha256(data).hexdigest()
        path = self._path(address)
        if not path.exists():
            _write_whole(path, data, scratch=self.folder / "tmp" / f"{address}.{os.getpid()}")
        return address

    def get(self, address: str) -> bytes:
        """The answer of an address. Raises InputError when it is absent or not what it was."""
        path = self._path(address)
        try:
            with pa.input_stream(str(path), compression="zstd") as stream:
                data = bytes(stream.read(_MAX_BYTES + 1))
        except FileNotFoundError:
            raise InputError(f"{path} is missing; {self._remedy()}") from None
        except OSError as error:
            raise InputError(f"{path}: {type(error).__name__}; {self._remedy()}") from error
        if hashlib.sha256(data).hexdigest() != address:
            raise InputError(f"{path}: its bytes are not what they were; {self._remedy()}")
        return data

    def _path(self, address: str) -> Path:
        if not _ADDRESS.fullmatch(address):
            raise InputError(f"{self.folder}: {address[:80]!r} is no address of an answer")
        return self.folder / "objects" / address[:2] / f"{address}.zst"

    def _remedy(self) -> str:
        return (
            f"delete it and {self.folder / 'repositories'}/OWNER/NAME/journal.jsonl, "
            "then type: katydid hydrate -c my.toml"
        )


def repository_folder(folder: str, repo: str) -> Path:
    """Where a repository's journal lies; GitHub does not tell upper from lower case in names.

    Raises ConfigError for what is no "owner/name".
    """
    check_repo(repo)
    return Path(folder).expanduser() / "repositories" / repo.lower()


def check_repo(repo: str) -> None:
    """Raises ConfigError for what is no "owner/name"."""
    if not is_repo(repo):
        raise ConfigError(f'github.repos: {repo!r} is no repository; write it as "owner/name"')


def is_repo(text: str) -> bool:
    """Whether it is an "owner/name" as GitHub has them."""
    name = text.partition("/")[2]
    return bool(_REPO.fullmatch(text)) and len(text) <= 140 and name not in (".", "..")


def _write_whole(path: Path, data: bytes, *, scratch: Path) -> None:
    scratch.parent.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with scratch.open("wb") as file:
            file.write(_compress(data))
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _compress(data: bytes) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return memoryview(sink.getvalue())
