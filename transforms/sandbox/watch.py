"""What a running command uses in sum. In: its first process and its work folder. Out: the excess.

    find_excess(4711, Path("/tmp/checkout"), Limits())  ->  None, "memory" or "disk"

Memory is the resident memory of all processes of the namespace. Disk is what lies in the work
folder, and files that are open without a name: deleted ones, and those that live in memory.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from transforms.sandbox.folder import measure_folder
from transforms.sandbox.limits import Limits

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_BLOCK_BYTES = 512


def find_excess(init_pid: int | None, workdir: Path, limits: Limits) -> str | None:
    """The sum that is over its limit at this moment, if any."""
    pids = [] if init_pid is None else _namespace_members(init_pid)
    if sum(_resident_bytes(pid) for pid in pids) > limits.max_memory_bytes:
        return "memory"
    num_bytes, num_entries = measure_folder(workdir, limits.max_disk_entries)
    if num_entries > limits.max_disk_entries:
        return "disk"
    return "disk" if num_bytes + _nameless_bytes(pids) > limits.max_disk_bytes else None


def _namespace_members(init_pid: int) -> list[str]:
    namespace = _pid_namespace(str(init_pid))
    pids = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if namespace and _pid_namespace(pid) == namespace]


def _pid_namespace(pid: str) -> Path | None:
    """None for a process that is gone, or is not ours to look at."""
    try:
        return Path(f"/proc/{pid}/ns/pid").readlink()
    except OSError:
        return None


def _resident_bytes(pid: str) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    except (OSError, IndexError):
        return 0


def _nameless_bytes(pids: list[str]) -> int:
    """Bytes of regular files without a name, each counted once however often it is open."""
    sizes = {
        (status.st_dev, status.st_ino): status.st_blocks * _BLOCK_BYTES
        for pid in pids
        for status in _open_files(pid)
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 0
    }
    return sum(sizes.values())


def _open_files(pid: str) -> Iterator[os.stat_result]:
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        try:
            yield descriptor.stat()
        except OSError:
            continue
