"""A git command that stays and answers. In: questions, a line each. Out: an answer to each.

    sizes = Coprocess(["git", "cat-file", "--batch-check"], folder, environment)
    list(sizes.ask([b"5f2b...\n"], read_line))

Starting git and opening a pack of 460 MB costs as much as comparing ten pairs of trees (14 ms, git
2.39). Where the command ends at a missing or corrupt object, the next question starts it anew.
"""

import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import TypeVar, cast

Answer = TypeVar("Answer")
Reader = Callable[[BufferedReader], tuple[bool, Answer]]
"""Reads one answer: (whether the process can go on, the answer)."""

_WINDOW_BYTES = 16_384
"""Questions written before answers are read; so many fit into any pipe."""


class Coprocess:
    """A command that is started when it is first asked; `close` ends it.

    After `max_questions` it is replaced: some commands keep in memory what they have read.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        max_questions: int | None = None,
    ) -> None:
        self.command = tuple(command)
        self._max_questions = max_questions
        self._folder = folder
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._num_asked = self._num_open = 0

    def ask(self, questions: Iterable[bytes], read: Reader[Answer]) -> Iterator[Answer]:
        """The answers, in order."""
        window: list[bytes] = []
        num_bytes = 0
        for question in questions:
            if num_bytes + len(question) > _WINDOW_BYTES:
                yield from self._ask_window(window, read)
                window, num_bytes = [], 0
            window.append(question)
            num_bytes += len(question)
        yield from self._ask_window(window, read)

    def close(self) -> None:
        """End the process, whatever it is at."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        self._num_asked = self._num_open = 0

    def _ask_window(self, window: Sequence[bytes], read: Reader[Answer]) -> Iterator[Answer]:
        """Ask for all, then read the answers; where the process ended, ask again for the rest."""
        index = 0
        while index < len(window):
            process = self._send(window[index:])
            try:
                while self._process is process and index < len(window):
                    is_alive, answer = read(cast(BufferedReader, process.stdout))
                    index += 1
                    self._num_open -= 1
                    if not is_alive or (self._num_open == 0 and self._is_worn()):
                        self.close()
                    yield answer
            finally:
                # Where somebody else has asked meanwhile, the process is no longer this one.
                if self._process is process and index < len(window):
                    self.close()

    def _send(self, questions: Sequence[bytes]) -> subprocess.Popen[bytes]:
        if self._num_open:
            self.close()  # Nobody read its last answers, and they are none to these questions.
        if self._process is None:
            self._process = self._start()
        assert self._process.stdin is not None
        self._process.stdin.write(b"".join(questions))
        self._process.stdin.flush()
        self._num_asked += len(questions)
        self._num_open = len(questions)
        return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env=self._environment,
        )

    def _is_worn(self) -> bool:
        return self._max_questions is not None and self._num_asked >= self._max_questions
