"""Files beneath a folder that untrusted code has written to. In: relative paths. Out: bytes.

    folder = Folder(Path("/tmp/checkout"))
    folder.write("src/app.py", b"x = 1\n", executable=False)
    folder.read("src/app.py")                     ->  b"x = 1\n"
    folder.read("link-to-etc-passwd")             ->  OSError: is a symbolic link

Every step of a path is opened from the folder above it with O_NOFOLLOW, so that no link, planted
in the middle or at the end, leads outside; ".." and absolute paths are refused by name; what is
neither file nor folder (a pipe, a device, a socket) is refused before it can block.
"""

import errno
import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_MAX_DEPTH = 100
"""Folders within folders; a deeper tree is an attack on whoever walks it."""
_FAULTS_OF_PATHS = frozenset(
    {
        *(errno.EEXIST, errno.EINVAL, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG),
        *(errno.ENOENT, errno.ENOTDIR, errno.ENXIO),
    }
)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing in a folder."""

    path: str
    """Relative to the root, with "/"."""
    kind: str
    """"file", "folder" or "other" (links, pipes, devices)."""
    executable: bool
    num_bytes: int
    """Bytes of the disk, not of the content."""


class Folder:
    """The files beneath `root`. What a method refuses, it refuses with an OSError.

    `is_fault_of_path` tells a refusal from an error of the machine.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes:
        """The content of a regular file."""
        with self._opened(path, os.O_RDONLY) as fd, open(fd, "rb", closefd=False) as file:
            return file.read()

    def write(self, path: str, data: bytes, *, executable: bool | None = None) -> None:
        """Make or overwrite a regular file, with the folders above it; None keeps its mode."""
        self._make_parents(path)
        with self._opened(path, os.O_WRONLY | os.O_CREAT) as fd:
            with open(fd, "wb", closefd=False) as file:
                file.write(data)
            # Not emptied first: ext4 waits for the disk when a file shrinks to nothing and grows.
            os.ftruncate(fd, len(data))
            if executable is not None:
                os.fchmod(fd, 0o755 if executable else 0o644)

    def is_executable(self, path: str) -> bool:
        """Whether a regular file's owner may execute it."""
        with self._opened(path, os.O_RDONLY) as fd:
            return bool(os.fstat(fd).st_mode & stat.S_IXUSR)

    def exists(self, path: str) -> bool:
        """Whether there is anything of that name, a dangling link included."""
        try:
            with self._parent(path) as (fd, name):
                os.lstat(name, dir_fd=fd)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def delete(self, path: str) -> None:
        """Delete a file or an empty folder; a link is deleted, not what it points to."""
        with self._parent(path) as (fd, name):
            if stat.S_ISDIR(os.lstat(name, dir_fd=fd).st_mode):
                os.rmdir(name, dir_fd=fd)
            else:
                os.unlink(name, dir_fd=fd)

    def entries(self, path: str = "") -> list[Entry]:
        """What lies directly in a folder, by name."""
        parts = split_path(path) if path else []
        with self._folder(parts) as fd, os.scandir(fd) as found:
            names = sorted(entry.name for entry in found)
            paths = ["/".join([*parts, name]) for name in names]
            entries = [_entry(path, name, fd) for path, name in zip(paths, names, strict=True)]
        return [entry for entry in entries if entry is not None]

    def walk(self, path: str = "") -> Iterator[Entry]:
        """Everything beneath a folder, depth first, by name; links are not followed."""
        waiting = self.entries(path)[::-1]
        while waiting:
            entry = waiting.pop()
            yield entry
            if entry.kind == "folder":
                waiting += self.entries(entry.path)[::-1]

    @contextmanager
    def _folder(self, parts: list[str]) -> Iterator[int]:
        fd = os.open(self.root, _FOLDER_FLAGS)
        try:
            for part in parts:
                below = _open_folder(part, fd)
                os.close(fd)
                fd = below
            yield fd
        finally:
            os.close(fd)

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        *parents, name = split_path(path)
        with self._folder(parents) as fd:
            yield fd, name

    @contextmanager
    def _opened(self, path: str, flags: int) -> Iterator[int]:
        with self._parent(path) as (folder_fd, name):
            try:
                fd = os.open(name, flags | _FILE_FLAGS, 0o644, dir_fd=folder_fd)
            except OSError as error:
                raise _explained(error) from None
        try:
            mode = os.fstat(fd).st_mode
            if stat.S_ISDIR(mode):
                raise OSError(errno.EISDIR, "is a folder")
            if not stat.S_ISREG(mode):
                raise OSError(errno.EINVAL, "is not a regular file")
            yield fd
        finally:
            os.close(fd)

    def _make_parents(self, path: str) -> None:
        parents = split_path(path)[:-1]
        for depth in range(len(parents)):
            with self._folder(parents[:depth]) as fd:
                try:
                    os.mkdir(parents[depth], 0o755, dir_fd=fd)
                except FileExistsError:
                    continue


