"""Contents of git objects. In: names. Out: (name, content), in order, checked against their names.

    reader = ObjectReader(folder, environment)
    for name, content in reader.read(["5f2b..."], kind="blob"): ...

One `git cat-file --batch` serves many questions; it dies at a corrupt object and is started anew.
"""

import hashlib
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

_WINDOW = 256
"""Object names written before answers are read: 256 x 65 bytes fit into any pipe."""
_MAX_HEADER = 4096


class ObjectReader:
    """Reads through a git directory under an environment; `close` ends its process."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._cat_file: subprocess.Popen[bytes] | None = None

    def read(
        self, shas: Iterable[str], *, kind: str, max_bytes: int | None = None
    ) -> Iterator[tuple[str, bytes | None]]:
        """None for what is missing, corrupt, of another kind or over `max_bytes`."""
        window: list[str] = []
        for sha in shas:
            window.append(sha)
            if len(window) == _WINDOW:
                yield from self._read_window(window, kind, max_bytes)
                window = []
        yield from self._read_window(window, kind, max_bytes)

    def close(self) -> None:
        """End the process, whatever it is at."""
        if self._cat_file is not None:
            self._cat_file.kill()
            self._cat_file.communicate()
            self._cat_file = None

    def _read_window(
        self, window: Sequence[str], kind: str, max_bytes: int | None
    ) -> Iterator[tuple[str, bytes | None]]:
        """Ask for all, then read the answers; where git ended, ask again for what is left."""
        index = 0
        while index < len(window):
            stdin, stdout = self._start()
            stdin.write("".join(f"{sha}\n" for sha in window[index:]).encode())
            stdin.flush()
            is_alive = True
            try:
                while is_alive and index < len(window):
                    is_alive, data = _read_answer(stdout, kind, max_bytes)
                    index += 1
                    yield window[index - 1], data
            finally:
                if not is_alive or index < len(window):
                    self.close()

    def _start(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._cat_file is None:
            self._cat_file = subprocess.Popen(
                ["git", "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self._folder,
                env=self._environment,
            )
        assert self._cat_file.stdin is not None
        assert self._cat_file.stdout is not None
        return self._cat_file.stdin, self._cat_file.stdout


def _read_answer(
    stdout: IO[bytes], wanted: str, max_bytes: int | None
) -> tuple[bool, bytes | None]:
    """(can go on, content): "<name> <kind> <size>", content, newline."""
    header = stdout.readline(_MAX_HEADER).decode("ascii", "replace").split()
    if len(header) != 3:
        return bool(header), None
    name, kind, size = header[0], header[1], int(header[2])
    if max_bytes is not None and size > max_bytes:
        return False, None
    data = stdout.read(size + 1)
    if len(data) != size + 1:
        return False, None
    content = data[:-1]
    return True, content if kind == wanted and _is_named(name, kind, content) else None


def _is_named(name: str, kind: str, content: bytes) -> bool:
    """Whether the content has this name; git itself does not check what it reads.

    Without the check a forged commit could be its own ancestor.
    """
    algorithm = "sha1" if len(name) == 40 else "sha256"
    digest = hashlib.new(algorithm, f"{kind} {len(content)}\0".encode(), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest() == name
