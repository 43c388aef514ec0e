"""One file's change, anonymized so that the patch still applies. In: FileChange. Out: FileChange.

    patch -x = 1  # Jane Doe          -x = 1  # Birch Dunmarrow-3f2a9c1b
          +x = 2  # Jane Doe    ->    +x = 2  # Birch Dunmarrow-3f2a9c1b

The head is rebuilt from base and patch, both are anonymized as whole files, and the hunks are cut
from the results at their old places: line numbers do not move because line counts do not change.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from schemas.errors import RowError
from schemas.tables import FileChange
from transforms.anonymize.notices import with_notices
from transforms.anonymize.syntax import anonymize_code
from transforms.patch import (
    Hunk,
    apply_hunks,
    count_changes,
    parse_hunks,
    render_hunks,
    split_lines,
)

if TYPE_CHECKING:
    from transforms.anonymize.text import TextAnonymizer


def anonymize_change(
    change: FileChange, anonymizer: "TextAnonymizer", keep_notices: bool = False
) -> FileChange:
    """The change with paths, base content and patch anonymized and its lines counted anew.

    `keep_notices`: copyright lines of a vendored file stay.
    """
    base, patch = _contents(change, anonymizer, keep_notices and change.is_vendored)
    fresh = replace(
        change,
        path=anonymizer.path(change.path),
        old_path=None if change.old_path is None else anonymizer.path(change.old_path),
        base_content=base,
        patch=patch,
    )
    return _recount(fresh)


def _contents(
    change: FileChange, anonymizer: "TextAnonymizer", keep_notices: bool
) -> tuple[str | None, str]:
    """Base content and patch, from whole files where the patch fits its base."""
    base = change.base_content
    try:
        hunks = parse_hunks(change.patch)
        head = apply_hunks(base or "", hunks)
    except RowError:
        # The base could not be kept, or the patch is not one that we read: lines are all we have.
        fresh = None if base is None else anonymize_code(anonymizer, [base], change.language)[0]
        return fresh, _patch_lines(change.patch, anonymizer)
    new_base, new_head = anonymize_code(anonymizer, [base or "", head], change.language)
    if keep_notices:
        new_base, new_head = with_notices(base or "", new_base), with_notices(head, new_head)
    rebuilt = _rebuild(hunks, new_base, new_head, anonymizer)
    return (None if base is None else new_base), render_hunks(rebuilt)


def _rebuild(
    hunks: list[Hunk], base: str, head: str, anonymizer: "TextAnonymizer"
) -> Iterator[Hunk]:
    """The hunks with their lines taken from the anonymized files."""
    old, new = split_lines(base), split_lines(head)
    for hunk in hunks:
        # A side without lines is counted from 0, one line before where its lines would be.
        old_at = hunk.old_start - bool(hunk.side(" -"))
        new_at = hunk.new_start - bool(hunk.side(" +"))
        lines = tuple(_lines(hunk, iter(old[old_at:]), iter(new[new_at:])))
        yield replace(hunk, lines=lines, section=anonymizer.text(hunk.section))


def _lines(hunk: Hunk, old: Iterator[str], new: Iterator[str]) -> Iterator[tuple[str, str]]:
    for mark, _ in hunk.lines:
        before = next(old) if mark in " -" else None
        after = next(new) if mark in " +" else None
        if before is not None and before == after:
            yield " ", before
            continue
        # A context line that came out differently on its two sides is a change now.
        if before is not None:
            yield "-", before
        if after is not None:
            yield "+", after


def _patch_lines(patch: str, anonymizer: "TextAnonymizer") -> str:
    """Patch text with marks and hunk headers kept; all lines at once, as a key takes several."""
    marks, rests = zip(*map(_mark_and_rest, patch.split("\n")), strict=True)
    fresh = anonymizer.text("\n".join(rests)).split("\n")
    return "\n".join(map("".join, zip(marks, fresh, strict=True)))


def _mark_and_rest(line: str) -> tuple[str, str]:
    if line.startswith("@@"):
        header, mark, section = line.rpartition("@@")
        return header + mark, section
    marks = 1 if line[:1] in ("+", "-", " ") else 0
    return line[:marks], line[marks:]


def _recount(change: FileChange) -> FileChange:
    try:
        num_added, num_deleted = count_changes(parse_hunks(change.patch))
    except RowError:
        return change
    return replace(change, num_added=num_added, num_deleted=num_deleted)
