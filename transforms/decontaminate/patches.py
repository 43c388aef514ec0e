"""What patches change. In: a unified diff of one or many files. Out: runs of changed lines.

    (file,) = read_patch("--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n-a\n+b\n+c\n")
    file.path, file.runs    ->  "x.py", (Run(removed="a\n", added="b\nc\n"),)

Counts of the hunk headers decide where a hunk ends; a hunk that ends early is taken as far as it
goes, since half a patch still gives a benchmark away.
"""

import re
from dataclasses import dataclass

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_PATH = re.compile(r"\+\+\+ (?:b/)?([^\t\r]*)")


@dataclass(frozen=True, kw_only=True)
class Run:
    """Changed lines without an unchanged one between them."""

    removed: str
    added: str


@dataclass(frozen=True, kw_only=True)
class PatchFile:
    """One file's changes; `path` is "" where the diff starts at a hunk."""

    path: str
    runs: tuple[Run, ...]

    @property
    def added(self) -> str:
        """All added lines, in order."""
        return "".join(run.added for run in self.runs)

    @property
    def removed(self) -> str:
        """All removed lines, in order."""
        return "".join(run.removed for run in self.runs)


def read_patch(text: str) -> tuple[PatchFile, ...]:
    """The files of a diff that change lines of text; () for what is no diff."""
    files: list[PatchFile] = []
    path, runs = "", list[Run]()
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        if hunk := _HUNK.match(line):
            num_old, num_new = (1 if count is None else int(count) for count in hunk.groups())
            found, index = _read_hunk(lines, index + 1, num_old, num_new)
            runs += found
            continue
        if line.startswith("diff --git ") or line.startswith("--- "):
            files += [PatchFile(path=path, runs=tuple(runs))] if runs else []
            runs = []
        elif match := _PATH.match(line):
            path = match[1]
        index += 1
    return (*files, PatchFile(path=path, runs=tuple(runs))) if runs else tuple(files)


def _read_hunk(lines: list[str], index: int, num_old: int, num_new: int) -> tuple[list[Run], int]:
    runs: list[Run] = []
    sides: dict[str, list[str]] = {"-": [], "+": []}
    while (num_old > 0 or num_new > 0) and index < len(lines):
        mark = lines[index][:1]
        if mark in sides:
            sides[mark].append(lines[index][1:] + "\n")
        elif mark in ("", " "):
            _close(runs, sides)
        elif mark != "\\":
            break
        num_old -= mark in ("", " ", "-")
        num_new -= mark in ("", " ", "+")
        index += 1
    _close(runs, sides)
    return runs, index


def _close(runs: list[Run], sides: dict[str, list[str]]) -> None:
    if sides["-"] or sides["+"]:
        runs.append(Run(removed="".join(sides["-"]), added="".join(sides["+"])))
        sides["-"], sides["+"] = [], []
