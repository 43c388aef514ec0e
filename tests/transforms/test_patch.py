"""`transforms.patch` against git itself: what git diffs, we parse, apply and print back."""

import difflib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import RowError
from schemas.reasons import Reason
from transforms.patch import apply_hunks, count_changes, parse_hunks, render_hunks, split_lines

LINES = st.sampled_from(
    ["", "a", "b", "def f(x):", "    return x", "-a", "+b", " ", "\\ No newline at end of file",
     "@@ -1 +1 @@", "--- a/x", "caf\u00e9 \u2028 \x0c \x85 end", "diff --git a/x b/x"]
)  # fmt: skip
ENDS = st.sampled_from(["\n", "\r\n"])
LAST_ENDS = st.sampled_from(["\n", "\r\n", ""])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Text of repeated lines with mixed line ends, with or without a newline at its end."""
    lines = draw(st.lists(st.tuples(LINES, ENDS), max_size=14))
    if not lines:
        return ""
    body = "".join(line + end for line, end in lines[:-1])
    return body + lines[-1][0] + draw(LAST_ENDS)


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    """Two texts that share lines."""
    old = split_lines(draw(texts()))
    start = draw(st.integers(0, len(old)))
    end = draw(st.integers(start, len(old)))
    new = old[:start] + split_lines(draw(texts())) + old[end:]
    return "".join(old), "".join(new)


def git_patch(folder: Path, old: str, new: str, context: int) -> str:
    """The hunks that git prints for two texts."""
    (folder / "old").write_bytes(old.encode())
    (folder / "new").write_bytes(new.encode())
    command = ["git", "diff", "--no-index", "--text", f"-U{context}", "--no-color", "old", "new"]
    output = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout.decode()
    start = output.find("\n@@ ")
    return output[start + 1 :] if start >= 0 else ""


@settings(max_examples=60, deadline=None)
@given(pair=edits(), context=st.sampled_from([0, 1, 3]))
def test_git_patches_apply_and_print_back(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[str, str], context: int
) -> None:
    old, new = pair
    patch = git_patch(tmp_path_factory.getbasetemp(), old, new, context)
    hunks = parse_hunks(patch)
    assert apply_hunks(old, hunks) == new
    assert render_hunks(hunks) == patch
    marks = [line[:1] for line in split_lines(patch) if not line.startswith("@@")]
    if "@@ -1 +1 @@" not in old + new:
        assert count_changes(hunks) == (marks.count("+"), marks.count("-"))


@given(pair=edits())
def test_reversed_patches_restore_the_old_text(pair: tuple[str, str]) -> None:
    old, new = pair
    forward = difflib.unified_diff(split_lines(old), split_lines(new))
    hunks = parse_hunks(patch_of(list(forward)[2:]))
    assert apply_hunks(old, hunks) == new
    backward = difflib.unified_diff(split_lines(new), split_lines(old))
    assert apply_hunks(new, parse_hunks(patch_of(list(backward)[2:]))) == old


def patch_of(lines: list[str]) -> str:
    """Difflib leaves the mark for a missing newline to its caller."""
    marked = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return "".join(marked)


@given(texts())
def test_lines_join_to_the_text(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines[:-1])


@pytest.mark.parametrize(
    ("base", "patch", "expected"),
    [
        ("", "@@ -0,0 +1,2 @@\n+a\n+b\n", "a\nb\n"),
        ("a\nb\n", "@@ -1,2 +0,0 @@\n-a\n-b\n", ""),
        ("a\nb\n", "@@ -1,0 +2 @@\n+x\n", "a\nx\nb\n"),
        ("a", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", "a\n"),
        ("a\n", "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n", "a"),
        ("a\r\nb\r\n", "@@ -1,2 +1,2 @@ f()\n a\r\n-b\r\n+c\r\n", "a\r\nc\r\n"),
        ("a\n\nb\n", "@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n", "a\n\nc\n"),
    ],
)
def test_edges_apply(base: str, patch: str, expected: str) -> None:
    assert apply_hunks(base, parse_hunks(patch)) == expected


@pytest.mark.parametrize(
    "patch",
    [
        "garbage\n",
        "@@ -1 +1 @@\n-a\n",
        "@@ -1 +1 @@\n*a\n+b\n",
        "@@ -1,2 +1,2 @@\n a\n-b\n+c\nmore\n",
        "@@ -1 +1,2 @@\n-a\n-b\n+c\n+d\n",
        "@@ -1 @@\n-a\n",
    ],
)
def test_malformed_patches_are_refused(patch: str) -> None:
    with pytest.raises(RowError) as error:
        parse_hunks(patch)
    assert error.value.reason is Reason.PATCH_DOES_NOT_APPLY


@pytest.mark.parametrize(
    ("base", "patch"),
    [
        ("x\n", "@@ -1 +1 @@\n-a\n+b\n"),
        ("a\n", "@@ -5 +5 @@\n-a\n+b\n"),
        ("a", "@@ -1 +1 @@\n-a\n+b\n"),
        ("a\nb\n", "@@ -2 +2 @@\n-b\n+c\n@@ -1 +1 @@\n-a\n+c\n"),
        ("a\n", "@@ -9,0 +10 @@\n+b\n"),
        ("a\n", "@@ -0 +1 @@\n-a\n+b\n"),
    ],
)
def test_patches_of_another_text_are_refused(base: str, patch: str) -> None:
    with pytest.raises(RowError) as error:
        apply_hunks(base, parse_hunks(patch))
    assert error.value.reason is Reason.PATCH_DOES_NOT_APPLY
