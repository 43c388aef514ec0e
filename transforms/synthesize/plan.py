"""A pull request as exact edits. In: a `PullRequest`. Out: a `FilePlan` for each changed file.

    plan_change(pull_request, config, has_shell=True)
    ->  (FilePlan(path="src/cart.py", edits=(Edit(old_str="    return x\\n", ...),), ...),)

An edit names its place by the text that is there, so that text must occur once. Each hunk, without
its context, grows line by line into the unchanged lines around it until it does; a hunk that meets
its neighbour before that becomes one edit with it. Edits of a file are made from top to bottom, and
all that an old_str holds is text of the base commit, which the assistant has read.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from schemas.errors import RowError
from schemas.reasons import Reason
from schemas.tables import FileChange, PullRequest
from transforms.patch import Hunk, apply_hunks, parse_hunks, split_lines
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.tools import find_all

_MAX_HUNKS_PER_EDIT = 4
"""Neighbouring hunks may become one edit; with more than this the edits are surely too many."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One call of edit_file."""

    old_str: str
    new_str: str
    first_line: int
    """Of old_str in the base file, from 1."""
    last_line: int
    short_old_str: str = ""
    """The changed lines alone, where they occur several times; "" where they would do."""
    short_new_str: str = ""


@dataclass(frozen=True, kw_only=True)
class FilePlan:
    """What happens to one file."""

    path: str
    """After the change."""
    base_path: str | None
    """Before the change; None for a new file."""
    base: str | None
    result: str | None
    """None for a deleted file."""
    edits: tuple[Edit, ...]
    language: str
    section: str
    """What git prints as the place of the first hunk: a line of the file, most often."""

    @property
    def is_change(self) -> bool:
        """False where only the file's mode changes."""
        return (self.path, self.result) != (self.base_path, self.base)


@dataclass(frozen=True, kw_only=True)
class _Block:
    """Lines start to end (from 0, end excluded) of the base file become `new`."""

    start: int
    end: int
    new: tuple[str, ...]


def plan_change(
    pull_request: PullRequest, config: SynthesizeConfig, *, has_shell: bool
) -> tuple[FilePlan, ...]:
    """The files in the order of work: code, tests, documentation.

    Raises RowError for what the tools cannot replay: no edit at all, a binary or unknown file, a
    deletion or renaming without a shell, too many files or edits.
    """
    if not pull_request.title.strip():
        raise RowError(Reason.UNSUITABLE_CHANGE, "no title")
    if len(pull_request.files) > config.max_files:
        detail = f"{len(pull_request.files)} files > {config.max_files}"
        raise RowError(Reason.TOO_MANY_EDITS, detail)
    files = sorted(pull_request.files, key=lambda f: (f.is_documentation, f.is_test, f.path))
    plans = tuple(_plan_file(file, has_shell, config) for file in files)
    plans = tuple(plan for plan in plans if plan.is_change)
    num_edits = sum(len(plan.edits) for plan in plans)
    if num_edits == 0:
        raise RowError(Reason.UNSUITABLE_CHANGE, "renames, deletions or modes only")
    if num_edits > config.max_edits:
        raise RowError(Reason.TOO_MANY_EDITS, f"{num_edits} edits > {config.max_edits}")
    return plans


def _plan_file(file: FileChange, has_shell: bool, config: SynthesizeConfig) -> FilePlan:
    if file.status in ("deleted", "renamed") and not has_shell:
        raise RowError(Reason.UNSUITABLE_CHANGE, f"a {file.status} file needs the shell")
    hunks = parse_hunks(file.patch)
    if len(hunks) > _MAX_HUNKS_PER_EDIT * config.max_edits:
        raise RowError(Reason.TOO_MANY_EDITS, f"{len(hunks)} hunks in a file")
    base_path = None if file.status == "added" else file.old_path or file.path
    base = _base_of(file)
    result = None if file.status == "deleted" else apply_hunks(base or "", hunks)
    return FilePlan(
        path=file.path,
        base_path=base_path,
        base=base,
        result=result,
        edits=() if result is None else _edits(base, hunks, result, config.max_observation_bytes),
        language=file.language,
        section=hunks[0].section.strip() if hunks else "",
    )


def _base_of(file: FileChange) -> str | None:
    if file.status != "added":
        if file.base_content is None:
            raise RowError(Reason.NO_BASE_CONTENT, f"{file.status} file without base content")
        return file.base_content
    if not file.patch and file.language == "text":
        # Empty or binary: only where the name is that of a program text is it surely empty.
        raise RowError(Reason.UNSUITABLE_CHANGE, "a new file without text")
    return None


def _edits(
    base: str | None, hunks: Sequence[Hunk], result: str, max_bytes: int
) -> tuple[Edit, ...]:
    if base is None or (not base and result):
        return (Edit(old_str="", new_str=result, first_line=0, last_line=0),)
    blocks = [_block_of(hunk) for hunk in hunks]
    return tuple(_Grower(base, blocks, max_bytes).run())


