"""What a command in the sandbox can use, and that it ends: every attack runs for real."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sandboxed import MIB, Shell, needs_bwrap

from transforms.sandbox.limits import Limits


@needs_bwrap
def test_a_fork_bomb_is_bounded(shell: Shell) -> None:
    started = time.monotonic()
    done = shell("bomb() { bomb | bomb & }; bomb; sleep 60", timeout_s=1)
    assert done.exit_status != 0
    assert time.monotonic() - started < 10
    assert _processes_named(b"bomb()") == []


@needs_bwrap
def test_one_process_cannot_take_more_than_its_address_space(shell: Shell) -> None:
    done = shell("tail /dev/zero", limits=Limits(max_address_space_bytes=100 * MIB))
    assert done.exit_status == 1
    assert "memory exhausted" in done.output


@needs_bwrap
def test_many_small_processes_cannot_take_more_memory_together(shell: Shell) -> None:
    one = "(head -c 30000000 /dev/zero; sleep 60) | tail -c 30000000"
    script = f"for i in 1 2 3 4 5 6 7 8; do {one} & done; wait"
    done = shell(script, limits=Limits(max_memory_bytes=150 * MIB), timeout_s=20)
    assert (done.exceeded, done.exit_status) == ("memory", 137)


@needs_bwrap
def test_a_file_cannot_grow_over_its_limit(shell: Shell, workdir: Path) -> None:
    done = shell("head -c 10000000 /dev/zero > big", limits=Limits(max_file_bytes=MIB))
    assert done.exit_status != 0
    assert (workdir / "big").stat().st_size <= MIB


FILLERS = {
    "many files": "i=0; while :; do head -c 1000000 /dev/zero > f$i; i=$((i+1)); done",
    "many entries": "i=0; while :; do mkdir d$i; i=$((i+1)); done",
    "a locked folder": "mkdir d; cd d; chmod 300 .; "
    "i=0; while :; do head -c 1000000 /dev/zero > f$i; i=$((i+1)); done",
    "deleted files": "for i in 1 2 3 4 5 6; do (exec 3>f$i; rm f$i; "
    "head -c 9000000 /dev/zero >&3; sleep 60) & done; wait",
}


@needs_bwrap
@pytest.mark.parametrize("script", FILLERS.values(), ids=FILLERS)
def test_the_disk_cannot_be_filled(shell: Shell, workdir: Path, script: str) -> None:
    limits = Limits(max_disk_bytes=30 * MIB, max_disk_entries=300)
    done = shell(script, limits=limits, timeout_s=20, max_output_bytes=1000)
    assert (done.exceeded, done.exit_status) == ("disk", 137)


@needs_bwrap
@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm"])
def test_folders_in_memory_are_bounded_and_fresh(shell: Shell, folder: str) -> None:
    done = shell(f"head -c 9000000 /dev/zero > {folder}/f", limits=Limits(max_tmp_bytes=MIB))
    assert "No space left" in done.output
    assert shell(f"ls -A {folder}").output == ""


@needs_bwrap
def test_endless_output_is_cut_and_ended(shell: Shell) -> None:
    started = time.monotonic()
    done = shell("yes", max_output_bytes=1000, timeout_s=20)
    assert done.output == "y\n" * 500
    assert done.truncated
    assert done.exceeded == "output"
    assert time.monotonic() - started < 10


@needs_bwrap
def test_long_output_is_counted_but_the_command_ends_by_itself(shell: Shell) -> None:
    done = shell("seq 100000; exit 4", max_output_bytes=100)
    assert len(done.output) == 100
    assert done.num_cut_bytes == len("".join(f"{i}\n" for i in range(1, 100001))) - 100
    assert done.exit_status == 4


HIDERS = {
    "in the foreground": "while :; do echo x >> beat; done",
    "in another session": "setsid bash -c 'while :; do echo x >> beat; done'",
    "detached": "(setsid nohup bash -c 'while :; do echo x >> beat; done' >/dev/null 2>&1 &) ; "
    "sleep 60",
    "deaf to signals": "trap '' TERM INT HUP; while :; do echo x >> beat; done",
}


@needs_bwrap
@pytest.mark.parametrize("script", HIDERS.values(), ids=HIDERS)
def test_the_deadline_ends_the_whole_tree(shell: Shell, workdir: Path, script: str) -> None:
    done = shell(script, timeout_s=0.5)
    assert (done.timed_out, done.exit_status) == (True, 124)
    size = (workdir / "beat").stat().st_size
    time.sleep(0.1)
    assert (workdir / "beat").stat().st_size == size > 0


@needs_bwrap
def test_nothing_outlives_its_command(shell: Shell, workdir: Path) -> None:
    done = shell(
        "(setsid bash -c 'while :; do echo x >> beat; done' >/dev/null 2>&1 &); "
        "while [ ! -s beat ]; do :; done; echo done"
    )
    assert (done.exit_status, done.output) == (0, "done\n")
    size = (workdir / "beat").stat().st_size
    time.sleep(0.1)
    assert (workdir / "beat").stat().st_size == size


@needs_bwrap
def test_the_sandbox_dies_with_its_launcher(workdir: Path) -> None:
    code = (
        "from pathlib import Path; from transforms.sandbox.bubblewrap import require_sandbox; "
        f"require_sandbox().run(['bash', '-c', 'while :; do echo x >> beat; done'], "
        f"workdir=Path({str(workdir)!r}), timeout_s=60)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", code])
    beat = workdir / "beat"
    _wait_until(beat.exists)
    launcher.kill()
    launcher.wait()
    time.sleep(0.2)
    size = beat.stat().st_size
    time.sleep(0.1)
    assert beat.stat().st_size == size


def _processes_named(text: bytes) -> list[str]:
    found = []
    for process in Path("/proc").iterdir():
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if text in command and shlex.quote(process.name) != str(os.getpid()):
            found.append(process.name)
    return found


def _wait_until(is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
