"""Unified diffs of one file: parse, apply, rebuild. In: hunk text and file text. Out: the same.

    hunks = parse_hunks("@@ -1,2 +1,2 @@\n a\n-b\n+c\n")
    apply_hunks("a\nb\n", hunks)  ->  "a\nc\n"

Lines keep their ends: a "line" is what `split_lines` gives, so "a\r\n" and a last line without
newline survive. Only "\n" ends a line, as in git; "\x0c" and U+2028 do not.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.errors import RowError
from schemas.reasons import Reason

_HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)")
_NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True, kw_only=True)
class Hunk:
    """One hunk. `lines` are (mark, text) with mark " ", "-" or "+"; text keeps its line end."""

    old_start: int
    """Line number in the old file, from 1; 0 when the old side is empty."""
    new_start: int
    lines: tuple[tuple[str, str], ...]
    section: str = ""
    """What git prints after the second "@@": the enclosing function, most often."""

    def side(self, marks: str) -> list[str]:
        """The lines with one of the marks: `side(" -")` is the old text, `side(" +")` the new."""
        return [text for mark, text in self.lines if mark in marks]


def split_lines(text: str) -> list[str]:
    """Lines with their ends; "".join gives the text back."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def parse_hunks(patch: str) -> list[Hunk]:
    """The hunks of a patch. Raises RowError(PATCH_DOES_NOT_APPLY) for anything else."""
    hunks: list[Hunk] = []
    lines = split_lines(patch)
    index = 0
    while index < len(lines):
        header = _HEADER.match(lines[index])
        if header is None:
            raise RowError(Reason.PATCH_DOES_NOT_APPLY, "malformed hunk header")
        body, index = _read_body(lines, index + 1, _count(header[2]), _count(header[4]))
        hunks.append(
            Hunk(
                old_start=int(header[1]),
                new_start=int(header[3]),
                lines=body,
                section=header[5].rstrip("\r"),
            )
        )
    return hunks


def apply_hunks(base: str, hunks: Iterable[Hunk]) -> str:
    """The new text. Raises RowError(PATCH_DOES_NOT_APPLY) where an old line is not in place."""
    old = split_lines(base)
    new: list[str] = []
    position = 0
    for hunk in hunks:
        expected = hunk.side(" -")
        start = hunk.old_start - 1 if expected else hunk.old_start
        in_place = old[start : start + len(expected)] == expected
        if not position <= start <= len(old) or not in_place:
            raise RowError(Reason.PATCH_DOES_NOT_APPLY, f"hunk at old line {hunk.old_start}")
        new += old[position:start] + hunk.side(" +")
        position = start + len(expected)
    return "".join(new + old[position:])


def render_hunks(hunks: Iterable[Hunk]) -> str:
    """Patch text; `parse_hunks` reads it back."""
    return "".join(_render_hunk(hunk) for hunk in hunks)


def count_changes(hunks: Iterable[Hunk]) -> tuple[int, int]:
    """Lines added and lines deleted."""
    marks = [mark for hunk in hunks for mark, _ in hunk.lines]
    return marks.count("+"), marks.count("-")


def _count(text: str | None) -> int:
    return 1 if text is None else int(text)


def _read_body(
    lines: list[str], index: int, num_old: int, num_new: int
) -> tuple[tuple[tuple[str, str], ...], int]:
    body: list[tuple[str, str]] = []
    while num_old > 0 or num_new > 0:
        if index >= len(lines) or lines[index][0] not in " -+\n":
            raise RowError(Reason.PATCH_DOES_NOT_APPLY, "hunk is shorter than its header says")
        # Some tools strip the space of an empty context line.
        mark, text = (" ", "\n") if lines[index] == "\n" else (lines[index][0], lines[index][1:])
        num_old -= mark in " -"
        num_new -= mark in " +"
        index += 1
        if index < len(lines) and lines[index].startswith("\\"):
            text = text.removesuffix("\n")
            index += 1
        body.append((mark, text))
    if num_old or num_new:
        raise RowError(Reason.PATCH_DOES_NOT_APPLY, "hunk is longer than its header says")
    return tuple(body), index


def _render_hunk(hunk: Hunk) -> str:
    num_old, num_new = len(hunk.side(" -")), len(hunk.side(" +"))
    header = f"@@ -{_range(hunk.old_start, num_old)} +{_range(hunk.new_start, num_new)} @@"
    body = [_render_line(mark, text) for mark, text in hunk.lines]
    return header + hunk.section + "\n" + "".join(body)


def _range(start: int, count: int) -> str:
    return str(start) if count == 1 else f"{start},{count}"


def _render_line(mark: str, text: str) -> str:
    return mark + text if text.endswith("\n") else f"{mark}{text}\n{_NO_NEWLINE}"
