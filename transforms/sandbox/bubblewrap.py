"""A bubblewrap sandbox for one command at a time. In: a command and a work folder. Out: what ran.

    sandbox = find_sandbox()                      # None where none can be had
    done = sandbox.run(["sh", "-c", "ls"], workdir=Path("/tmp/checkout"))
    done.exit_status, done.output                 ->  0, "README.md\\n"

Inside, the command is uid 1000 without capabilities, alone in its namespaces: it sees /usr read
only, its work folder at /repo, an empty /tmp, no network, no other process, no host name, no
variable of ours. Two things are easy to get wrong, and both are tested:

* `bwrap` started by root keeps root's capabilities and can remount its read-only binds writable.
  So root first becomes a uid that nobody has (`setpriv`), a different one for every sandbox.
* bubblewrap's own environment is readable inside as /proc/1/environ, whatever `--clearenv` does.
  So bubblewrap itself starts with an empty environment (`env -i`).

bubblewrap shares the host's kernel: it holds back accidents and ill will, not a kernel exploit.
"""

import itertools
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import SandboxError
from transforms.sandbox.limits import Limits, prlimit_argv
from transforms.sandbox.process import Completed, run_bounded

_BWRAP = "/usr/bin/bwrap"
_SETPRIV = "/usr/bin/setpriv"
# The range that systemd's table of uids (systemd.io/UIDS-GIDS) leaves free. One worker process
# may hold 64 sandboxes; process ids are below 2**22, so that the last uid is 2**31 - 1.
_FIRST_UID = 0x7000_0000
_SANDBOXES_PER_PROCESS = 64
_COUNTER = itertools.count()
_ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
}


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A sandbox that was seen to work. Build it with `find_sandbox` or `require_sandbox`."""

    uid: int | None
    """The private uid that commands run as; None for the uid of an ordinary user."""

    def run(
        self,
        argv: Sequence[str],
        *,
        workdir: Path,
        timeout_s: float = 30.0,
        max_output_bytes: int = 65_536,
        limits: Limits | None = None,
    ) -> Completed:
        """Run a command with `workdir` at /repo; when this returns, nothing of it is running.

        The folder's files are given to the sandbox's uid. Raises SandboxError when the sandbox
        itself could not start; the command's own failure is its exit status.
        """
        limits = limits or Limits()
        if self.uid is not None:
            _give(workdir, self.uid)
        return run_bounded(
            [*_drop_privileges(self.uid), *_bwrap_argv(workdir, limits)],
            [*prlimit_argv(limits, timeout_s), *argv],
            workdir=workdir,
            timeout_s=timeout_s,
            max_output_bytes=max_output_bytes,
            limits=limits,
        )


def find_sandbox() -> Sandbox | None:
    """A working sandbox, or None."""
    try:
        return require_sandbox()
    except SandboxError:
        return None


def require_sandbox() -> Sandbox:
    """A working sandbox. Raises SandboxError with what is missing."""
    _check_programs()
    sandbox = Sandbox(uid=_private_uid() if os.geteuid() == 0 else None)
    with tempfile.TemporaryDirectory(prefix="katydid-probe-") as folder:
        open_to_sandbox(Path(folder))
        workdir = Path(folder) / "repo"
        workdir.mkdir(mode=0o700)
        done = sandbox.run(["sh", "-c", "true | echo ready"], workdir=workdir, timeout_s=10)
    if (done.exit_status, done.output) != (0, "ready\n"):
        raise SandboxError(f"bubblewrap runs but its commands do not: {done.output[:200]!r}")
    return sandbox


def open_to_sandbox(folder: Path) -> None:
    """Let a sandbox's uid pass through a private folder to the work folder in it."""
    folder.chmod(0o711)


def _check_programs() -> None:
    for program, package in ((_BWRAP, "bubblewrap"), ("/usr/bin/prlimit", "util-linux")):
        if not os.access(program, os.X_OK):
            raise SandboxError(f"{program} is missing; install the package {package}")
    if os.geteuid() == 0 and not os.access(_SETPRIV, os.X_OK):
        raise SandboxError(f"{_SETPRIV} is missing; install the package util-linux")
    options = subprocess.run([_BWRAP, "--help"], capture_output=True, text=True, check=False)
    if "--disable-userns" not in options.stdout + options.stderr:
        raise SandboxError(f"{_BWRAP} has no --disable-userns; install bubblewrap 0.8 or later")


def _private_uid() -> int:
    slot = next(_COUNTER) % _SANDBOXES_PER_PROCESS
    return _FIRST_UID + os.getpid() * _SANDBOXES_PER_PROCESS + slot


def _give(workdir: Path, uid: int) -> None:
    """Root only. `chown -Rh` follows no link, and nothing of the sandbox runs meanwhile."""
    command = ["chown", "-Rh", f"{uid}:{uid}", "--", str(workdir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SandboxError(f"{workdir} cannot be given to uid {uid}: {done.stderr[:200]!r}")


def _drop_privileges(uid: int | None) -> list[str]:
    empty = ["/usr/bin/env", "-i", "PATH=/usr/bin:/bin"]
    if uid is None:
        return empty
    identity = [f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    return [*empty, _SETPRIV, *identity, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]


def _bwrap_argv(workdir: Path, limits: Limits) -> list[str]:
    tmpfs_size = ["--size", str(limits.max_tmp_bytes), "--tmpfs"]
    variables = [("--setenv", name, value) for name, value in _ENVIRONMENT.items()]
    return [
        *(_BWRAP, "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"),
        *("--die-with-parent", "--new-session", "--hostname", "sandbox"),
        *("--uid", "1000", "--gid", "1000"),
        *("--ro-bind", "/usr", "/usr", *_top_level_folders()),
        # Debian's names for awk, cc and others are links through here.
        *("--ro-bind-try", "/etc/alternatives", "/etc/alternatives"),
        *("--proc", "/proc", "--dev", "/dev"),
        *(*tmpfs_size, "/dev/shm", *tmpfs_size, "/tmp"),
        *("--bind", str(workdir), "/repo", "--chdir", "/repo"),
        # Both are file systems in memory without a size: nothing may be written there.
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *itertools.chain.from_iterable(variables),
    ]


def _top_level_folders() -> list[str]:
    """/bin, /lib and their like as this system has them: links into /usr, or folders."""
    argv: list[str] = []
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        folder = Path("/", name)
        if folder.is_symlink():
            argv += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            argv += ["--ro-bind", str(folder), str(folder)]
    return argv
