"""One commit made of files, through `git fast-import`. In: names, modes, bytes. Out: branch "main".

    with CommitWriter(environment) as writer:
        writer.write("src/cart.py", "100644", 6, iter([b"a = 1\\n"]))

The commit has no author, no message and time 0, so that its name depends on the files alone.
"""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from schemas.errors import InputError

_HEADER = b"commit refs/heads/main\ncommitter <> 0 +0000\ndata 0\n"


class CommitWriter:
    """Writes into the repository of `environment`; the commit is made when the block ends well."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.num_files = 0
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed by __exit__
        self._process = subprocess.Popen(
            ["git", "fast-import", "--quiet", "--done", "--date-format=raw"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )

    def __enter__(self) -> Self:
        self._send(_HEADER)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._process.kill()
            # What a killed process did not read is lost on purpose.
            with suppress(BrokenPipeError):
                self._process.communicate()
            self._errors.close()

    def write(self, name: str, mode: str, size: int, chunks: Iterator[bytes]) -> None:
        """Add a file of `size` bytes; one of the same name before it is replaced."""
        self._send(b"M %s inline %s\ndata %d\n" % (mode.encode(), _quoted(name), size))
        for chunk in chunks:
            self._send(chunk)
        self._send(b"\n")
        self.num_files += 1

    def _send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
        except BrokenPipeError:
            self._fail()

    def _finish(self) -> None:
        assert self._process.stdin is not None
        self._send(b"\ndone\n")
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            self._fail()
        if self._process.wait():
            self._fail()

    def _fail(self) -> None:
        self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace").strip().partition("\n")[0]
        raise InputError(f"git fast-import failed: {said[:200]}")


def _quoted(name: str) -> bytes:
    data = name.encode("utf-8", "surrogateescape")
    for old, new in ((b"\\", b"\\\\"), (b'"', b'\\"'), (b"\n", b"\\n")):
        data = data.replace(old, new)
    return b'"' + data + b'"'
