"""Git objects by name. In: names. Out: (name, content) in order, checked; sizes.

    reader = ObjectReader(folder, environment)
    for name, content in reader.read(["5f2b..."], kind="blob"): ...

One `git cat-file --batch` and one `--batch-check` serve all questions.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from io import BufferedReader
from pathlib import Path

from pipelines.mine.coprocess import Coprocess

_MAX_HEADER = 4096


class ObjectReader:
    """Reads through a git directory under an environment; `close` ends its processes."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        command = ("git", "cat-file")
        self._contents = Coprocess((*command, "--batch"), folder, environment)
        check = "--batch-check=%(objectname) %(objectsize)"
        self._sizes = Coprocess((*command, check), folder, environment)

    def read(
        self, shas: Iterable[str], *, kind: str, max_bytes: int | None = None
    ) -> Iterator[tuple[str, bytes | None]]:
        """None for what is missing, corrupt, of another kind or over `max_bytes`."""
        names = list(shas)
        read = partial(_read_object, wanted=kind, max_bytes=max_bytes)
        answers = self._contents.ask((f"{sha}\n".encode() for sha in names), read)
        return zip(names, answers, strict=True)

    def sizes(self, shas: Iterable[str]) -> dict[str, int]:
        """Name -> bytes; what is missing is not in the result."""
        names = sorted(set(shas))
        answers = self._sizes.ask((f"{sha}\n".encode() for sha in names), _read_size)
        return {sha: size for sha, size in zip(names, answers, strict=True) if size is not None}

    def close(self) -> None:
        """End the processes, whatever they are at."""
        self._contents.close()
        self._sizes.close()


def _read_size(stdout: BufferedReader) -> tuple[bool, int | None]:
    """(can go on, bytes): "<name> <bytes>", or "<name> missing"."""
    words = stdout.readline(_MAX_HEADER).split()
    return bool(words), int(words[1]) if len(words) == 2 and words[1].isdigit() else None


def _read_object(
    stdout: BufferedReader, *, wanted: str, max_bytes: int | None
) -> tuple[bool, bytes | None]:
    """(can go on, content): "<name> <kind> <size>", content, newline."""
    header = stdout.readline(_MAX_HEADER).decode("ascii", "replace").split()
    if len(header) != 3:
        return bool(header), None
    name, kind, size = header[0], header[1], int(header[2])
    if max_bytes is not None and size > max_bytes:
        return False, None
    content = stdout.read(size)
    if stdout.read(1) != b"\n":
        return False, None
    return True, content if kind == wanted and _is_named(name, kind, content) else None


def _is_named(name: str, kind: str, content: bytes) -> bool:
    """Whether the content has this name; git itself does not check what it reads.

    Without the check a forged commit could be its own ancestor.
    """
    start = hashlib.sha1 if len(name) == 40 else hashlib.sha256
    digest = start(f"{kind} {len(content)}\0".encode(), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest() == name
