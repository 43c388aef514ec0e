"""Progress of a training loop: a bar on a terminal, log lines elsewhere, on the error stream.

with Progress("sft", total=100, start=40) as progress:
    progress.advance({"loss": 2.31, "tokens": 1024})
"""

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from tqdm import tqdm

LINES = 10
"""Log lines of a whole stage where there is no terminal."""
SHOWN = ("loss", "reward", "lr")


class Progress:
    """Shows steps, tokens per second and the newest metrics."""

    def __init__(self, stage: str, total: int, start: int = 0) -> None:
        self._stage, self._total, self._step = stage, total, start
        self._every = max(1, total // LINES)
        self._bar: tqdm[Any] | None = None
        if sys.stderr.isatty():
            self._bar = tqdm(total=total, initial=start, desc=stage, unit="step")
        self._started = time.monotonic()
        self._num_tokens = 0.0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    @property
    def seconds(self) -> float:
        """Wall time since the start."""
        return time.monotonic() - self._started

    def advance(self, row: Mapping[str, float]) -> None:
        """One step is done; the row is its metrics."""
        self._step += 1
        self._num_tokens += row["tokens"]
        shown = {name: row[name] for name in SHOWN if name in row}
        if self._bar is not None:
            self._bar.set_postfix(shown)
            self._bar.update()
        elif self._step % self._every == 0 or self._step == self._total:
            speed = self._num_tokens / max(self.seconds, 1e-9)
            self.say(f"step {self._step}/{self._total}", {**shown, "tokens/s": round(speed)})

    def say(self, text: str, numbers: Mapping[str, float | None]) -> None:
        """A line that stays."""
        known = [f" {name} {value:.6g}" for name, value in numbers.items() if value is not None]
        tqdm.write(f"{self._stage}: {text}{''.join(known)}", file=sys.stderr)
