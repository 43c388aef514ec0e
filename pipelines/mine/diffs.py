"""Differences of trees, computed by git. In: pairs of trees. Out: `FileDiff`s, or a `Reason`.

    diff_trees(repository, [(old_tree, new_tree)], max_file_bytes=10**6)  ->  [[FileDiff(...)]]

One `git diff-tree --stdin` serves many pairs. It dies where an object is missing or corrupt; then
the pairs are halved until the culprit stands alone. So are those that list more than fits.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.mine.commits import decode_path
from pipelines.mine.git import GitRepository, OutputTooLarge
from schemas.errors import InputError
from schemas.ids import stable_id
from schemas.reasons import Reason

Pair = tuple[str, str]

_STATUS = {"A": "added", "D": "deleted", "M": "modified", "T": "modified", "R": "renamed"}
REGULAR_MODES = ("100644", "100755", "100664")
_ABSENT = "000000"
_MAX_OUTPUT_BYTES = 67_108_864
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
) -> list[list[FileDiff] | Reason]:
    """The changed files of each pair of trees.

    MISSING_BLOB where git cannot read an object; TOO_LARGE where patches are over 64 MiB. Files
    over `max_file_bytes` count as binary. Git collects all paths first: see `tree_changes` before.
    """
    if not pairs:
        return []
    limit = f"core.bigFileThreshold={max_file_bytes}"
    stdin = "".join(f"{old} {new}\n" for old, new in pairs).encode()
    try:
        output = repository.run(
            "-c", limit, "diff-tree", *_OPTIONS, stdin=stdin, max_bytes=_MAX_OUTPUT_BYTES
        )
    except InputError as error:
        if len(pairs) == 1:
            is_large = isinstance(error, OutputTooLarge)
            return [Reason.TOO_LARGE if is_large else Reason.MISSING_BLOB]
        middle = len(pairs) // 2
        halves = (pairs[:middle], pairs[middle:])
        return [
            result
            for half in halves
            for result in diff_trees(repository, half, max_file_bytes=max_file_bytes)
        ]
    return list(_parse(output, pairs))


def patch_identity(diffs: Sequence[FileDiff]) -> str:
    """Equal for equal changes, as of `git patch-id`: line numbers and white space do not count."""
    parts: list[str | bytes] = []
    for diff in diffs:
        hunks = re.sub(rb"^@@ .*$", b"", diff.hunks, flags=re.M)
        parts += [diff.old_path, diff.path, re.sub(rb"\s", b"", hunks)]
    return stable_id("patch", *parts)


def _parse(output: bytes, pairs: Sequence[Pair]) -> Iterator[list[FileDiff]]:
    headers = [f"{old} {new}\n".encode() for old, new in pairs]
    position = 0
    for index, header in enumerate(headers):
        if not output.startswith(header, position):
            raise ValueError(f"git diff-tree left pair {index} out")
        records, position = _read_records(output, position + len(header))
        end = len(output)
        if index + 1 < len(headers) and not output.startswith(headers[index + 1], position):
            # In patch text each line starts with a mark, so this can only be the next header.
            end = output.index(b"\n" + headers[index + 1], position) + 1
        elif index + 1 < len(headers):
            end = position
        yield _with_hunks(records, output[position:end])
        position = end


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
