"""Differences of trees, computed by git. In: pairs of trees. Out: `FileDiff`s, or a `Reason`.

    diff_trees(repository, [(old_tree, new_tree)], max_file_bytes=10**6)  ->  [[FileDiff(...)]]

One `git diff-tree --stdin` serves all pairs; it ends where an object is missing or corrupt.
"""

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from io import BufferedReader

from pipelines.mine.commits import decode_path
from pipelines.mine.git import GitRepository
from schemas.ids import stable_id
from schemas.reasons import Reason

Pair = tuple[str, str]

_STATUS = {"A": "added", "D": "deleted", "M": "modified", "T": "modified", "R": "renamed"}
REGULAR_MODES = ("100644", "100755", "100664")
_ABSENT = "000000"
_MAX_OUTPUT_BYTES = 67_108_864
_READ_BYTES = 65_536
_OPTIONS = ("--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-color", "--no-ext-diff",
            "--no-textconv", "--ignore-submodules=none", "--submodule=short",
            "-p", "--unified=3", "--inter-hunk-context=0", "--full-index",
            "--diff-algorithm=myers", "--find-renames=50%", "-l400")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FileDiff:
    """One changed file."""

    path: str
    old_path: str
    status: str
    """"added", "modified", "deleted" or "renamed"."""
    old_sha: str
    new_sha: str
    is_old_file: bool
    """A regular file stands on the old side: no link, no submodule, not nothing."""
    is_new_file: bool
    hunks: bytes
    """From the first "@@" on; b"" for binary files, pure renames, links and submodules."""

    def blobs(self) -> list[str]:
        """Names of the contents on both sides."""
        sides = ((self.old_sha, self.is_old_file), (self.new_sha, self.is_new_file))
        return [sha for sha, is_file in sides if is_file]


def diff_trees(
    repository: GitRepository,
    pairs: Sequence[Pair],
    *,
    max_file_bytes: int,
    paths: Sequence[bytes] = (),
) -> list[list[FileDiff] | Reason]:
    """The changed files of each pair of trees; with `paths`, only those, as if no others were.

    MISSING_BLOB where git cannot read an object; TOO_LARGE where a pair has over 64 MiB. Files
    over `max_file_bytes` count as binary. Git collects all paths first: see `tree_changes` before.
    """
    limit = f"core.bigFileThreshold={max_file_bytes}"
    within = (os.fsdecode(path) for path in paths)
    command = ("-c", limit, "diff-tree", *_OPTIONS, "--", *within)
    return [_diff_pair(repository, command, pair) for pair in pairs]


def patch_identity(diffs: Sequence[FileDiff]) -> str:
    """Equal for equal changes, whatever stands around them.

    As `git patch-id`, without line numbers and white space; without context too, which a rebase
    leaves but other people's changes nearby do not.
    """
    parts: list[str | bytes] = []
    for diff in diffs:
        lines = [line for line in diff.hunks.split(b"\n") if line[:1] in (b"+", b"-")]
        text = re.sub(rb"[^\S\n]", b"", b"\n".join(lines))
        is_opaque = not text and diff.status != "renamed"
        parts += [diff.old_path, diff.path, diff.new_sha if is_opaque else text]
    return stable_id("patch", *parts)


def _diff_pair(
    repository: GitRepository, command: Sequence[str], pair: Pair
) -> list[FileDiff] | Reason:
    header = f"{pair[0]} {pair[1]}\n".encode()
    # Git repeats a line that is no pair, so an answer ends with what no repository can know.
    mark = f"end {secrets.token_hex(16)}\n".encode()
    (output,) = repository.ask(command, [header + mark], partial(_read_to_mark, mark=mark))
    if isinstance(output, Reason):
        return output
    if not output.startswith(header):
        return Reason.MISSING_BLOB
    records, position = _read_records(output, len(header))
    return _with_hunks(records, output[position : -len(mark)])


def _read_to_mark(stdout: BufferedReader, *, mark: bytes) -> tuple[bool, bytes | Reason]:
    """(can go on, what is written up to the mark, and the mark)."""
    parts: list[bytes] = []
    num_bytes = 0
    tail = b""
    while tail != mark:
        parts.append(stdout.read1(_READ_BYTES))
        num_bytes += len(parts[-1])
        if not parts[-1]:
            return False, Reason.MISSING_BLOB
        if num_bytes > _MAX_OUTPUT_BYTES:
            return False, Reason.TOO_LARGE
        tail = (tail + parts[-1])[-len(mark) :]
    return True, b"".join(parts)


def _read_records(output: bytes, position: int) -> tuple[list[tuple[str, list[bytes]]], int]:
    """Raw records: (":<mode> <mode> <sha> <sha> <status>", paths), and where patches start."""
    records = []
    while output[position : position + 1] == b":":
        facts, position = _read_to_nul(output, position)
        paths = []
        for _ in range(2 if facts.rpartition(b" ")[2][:1] in b"RC" else 1):
            path, position = _read_to_nul(output, position)
            paths.append(path)
        records.append((facts.decode("ascii"), paths))
    if output[position : position + 1] == b"\0":
        position += 1
    return records, position


def _read_to_nul(output: bytes, position: int) -> tuple[bytes, int]:
    end = output.index(b"\0", position)
    return output[position:end], end + 1


def _with_hunks(records: list[tuple[str, list[bytes]]], patch: bytes) -> list[FileDiff]:
    sections = re.split(rb"^diff --git .*\n", patch, flags=re.M)[1:]
    diffs = []
    for facts, paths in records:
        old_mode, new_mode, old_sha, new_sha, status = facts[1:].split(" ")
        # A file that becomes a link, or the reverse, is shown as a deletion and an addition.
        num_sections = 2 if status == "T" else 1
        own, sections = sections[:num_sections], sections[num_sections:]
        is_file = [mode in REGULAR_MODES for mode in (old_mode, new_mode)]
        is_text = all(mode in (*REGULAR_MODES, _ABSENT) for mode in (old_mode, new_mode))
        diffs.append(
            FileDiff(
                path=decode_path(paths[-1]),
                old_path=decode_path(paths[0]),
                status=_STATUS[status[0]],
                old_sha=old_sha,
                new_sha=new_sha,
                is_old_file=is_file[0],
                is_new_file=is_file[1],
                hunks=_hunks(own[0]) if own and is_text else b"",
            )
        )
    return diffs


def _hunks(section: bytes) -> bytes:
    start = re.search(rb"^@@ ", section, flags=re.M)
    return section[start.start() :] if start else b""