def split_path(path: str) -> list[str]:
    """The parts of a relative path. Raises OSError where it could lead outside its folder."""
    parts = path.split("/")
    if path.startswith("/"):
        raise OSError(errno.EINVAL, "is not a relative path")
    if "" in parts or "." in parts or ".." in parts or "\0" in path:
        raise OSError(errno.EINVAL, "is not a plain path: no empty part, '.', '..' or NUL")
    if len(parts) > _MAX_DEPTH:
        raise OSError(errno.ENAMETOOLONG, "is nested too deep")
    return parts


def is_fault_of_path(error: OSError) -> bool:
    """Whether a path is to blame; else it is the machine: a full disk, too many open files."""
    return error.errno in _FAULTS_OF_PATHS


def measure_folder(root: Path, max_entries: int) -> tuple[int, int]:
    """Bytes on disk and number of entries beneath a folder that may change meanwhile.

    Stops counting soon after `max_entries`. A tree that is nested too deep, or locked against us,
    counts as over the limit: what is in it cannot be told.
    """
    num_bytes = num_entries = 0
    folder = Folder(root)
    waiting = [""]
    while waiting and num_entries <= max_entries:
        try:
            entries = folder.entries(waiting.pop())
        except OSError as error:
            if error.errno in (errno.ENAMETOOLONG, errno.EACCES):
                return num_bytes, max_entries + 1
            continue
        num_bytes += sum(entry.num_bytes for entry in entries)
        num_entries += len(entries)
        waiting += [entry.path for entry in entries if entry.kind == "folder"]
    return num_bytes, num_entries


def remove_folder(root: Path) -> None:
    """Delete a folder, whatever untrusted code made of it: locked, very deep, full of links."""
    if os.geteuid() != 0:
        subprocess.run(["chmod", "-R", "u+rwX", "--", str(root)], capture_output=True, check=False)
    subprocess.run(["rm", "-rf", "--", str(root)], capture_output=True, check=True)


def _open_folder(name: str, parent_fd: int) -> int:
    try:
        return os.open(name, _FOLDER_FLAGS, dir_fd=parent_fd)
    except OSError as error:
        raise _explained(error) from None


def _explained(error: OSError) -> OSError:
    sentences = {
        errno.ELOOP: "is a symbolic link",
        errno.ENOENT: "no such file or folder",
        errno.EISDIR: "is a folder",
        errno.ENOTDIR: "is not a folder",
        errno.ENXIO: "is not a regular file",
    }
    number = error.errno or 0
    return OSError(number, sentences.get(number, os.strerror(number).lower()))


def _entry(path: str, name: str, folder_fd: int) -> Entry | None:
    """None for what has gone since its name was read."""
    try:
        status = os.lstat(name, dir_fd=folder_fd)
    except FileNotFoundError:
        return None
    kind = "other"
    if stat.S_ISREG(status.st_mode):
        kind = "file"
    elif stat.S_ISDIR(status.st_mode):
        kind = "folder"
    return Entry(
        path=path,
        kind=kind,
        executable=bool(status.st_mode & stat.S_IXUSR),
        num_bytes=status.st_blocks * 512,
    )
