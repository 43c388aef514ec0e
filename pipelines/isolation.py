"""A function call in a process group of its own. In: a function and arguments. Out: its result.

    isolation.call("pipelines.workers:run_units", job, units, beam_options)

Beam's FnApiRunner waits forever for a worker process that was killed, and leaves its workers
behind when it is killed itself. Here the runner lives in a child process that leads a process
group: a dead worker ends the call with WorkerDied, and when the caller dies the whole group goes
with it. A function is named by module and name, so that the caller need not import Beam.
"""

import importlib
import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from schemas.errors import KatydidError, StageError

LOG_VARIABLE = "KATYDID_WORKER_LOG"
"""Names a file for what workers print; without it that is dropped, since it may hold raw text."""
_SCRATCH = "katydid-"
_FRUGAL = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2"}
"""Workers give memory back: 80 MB less each, at the same speed (measured on `mine`)."""
_EXIT_WORKER_DIED = 70


class WorkerDied(RuntimeError):
    """A process of the call was killed or crashed; what it had not committed is to do again."""


def call(function: str, *args: Any) -> tuple[Any, float]:
    """(result, CPU seconds of all processes of the call).

    Raises the function's own KatydidError, WorkerDied when a process of the group died, and
    RuntimeError with the traceback for anything else.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipelines.preload"])
    _remove_stale_scratch()
    with tempfile.TemporaryDirectory(prefix=f"{_SCRATCH}{os.getpid()}-") as scratch:
        # Sandboxes run under users of their own, who must be able to pass through.
        Path(scratch).chmod(0o711)
        ours, theirs = context.Pipe()
        process = context.Process(target=_child, args=(theirs, scratch, function, args))
        process.start()
        theirs.close()
        try:
            return _receive(ours, process)
        finally:
            _end_group(process)
            ours.close()


def _remove_stale_scratch() -> None:
    """Folders that callers left when they were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
        pid = folder.name.removeprefix(_SCRATCH).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _receive(ours: Connection, process: Any) -> tuple[Any, float]:
    try:
        kind, value, cpu_s = ours.recv()
    except EOFError:
        process.join()
        raise WorkerDied(f"a worker process ended with status {process.exitcode}") from None
    if kind == "result":
        return value, cpu_s
    raise value if isinstance(value, KatydidError) else RuntimeError(value)


def _end_group(process: Any) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.join()


def _child(pipe: Connection, scratch: str, function: str, args: tuple[Any, ...]) -> None:
    os.setsid()
    os.environ["TMPDIR"] = tempfile.tempdir = scratch
    os.environ |= {name: os.environ.get(name, value) for name, value in _FRUGAL.items()}
    threading.excepthook = _exit_when_worker_died
    threading.Thread(target=_die_with_caller, args=(pipe,), daemon=True).start()
    try:
        _redirect_output()
        message: tuple[str, Any] = ("result", _load(function)(*args))
    except KatydidError as error:
        message = ("error", error)
    except OSError as error:
        message = ("error", StageError(str(error)))
    except BaseException:
        # Whatever it was, the caller must hear of it instead of waiting.
        message = ("error", traceback.format_exc())
    pipe.send((*message, _cpu_seconds()))


def _redirect_output() -> None:
    """Beam's workers log every step, and an error they log may quote a row."""
    log = os.open(
        os.environ.get(LOG_VARIABLE, os.devnull), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600
    )
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _load(function: str) -> Callable[..., Any]:
    module, _, name = function.partition(":")
    loaded: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return loaded


def _die_with_caller(pipe: Connection) -> None:
    """The caller never sends, so the pipe becomes readable only when the caller is gone."""
    pipe.poll(None)
    os.killpg(0, signal.SIGKILL)


def _exit_when_worker_died(event: threading.ExceptHookArgs) -> None:
    """Beam's thread that waits for a worker raises when it dies; nothing else would notice."""
    if "Worker subprocess exited" in str(event.exc_value):
        os._exit(_EXIT_WORKER_DIED)
    threading.__excepthook__(event)


def _cpu_seconds() -> float:
    """User and system seconds of this process and of its children that have ended."""
    usages = [resource.getrusage(kind) for kind in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
