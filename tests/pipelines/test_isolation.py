"""Calls in their own process group: results, errors, deaths, and nothing left behind."""

import random
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from pipelines import isolation
from schemas.errors import ConfigError


def test_results_and_cpu_seconds_come_back() -> None:
    value, cpu_s = isolation.call("operator:add", 1, 2)
    assert value == 3
    assert cpu_s >= 0


def test_our_errors_come_back_as_they_are() -> None:
    with pytest.raises(ConfigError, match="no setting"):
        isolation.call("pipelines.inspect:list_settings", "no setting")


def test_other_errors_come_back_with_their_traceback() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        isolation.call("operator:truediv", 1, 0)


def test_a_death_is_noticed() -> None:
    with pytest.raises(isolation.WorkerDied, match="status 3"):
        isolation.call("os:_exit", 3)


def test_no_process_outlives_a_killed_caller() -> None:
    seconds = str(random.uniform(1000, 2000))
    script = (
        f"from pipelines import isolation as i; i.call('subprocess:run', ['sleep', '{seconds}'])"
    )
    caller = subprocess.Popen([sys.executable, "-c", script])
    assert _wait_until(lambda: len(_sleepers(seconds)) == 1)
    caller.kill()
    caller.wait()
    assert _wait_until(lambda: not _sleepers(seconds))


def _sleepers(seconds: str) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"] == ["sleep", seconds]
    ]


def _wait_until(condition: Callable[[], bool], timeout_s: float = 30) -> bool:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False
