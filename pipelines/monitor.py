"""Progress and cost of a stage. In: receipts as they appear. Out: a bar or log lines, and metrics.

    mine: 12/40 units (gin 4/20, loki 8/20), 31 s, 412 MB    every ten seconds without a terminal
    METRICS.json  {"wall_s": 41.2, "cpu_s": 70.9, "peak_pss_mb": 455.0, "num_units_run": 40, ...}

Metrics are measurements of one run on one machine, so they are no part of the manifest.
"""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple

import psutil
from tqdm import tqdm

from schemas.folder import Folder

POLL_S = 0.5
LOG_EVERY_S = 10.0
MAX_NAMED = 3
"""Repositories named in a line of progress; those that have most left to do."""


class Memory(NamedTuple):
    """Bytes of some processes together."""

    rss: int
    """Resident; a page that several share counts once for each."""
    pss: int
    """Resident; a page that several share counts once."""


class Monitor:
    """Watches a stage from a thread of the driver, from `with` to the end of the block."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._folder: Folder | None = None
        self._waiting: dict[str, str] = {}
        self._left: list[str] = []
        self._total = 0
        self._peak = Memory(0, 0)
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

    def watch(self, folder: Folder, receipts: Mapping[str, str], *, total: int) -> None:
        """Count these receipts as they appear, out of `total` units.

        `receipts` is the path of each -> the repository that it is of, "" for all.
        """
        self._folder, self._waiting, self._total = folder, dict(receipts), total
        self._left = list(receipts)

    def planned(self, repository: str, num_done: int, total: int) -> None:
        """The history of one more repository has been read, of `total`."""
        self._bar.set_postfix_str(f"planned {repository}, {num_done}/{total}")
        now = time.monotonic()
        if self._bar.disable and now - self._said_s >= LOG_EVERY_S:
            self._said_s = now
            self.say(f"planned {num_done}/{total} repositories, {now - self._start_s:.0f} s")

    def add_cpu_seconds(self, cpu_s: float) -> None:
        """Count what child processes used."""
        self._cpu_s += cpu_s

    def say(self, message: str) -> None:
        """One line to the operator."""
        tqdm.write(f"{self._stage}: {message}", file=sys.stderr)

    def metrics(self, *, num_units_run: int) -> bytes:
        """JSON: wall and CPU seconds of this stage, peak memory of all its processes together."""
        values = {
            "wall_s": round(self._wall_s, 2),
            "cpu_s": round(self._cpu_s, 2),
            "peak_rss_mb": round(self._peak.rss / 1e6, 1),
            "peak_pss_mb": round(self._peak.pss / 1e6, 1),
            "num_units_run": num_units_run,
        }
        return (json.dumps(values, indent=1) + "\n").encode()

    def _poll(self) -> None:
        while not self._stop.wait(POLL_S):
            self._peak = Memory(*map(max, self._peak, memory_of_tree(psutil.Process())))
            if self._folder is not None:
                self._show(self._folder)

    def _show(self, folder: Folder) -> None:
        # A receipt that was seen is not looked for again.
        left = self._left = [path for path in self._left if not folder.exists(path)]
        self._bar.total, self._bar.n = self._total, self._total - len(left)
        repositories = self._by_repository(left)
        self._bar.set_postfix_str(repositories, refresh=False)
        self._bar.refresh()
        now = time.monotonic()
        if self._bar.disable and now - self._said_s >= LOG_EVERY_S:
            self._said_s = now
            done = f"{self._total - len(left)}/{self._total} units"
            where = f" ({repositories})" if repositories else ""
            memory = f"{self._peak.pss / 1e6:.0f} MB"
            self.say(f"{done}{where}, {now - self._start_s:.0f} s, {memory}")

    def _by_repository(self, left: list[str]) -> str:
        """Units done and all units of repositories that are not finished."""
        totals = Counter(self._waiting.values())
        todo = Counter(self._waiting[path] for path in left)
        named = [name for name, _ in sorted(todo.items(), key=lambda n: (-n[1], n[0])) if name]
        shown = [f"{name} {totals[name] - todo[name]}/{totals[name]}" for name in named[:MAX_NAMED]]
        more = [f"{len(named) - MAX_NAMED} more"] if len(named) > MAX_NAMED else []
        return ", ".join([*shown, *more])


def memory_of_tree(process: psutil.Process) -> Memory:
    """Of a process and all below it."""
    rss = pss = 0
    for member in [process, *process.children(recursive=True)]:
        try:
            resident = member.memory_info().rss
            rss += resident
            pss += _proportional(member, resident)
        except psutil.NoSuchProcess:
            continue
    return Memory(rss, pss)


def _proportional(member: psutil.Process, resident: int) -> int:
    try:
        pss: int = member.memory_full_info().pss
        return pss
    except psutil.AccessDenied:
        return resident  # Another user's, as sandboxes are; they share little with us.
