"""How much of the machine one sandboxed command may use. In: nothing. Out: `Limits()`.

    prlimit_argv(Limits(max_processes=64))  ->  ["/usr/bin/prlimit", "--nproc=64", ...]

The kernel holds each process to its rlimits. Sums over a command's processes (resident memory,
what lies in the work folder) have no rlimit, so `transforms.sandbox.process` looks at them several
times a second and ends the command that is over one.
"""

import math
from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of one command; sizes in bytes."""

    max_memory_bytes: int = 1024 * _MIB
    """Resident memory of all processes together."""
    max_address_space_bytes: int = 4096 * _MIB
    """Address space of one process; Node.js reserves more than it uses."""
    max_processes: int = 128
    """Processes and threads at one time."""
    max_open_files: int = 256
    """File descriptors of one process."""
    max_file_bytes: int = 64 * _MIB
    """Size of one file."""
    max_disk_bytes: int = 256 * _MIB
    """Size of all that lies in the work folder, the checkout included."""
    max_disk_entries: int = 100_000
    """Files and folders in the work folder, the checkout included."""
    max_tmp_bytes: int = 64 * _MIB
    """Size of /tmp, and of /dev/shm; both live in memory and are empty at every start."""


def prlimit_argv(limits: Limits, timeout_s: float) -> list[str]:
    """The start of a command line that sets the rlimits and then runs what follows."""
    return [
        "/usr/bin/prlimit",
        f"--as={limits.max_address_space_bytes}",
        f"--nproc={limits.max_processes}",
        f"--nofile={limits.max_open_files}",
        f"--fsize={limits.max_file_bytes}",
        # Behind the deadline, which counts wall time.
        f"--cpu={math.ceil(timeout_s) + 1}",
        "--core=0",
        "--",
    ]
