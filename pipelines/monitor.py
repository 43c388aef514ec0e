"""Progress and cost of a stage. In: receipts as they appear. Out: a bar or log lines, and metrics.

    mine: 12/40 units, 31 s, 412 MB                     every ten seconds where there is no terminal
    METRICS.json  {"wall_s": 41.2, "cpu_s": 70.9, "peak_rss_mb": 655.0, "num_units_run": 40}

Metrics are measurements of one run on one machine, so they are no part of the manifest.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence
from types import TracebackType

import psutil
from tqdm import tqdm

from schemas.folder import Folder

POLL_S = 0.5
LOG_EVERY_S = 10.0


class Monitor:
    """Watches a stage from a thread of the driver, from `with` to the end of the block."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._folder: Folder | None = None
        self._waiting: set[str] = set()
        self._total = 0
        self._peak_bytes = 0
        self._cpu_s = 0.0
        self._stop = threading.Event()
        self._bar = tqdm(
            desc=stage, unit="unit", total=0, disable=not sys.stderr.isatty(), leave=False
        )
        self._thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self) -> "Monitor":
        self._start_s = self._said_s = time.monotonic()
        self._start_cpu_s = time.process_time()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._wall_s = time.monotonic() - self._start_s
        self._cpu_s += time.process_time() - self._start_cpu_s
        self._bar.close()

    def watch(self, folder: Folder, receipts: Sequence[str], *, total: int) -> None:
        """Count these receipts as they appear, out of `total` units."""
        self._folder, self._waiting, self._total = folder, set(receipts), total

    def add_cpu_seconds(self, cpu_s: float) -> None:
        """Count what child processes used."""
        self._cpu_s += cpu_s

    def say(self, message: str) -> None:
        """One line to the operator."""
        tqdm.write(f"{self._stage}: {message}", file=sys.stderr)

    def metrics(self, *, num_units_run: int) -> bytes:
        """JSON: wall and CPU seconds of this stage, peak resident memory of all its processes."""
        values = {
            "wall_s": round(self._wall_s, 2),
            "cpu_s": round(self._cpu_s, 2),
            "peak_rss_mb": round(self._peak_bytes / 1e6, 1),
            "num_units_run": num_units_run,
        }
        return (json.dumps(values, indent=1) + "\n").encode()

    def _poll(self) -> None:
        while not self._stop.wait(POLL_S):
            self._peak_bytes = max(self._peak_bytes, _tree_bytes())
            if self._folder is not None:
                self._show(self._folder)

    def _show(self, folder: Folder) -> None:
        num_done = self._total - sum(not folder.exists(path) for path in self._waiting)
        self._bar.total, self._bar.n = self._total, num_done
        self._bar.refresh()
        now = time.monotonic()
        if self._bar.disable and now - self._said_s >= LOG_EVERY_S:
            self._said_s = now
            memory = f"{self._peak_bytes / 1e6:.0f} MB"
            self.say(f"{num_done}/{self._total} units, {now - self._start_s:.0f} s, {memory}")


def _tree_bytes() -> int:
    """Resident memory of this process and all below it; pages shared between them count twice."""
    process = psutil.Process()
    total = 0
    for member in [process, *process.children(recursive=True)]:
        try:
            total += member.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
