"""What a command and all below it used. In: a command. Out: CPU, wall, memory and scratch.

    measure(["katydid", "run", "dedup", ...], log, scratch="run/dedup/_side")
        ->  Cost(cpu_s=8.1, wall_s=5.9, rss_mb=771, pss_mb=604, scratch_mb=120)

Pools and Beam leave workers that nobody waits for, so their CPU is in no parent's count. Here they
become children of this process when their parent ends (prctl(2), PR_SET_CHILD_SUBREAPER), and are
waited for.
"""

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from pipelines.monitor import memory_of_tree

_POLL_S = 0.2
"""Reading the shared pages of a process stops it for a moment."""
_SUBREAPER = 36
_TAIL_CHARS = 2000


class Cost(NamedTuple):
    """Of a process and all below it."""

    cpu_s: float
    wall_s: float
    rss_mb: float
    """Most at once; pages that processes share count for each."""
    pss_mb: float
    """Most at once; pages that processes share count once."""
    scratch_mb: float
    """Most at once of files in the scratch folder."""


def measure(
    command: Sequence[str],
    log: Path,
    scratch: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Cost | None:
    """Run a command, its output going to a file; None, with the end of that, when it failed."""
    if ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    before = _cpu_of_children()
    start = time.perf_counter()
    variables = {**os.environ, **(environment or {})}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=log.parent, env=variables
        )
        watch = _Watch(process.pid, scratch)
        status = process.wait()
        wall_s = time.perf_counter() - start
        watch.stop()
    _wait_for_orphans()
    if status:
        tail = log.read_text(errors="replace")[-_TAIL_CHARS:]
        print(f"{list(command)} ended with status {status}:\n{tail}", file=sys.stderr)
        return None
    return Cost(_cpu_of_children() - before, wall_s, *(most / 1e6 for most in watch.most))


class _Watch:
    """Most bytes of RSS, PSS and scratch that a process tree had, watched from a thread."""

    def __init__(self, pid: int, scratch: Path | None) -> None:
        self.most = (0, 0, 0)
        self._process = psutil.Process(pid)
        self._scratch = scratch
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _poll(self) -> None:
        while not self._stop.wait(_POLL_S):
            with contextlib.suppress(psutil.NoSuchProcess):  # It has just ended.
                memory = memory_of_tree(self._process)
                now = (memory.rss, memory.pss, _bytes_below(self._scratch))
                self.most = (
                    max(self.most[0], now[0]),
                    max(self.most[1], now[1]),
                    max(self.most[2], now[2]),
                )


def _bytes_below(folder: Path | None) -> int:
    total = 0
    for path in folder.rglob("*") if folder else ():
        with contextlib.suppress(FileNotFoundError):  # Moved or removed since it was listed.
            total += path.stat().st_size
    return total


def _wait_for_orphans() -> None:
    with contextlib.suppress(ChildProcessError):  # There is none left.
        while True:
            os.waitpid(-1, 0)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
