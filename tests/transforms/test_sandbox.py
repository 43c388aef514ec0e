"""The sandbox, attacked: one property a test. Every attack runs for real, in a real sandbox."""

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import SandboxError
from transforms.sandbox.bubblewrap import Sandbox, find_sandbox, open_to_sandbox, require_sandbox
from transforms.sandbox.folder import Folder, measure_folder, remove_folder, split_path
from transforms.sandbox.limits import Limits
from transforms.sandbox.process import Completed

needs_bwrap = pytest.mark.skipif(
    not Path("/usr/bin/bwrap").exists(), reason="bubblewrap is not installed"
)
MIB = 1 << 20
Shell = Callable[..., Completed]


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return require_sandbox()


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder that any uid may pass through, unlike `tmp_path`, which pytest keeps private."""
    folder = Path(tempfile.mkdtemp(prefix="katydid-test-"))
    open_to_sandbox(folder)
    yield folder
    remove_folder(folder)


@pytest.fixture
def workdir(outside: Path) -> Path:
    folder = outside / "repo"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def shell(sandbox: Sandbox, workdir: Path) -> Shell:
    def run(script: str, **options: object) -> Completed:
        return sandbox.run(["bash", "-c", script], workdir=workdir, **options)  # type: ignore[arg-type]  # keyword options of run

    return run


@pytest.fixture
def secret(outside: Path) -> Path:
    path = outside / "secret.txt"
    path.write_text("hunter2-canary")
    path.chmod(0o666)
    return path


@needs_bwrap
def test_runs_a_command_and_tells_what_it_did(shell: Shell, workdir: Path) -> None:
    done = shell("echo out; echo err >&2; echo again; pwd; exit 3")
    assert done == Completed(
        exit_status=3, output="out\nerr\nagain\n/repo\n", timed_out=False, truncated=False
    )
    shell("echo kept > made.txt")
    assert (workdir / "made.txt").read_text() == "kept\n"


@needs_bwrap
def test_exit_status_of_a_signal_and_of_a_missing_program(shell: Shell, sandbox: Sandbox) -> None:
    assert shell("kill -TERM $$").exit_status == 128 + 15
    assert shell("no-such-program").exit_status == 127


@needs_bwrap
@pytest.mark.parametrize("path", ["/etc/shadow", "/etc/passwd", "/root", "/home", "/var", "/sys"])
def test_host_paths_are_not_there(shell: Shell, path: str) -> None:
    assert shell(f"test -e {path}").exit_status == 1


@needs_bwrap
def test_a_world_readable_host_file_cannot_be_read(shell: Shell, secret: Path) -> None:
    done = shell(
        f"cat {secret}; cat /proc/1/root{secret}; cat ../..{secret}; find / -name secret.txt"
    )
    assert "canary" not in done.output


@needs_bwrap
def test_the_work_folders_neighbours_are_not_there(shell: Shell, outside: Path) -> None:
    (outside / "neighbour").mkdir(mode=0o777)
    assert shell("ls ..").output.split() == sorted(shell("ls /").output.split())
    assert "neighbour" not in shell("ls -R .. 2>/dev/null | head -1000").output


@needs_bwrap
@pytest.mark.parametrize("target", ["/usr/made", "/made", "/bin/made", "/dev/made", "/etc/made"])
def test_nothing_can_be_written_outside_the_work_folder(shell: Shell, target: str) -> None:
    assert shell(f"echo x > {target}").exit_status != 0
    assert not Path(target).exists()


@needs_bwrap
@pytest.mark.parametrize(
    "command",
    [
        "mount -o remount,rw /usr",
        "mount -o remount,bind,rw /usr",
        "mount -o remount,rw /",
        "mount --bind /repo /usr",
        "mount -t tmpfs none /repo",
        "mount -t proc proc /proc",
        "umount /proc",
        "umount -l /repo",
        "chroot /repo /bin/true",
        "pivot_root . .",
    ],
)
def test_no_mount_can_be_changed(shell: Shell, command: str) -> None:
    done = shell(f"PATH=$PATH:/usr/sbin:/sbin; {command}; status=$?; touch /usr/made; exit $status")
    assert done.exit_status != 0
    assert not Path("/usr/made").exists()


@needs_bwrap
@pytest.mark.parametrize(
    "command", ["unshare -U true", "unshare -Ur true", "unshare -Urm true", "unshare -n true"]
)
def test_no_namespace_can_be_made(shell: Shell, command: str) -> None:
    assert shell(command).exit_status != 0


@needs_bwrap
def test_no_sandbox_within_the_sandbox(shell: Shell) -> None:
    assert shell("bwrap --unshare-all --ro-bind /usr /usr /usr/bin/true").exit_status != 0


@needs_bwrap
def test_no_capability_is_left(shell: Shell) -> None:
    lines = shell("grep ^Cap /proc/self/status").output.splitlines()
    assert len(lines) == 5
    assert all(int(line.split()[1], 16) == 0 for line in lines)


@needs_bwrap
@pytest.mark.parametrize("name", ["vm/swappiness", "kernel/core_pattern", "kernel/hostname"])
def test_no_kernel_setting_can_be_written(shell: Shell, name: str) -> None:
    before = Path("/proc/sys", name).read_text()
    assert shell(f"cat /proc/sys/{name} > kept && cat kept > /proc/sys/{name}").exit_status != 0
    assert Path("/proc/sys", name).read_text() == before


@needs_bwrap
def test_no_device_node_can_be_made(shell: Shell) -> None:
    assert shell("mknod disk b 8 0").exit_status != 0
    assert (
        shell("ls /dev/sd* /dev/vd* /dev/mem /dev/kmsg /dev/kvm").output.count("No such file") == 5
    )


@needs_bwrap
def test_setuid_gives_nothing(shell: Shell, workdir: Path) -> None:
    done = shell("cp /usr/bin/id mine; chmod 6755 mine; ./mine; grep NoNewPrivs /proc/self/status")
    assert done.output.startswith("uid=1000 gid=1000")
    assert "euid" not in done.output
    assert done.output.split()[-1] == "1"


@needs_bwrap
@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its uid")
def test_root_gives_its_files_to_a_uid_that_nobody_has(shell: Shell, workdir: Path) -> None:
    (workdir / "ours.txt").write_text("x")
    assert shell("touch made; mkdir -p a/b").exit_status == 0
    owners = {path.lstat().st_uid for path in [workdir, *workdir.rglob("*")]}
    assert len(owners) == 1
    assert owners.pop() >= 0x7000_0000


@needs_bwrap
@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes its uid")
def test_every_sandbox_has_its_own_uid() -> None:
    uids = {require_sandbox().uid for _ in range(5)}
    assert len(uids) == 5


@needs_bwrap
def test_host_processes_can_be_neither_seen_nor_signalled(shell: Shell) -> None:
    host = subprocess.Popen(["sleep", "60"])
    try:
        done = shell(f"ls -d /proc/[0-9]* | wc -l; ls /proc/{host.pid}; kill -9 {host.pid} -1")
        assert int(done.output.split()[0]) < 10
        assert f"cannot access '/proc/{host.pid}'" in done.output
        assert host.poll() is None
    finally:
        host.kill()
        host.wait()


@needs_bwrap
def test_the_launchers_environment_is_invisible(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "environment-canary")
    done = shell("cat /proc/*/environ | tr '\\0' '\\n'; env; cat /proc/*/cmdline")
    assert "canary" not in done.output
    names = {
        line.split("=")[0] for line in shell("env -u _ -u PWD -u SHLVL env").output.splitlines()
    }
    assert names == {
        *("HOME", "LANG", "LC_ALL", "PATH", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "TZ")
    }


@needs_bwrap
def test_no_descriptor_of_ours_is_inherited(shell: Shell, secret: Path) -> None:
    with secret.open() as file:
        os.set_inheritable(file.fileno(), True)
        assert shell("ls /proc/self/fd").output.split() == ["0", "1", "2", "3"]


@needs_bwrap
def test_stdin_is_empty_and_no_terminal(shell: Shell) -> None:
    done = shell("cat; tty; echo x > /dev/tty", timeout_s=5)
    assert not done.timed_out
    assert "not a tty" in done.output


@needs_bwrap
def test_a_server_on_the_hosts_loopback_cannot_be_reached(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        assert shell(f"exec 3<>/dev/tcp/127.0.0.1/{port}").exit_status != 0
        with pytest.raises(TimeoutError):
            server.accept()


@needs_bwrap
def test_there_is_no_network(shell: Shell) -> None:
    assert shell("exec 3<>/dev/tcp/192.0.2.1/80", timeout_s=5).exit_status == 1
    interfaces = shell("tail -n +3 /proc/net/dev").output
    assert [line.split(":")[0].strip() for line in interfaces.splitlines()] == ["lo"]


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


@needs_bwrap
def test_a_sandbox_that_cannot_start_is_an_error_not_an_output(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(SandboxError):
        sandbox.run(["true"], workdir=tmp_path / "absent")


@needs_bwrap
def test_find_sandbox_finds_what_require_sandbox_requires() -> None:
    assert find_sandbox() is not None


# What untrusted code left behind, touched from the host.


@pytest.fixture
def trapped(outside: Path, secret: Path) -> Folder:
    """A work folder full of links that lead out of it."""
    root = outside / "trapped"
    (root / "plain").mkdir(parents=True)
    (root / "plain" / "a.txt").write_text("fine\n")
    (root / "link.txt").symlink_to(secret)
    (root / "relative.txt").symlink_to("../secret.txt")
    (root / "folder").symlink_to(outside)
    (root / "dangling").symlink_to(outside / "made-through-link")
    os.mkfifo(root / "pipe")
    return Folder(root)


TRAPS = [
    "link.txt",
    "relative.txt",
    "folder/secret.txt",
    "pipe",
    "../secret.txt",
    "plain/../link.txt",
]


@pytest.mark.parametrize("path", [*TRAPS, "/etc/passwd", "plain", "absent", ".", "", "plain/"])
def test_reading_refuses_every_way_out(trapped: Folder, path: str) -> None:
    with pytest.raises(OSError, match=r"\[Errno \d+\] (is|no such) "):
        trapped.read(path)


@pytest.mark.parametrize("path", [*TRAPS, "dangling", "folder/made-through-link", "/made"])
def test_writing_refuses_every_way_out(trapped: Folder, outside: Path, path: str) -> None:
    with pytest.raises(OSError, match=r"\[Errno \d+\] (is|no such) "):
        trapped.write(path, b"overwritten")
    assert (outside / "secret.txt").read_text() == "hunter2-canary"
    assert not (outside / "made-through-link").exists()


def test_deleting_a_link_keeps_what_it_points_to(trapped: Folder, outside: Path) -> None:
    trapped.delete("link.txt")
    trapped.delete("folder")
    assert (outside / "secret.txt").exists()


def test_walking_never_follows_a_link(trapped: Folder) -> None:
    kinds = {entry.path: entry.kind for entry in trapped.walk()}
    assert kinds == {
        "dangling": "other",
        "folder": "other",
        "link.txt": "other",
        "pipe": "other",
        "plain": "folder",
        "plain/a.txt": "file",
        "relative.txt": "other",
    }


def test_write_then_read_gives_the_bytes_back(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("a/b/-rf", b"\r\n\0\xff", executable=True)
    assert folder.read("a/b/-rf") == b"\r\n\0\xff"
    folder.write("a/b/-rf", b"short")
    assert folder.read("a/b/-rf") == b"short"
    assert next(iter(folder.entries("a/b"))).executable


@given(st.text(alphabet="./a\0-", max_size=12))
def test_a_path_stays_inside_or_is_refused(path: str) -> None:
    try:
        parts = split_path(path)
    except OSError:
        return
    assert "/".join(parts) == path
    assert os.path.normpath("/r/" + path) == "/r/" + path


@needs_bwrap
def test_what_a_hostile_command_leaves_can_be_measured_and_removed(
    shell: Shell, workdir: Path
) -> None:
    shell("for i in $(seq 2000); do mkdir d && cd d || break; done; mkdir locked; chmod 0 locked")
    assert measure_folder(workdir, 5000)[1] == 5001
    remove_folder(workdir)
    assert not workdir.exists()


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
