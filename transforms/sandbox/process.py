"""One process tree under bubblewrap, held to its bounds. In: command lines. Out: `Completed`.

    Completed(exit_status=0, output="README.md\n", timed_out=False, truncated=False)

Output is read as it comes and kept up to a size, so a command that prints without end costs no
memory. bubblewrap reports its namespace's first process; when that one is gone the kernel has
already ended every other process of the namespace, whatever sessions they hid in, and only then
does `run_bounded` return.
"""

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemas.errors import SandboxError
from transforms.sandbox.limits import Limits
from transforms.sandbox.watch import find_excess

_LOOK_EVERY_S = 0.2
_MAX_PRINTED_BYTES = 64 << 20
"""A command that prints more than this, most of it thrown away, is ended."""
_TIMEOUT_STATUS = 124
_KILLED_STATUS = 137


@dataclass(frozen=True, kw_only=True)
class Completed:
    """What a command did."""

    exit_status: int
    """128 + n for signal n, 124 after the deadline, 137 when it was over a limit."""
    output: str
    """Standard output and error as they came, decoded as UTF-8; cut after `max_output_bytes`."""
    timed_out: bool
    truncated: bool
    num_cut_bytes: int = 0
    """Bytes printed and not kept."""
    exceeded: str | None = None
    """The limit that the command was ended for: "memory", "disk" or "output"."""


@dataclass(kw_only=True)
class _Running:
    """The state of a command while it runs."""

    process: "subprocess.Popen[bytes]"
    output_fd: int
    status_fd: int
    max_output_bytes: int
    kept: bytearray = field(default_factory=bytearray)
    num_printed: int = 0
    status: bytearray = field(default_factory=bytearray)
    init_fd: int | None = None
    """A pidfd of the namespace's first process."""
    init_pid: int | None = None
    ended_for: str | None = None


def run_bounded(
    launcher: Sequence[str],
    command: Sequence[str],
    *,
    workdir: Path,
    timeout_s: float,
    max_output_bytes: int,
    limits: Limits,
) -> Completed:
    """Run `launcher --json-status-fd N command`; `launcher` is a bwrap command line.

    Raises SandboxError when bubblewrap could not set up its namespaces.
    """
    output_fd, output_end = os.pipe()
    status_fd, status_end = os.pipe()
    try:
        process = subprocess.Popen(
            [*launcher, "--json-status-fd", str(status_end), "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=output_end,
            stderr=output_end,
            pass_fds=(status_end,),
            start_new_session=True,
            cwd="/",
        )
    finally:
        os.close(output_end)
        os.close(status_end)
    running = _Running(
        process=process,
        output_fd=output_fd,
        status_fd=status_fd,
        max_output_bytes=max_output_bytes,
    )
    try:
        _attend(running, workdir, limits, time.monotonic() + timeout_s)
    finally:
        _end(running)
    return _completed(running)


def _attend(running: _Running, workdir: Path, limits: Limits, deadline: float) -> None:
    """Read and watch until the command ends or has to be ended."""
    exit_fd = os.pidfd_open(running.process.pid)
    sources = {running.output_fd, running.status_fd, exit_fd}
    next_look = time.monotonic() + _LOOK_EVERY_S
    try:
        while running.ended_for is None:
            wait_s = max(0.0, min(next_look, deadline) - time.monotonic())
            ready = _wait_for(sources, wait_s)
            sources -= _read_ready(running, ready)
            if exit_fd in ready:
                return
            now = time.monotonic()
            if now >= next_look:
                running.ended_for = find_excess(running.init_pid, workdir, limits)
                next_look = time.monotonic() + _LOOK_EVERY_S
            if now >= deadline:
                running.ended_for = "time"
    finally:
        os.close(exit_fd)


def _wait_for(fds: set[int], timeout_s: float | None = None) -> set[int]:
    """The descriptors that can be read, or are at their end; empty after the timeout."""
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return {fd for fd, _ in poll.poll(None if timeout_s is None else 1000 * timeout_s)}


def _read_ready(running: _Running, ready: set[int]) -> set[int]:
    """Take what the pipes hold; returns those at their end."""
    finished = set()
    if running.status_fd in ready and not _read_status(running):
        finished.add(running.status_fd)
    if running.output_fd in ready and not _read_output(running):
        finished.add(running.output_fd)
    return finished


def _read_output(running: _Running) -> bool:
    data = os.read(running.output_fd, 65_536)
    running.kept += data[: max(0, running.max_output_bytes - len(running.kept))]
    running.num_printed += len(data)
    if running.num_printed > _MAX_PRINTED_BYTES:
        running.ended_for = "output"
    return bool(data)


def _read_status(running: _Running) -> bool:
    data = os.read(running.status_fd, 65_536)
    running.status += data
    if running.init_pid is None and b"\n" in running.status:
        running.init_pid = _status_value(running, "child-pid")
        running.init_fd = _open_pidfd(running.init_pid)
    return bool(data)


def _open_pidfd(pid: int | None) -> int | None:
    """None where there is no such process any more."""
    try:
        return None if pid is None else os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _status_value(running: _Running, key: str) -> int | None:
    """A number that bubblewrap reported in one of its JSON lines."""
    for line in running.status.split(b"\n")[:-1]:
        report = json.loads(line)
        if key in report:
            return int(report[key])
    return None


def _end(running: _Running) -> None:
    """Kill what is left, wait for the whole namespace to be gone, read the rest, close."""
    running.process.kill()
    running.process.wait()
    while _read_status(running):
        pass
    if running.init_fd is not None:
        # Already dead or dying with its parent; the signal makes sure.
        _send_kill(running.init_fd)
        _wait_for({running.init_fd})
        os.close(running.init_fd)
    ended_for = running.ended_for
    while _read_output(running):
        pass
    running.ended_for = ended_for
    os.close(running.output_fd)
    os.close(running.status_fd)


def _send_kill(pidfd: int) -> None:
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    except ProcessLookupError:
        return


def _completed(running: _Running) -> Completed:
    output = running.kept.decode("utf-8", "replace")
    num_cut = running.num_printed - len(running.kept)
    timed_out = running.ended_for == "time"
    return Completed(
        exit_status=_exit_status(running, output),
        output=output,
        timed_out=timed_out,
        truncated=num_cut > 0,
        num_cut_bytes=num_cut,
        exceeded=None if timed_out else running.ended_for,
    )


def _exit_status(running: _Running, output: str) -> int:
    if running.ended_for is not None:
        return _TIMEOUT_STATUS if running.ended_for == "time" else _KILLED_STATUS
    exit_status = _status_value(running, "exit-code")
    if exit_status is None:
        # bubblewrap reports an exit code only of a command that it got as far as starting.
        raise SandboxError(f"bubblewrap could not run the command: {output[:300]!r}")
    return exit_status