def _block_of(hunk: Hunk) -> _Block:
    """A hunk without the context lines at its ends."""
    marks = [mark for mark, _ in hunk.lines]
    changed = [index for index, mark in enumerate(marks) if mark != " "]
    inner = hunk.lines[changed[0] : changed[-1] + 1]
    # An empty old side is written as the line before it.
    start = hunk.old_start - 1 if hunk.side(" -") else hunk.old_start
    start += changed[0]
    num_old = sum(mark != "+" for mark, _ in inner)
    return _Block(
        start=start, end=start + num_old, new=tuple(text for mark, text in inner if mark != "-")
    )


class _Grower:
    """Turns the blocks of one file into edits, from top to bottom."""

    def __init__(self, base: str, blocks: list[_Block], max_bytes: int) -> None:
        self.base = base
        self.lines = split_lines(base)
        self.offsets = list(accumulate(map(len, self.lines), initial=0))
        """Where each line starts, and the end."""
        self.max_bytes = max_bytes
        self.waiting = blocks[::-1]
        self.done: list[tuple[_Block, Edit]] = []

    def run(self) -> list[Edit]:
        while self.waiting:
            block = self.waiting.pop()
            span = self._unique_span(block)
            if span is not None:
                self.done.append((block, self._edit(block, *span)))
            elif self.waiting:
                self.waiting.append(self._joined(block, self.waiting.pop()))
            else:
                # Only with the edit before can this one be told from the rest of the file.
                self.waiting.append(self._joined(self.done.pop()[0], block))
        return [edit for _, edit in self.done]

    def _floor(self) -> int:
        """The first base line (from 0) that no finished edit holds."""
        return self.done[-1][1].last_line if self.done else 0

    def _current_text(self) -> str:
        """The file as it is when the next edit is made."""
        text: list[str] = []
        position = 0
        for _, edit in self.done:
            text += [self._text(position, edit.first_line - 1), edit.new_str]
            position = edit.last_line
        return "".join([*text, self._text(position, len(self.lines))])

    def _unique_span(self, block: _Block) -> tuple[int, int] | None:
        """Lines around the block that occur once, or None within its neighbours' bounds."""
        lowest = self._floor()
        highest = self.waiting[-1].start if self.waiting else len(self.lines)
        text = self._current_text()

        def is_unique(span: tuple[int, int]) -> bool:
            return span[0] < span[1] and len(find_all(text, self._text(*span), 2)) == 1

        spans = self._spans(block, lowest, highest)
        # What holds a text that occurs once occurs once itself, so that the first can be bisected.
        first = bisect_left(spans, True, key=is_unique)
        if first < len(spans):
            return spans[first]
        if spans and spans[-1] == (lowest, highest):
            return None
        raise RowError(Reason.UNSUITABLE_CHANGE, "an edit is longer than an observation")

    def _spans(self, block: _Block, lowest: int, highest: int) -> list[tuple[int, int]]:
        """The block, then with one more line around it at a time, while it fits into max_bytes."""
        spans: list[tuple[int, int]] = []
        start, end = block.start, block.end
        num_bytes = self._num_bytes(start, end)
        before = True
        while num_bytes <= self.max_bytes:
            spans.append((start, end))
            if (start, end) == (lowest, highest):
                break
            before = (before and start > lowest) or end == highest
            added = start - 1 if before else end
            start, end = min(start, added), max(end, added + 1)
            num_bytes += self._num_bytes(added, added + 1)
            before = not before
        return spans

    def _edit(self, block: _Block, start: int, end: int) -> Edit:
        short_start = (
            max(self._floor(), block.start - 1) if block.start == block.end else block.start
        )
        is_grown = (short_start, block.end) != (start, end) and short_start < block.end
        return Edit(
            old_str=self._text(start, end),
            new_str=self._replaced(block, start, end),
            first_line=start + 1,
            last_line=end,
            short_old_str=self._text(short_start, block.end) if is_grown else "",
            short_new_str=self._replaced(block, short_start, block.end) if is_grown else "",
        )

    def _joined(self, first: _Block, second: _Block) -> _Block:
        between = self.lines[first.end : second.start]
        return _Block(start=first.start, end=second.end, new=(*first.new, *between, *second.new))

    def _replaced(self, block: _Block, start: int, end: int) -> str:
        kept_before, kept_after = self._text(start, block.start), self._text(block.end, end)
        return kept_before + "".join(block.new) + kept_after

    def _text(self, start: int, end: int) -> str:
        return self.base[self.offsets[start] : self.offsets[end]]

    def _num_bytes(self, start: int, end: int) -> int:
        return len(self._text(start, end).encode())
