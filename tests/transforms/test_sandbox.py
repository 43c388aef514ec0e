"""What a command in the sandbox can see and touch: one property a test, each attacked for real."""

import os
import socket
import subprocess
from pathlib import Path

import pytest
from sandboxed import Shell, needs_bwrap

from schemas.errors import SandboxError
from transforms.sandbox.bubblewrap import Sandbox, find_sandbox, require_sandbox
from transforms.sandbox.process import Completed


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
def test_a_sandbox_that_cannot_start_is_an_error_not_an_output(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(SandboxError):
        sandbox.run(["true"], workdir=tmp_path / "absent")


@needs_bwrap
def test_find_sandbox_finds_what_require_sandbox_requires() -> None:
    assert find_sandbox() is not None
