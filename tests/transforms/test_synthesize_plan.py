"""Pull requests as exact edits: each names its place, and together they make the change."""

import json
import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay import NEVER, calls_of, change, only, pull_request, run

from schemas.errors import RowError
from transforms.synthesize.plan import plan_change
from transforms.synthesize.tools import find_all


@pytest.mark.parametrize("seed", range(20))
def test_random_changes_of_repetitive_files_replay(seed: int) -> None:
    """Few different lines, many places: every edit must grow, many must join."""
    rng = random.Random(seed)
    lines = [rng.choice(["a\n", "b\n", "\n", "  a\n", "ab\n"]) for _ in range(rng.randint(1, 60))]
    new = [line for line in lines if rng.random() < 0.9]
    for _ in range(rng.randint(1, 6)):
        new.insert(rng.randint(0, len(new)), rng.choice(["a\n", "c\n", "\n"]))
    old_text = "".join(lines).removesuffix("\n" if rng.random() < 0.3 else "")
    tree = {"f.txt": old_text}
    row = pull_request(change("f.txt", old_text, "".join(new)))
    dialogue = only(run([row], replace(NEVER, ambiguous_edit_rate=1.0), tree, seed))
    edits = [json.loads(c.arguments) for _, c, _ in calls_of(dialogue) if c.name == "edit_file"]
    assert all(old_text.count(edit["old_str"]) for edit in edits if edit["old_str"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["a\n", "b\n", "\n", "a\r\n", "ba\n"]), max_size=14),
    st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "a"]), max_size=14),
)
def test_edits_are_exact_and_name_their_place(old_lines: list[str], new_lines: list[str]) -> None:
    old, new = "".join(old_lines), "".join(new_lines)
    row = pull_request(change("f.py", old, new))
    if old == new:
        with pytest.raises(RowError):
            plan_change(row, NEVER, has_shell=False)
        return
    (plan,) = plan_change(row, NEVER, has_shell=False)
    text, last_line = old, 0
    for edit in plan.edits:
        assert edit.first_line > last_line or not old
        last_line = edit.last_line
        if edit.short_old_str:
            assert len(find_all(text, edit.short_old_str)) > 1
        assert len(find_all(text, edit.old_str)) == 1 or not old
        text = text.replace(edit.old_str, edit.new_str, 1)
    assert text == new


def test_an_edit_among_identical_lines_is_found_in_linear_time() -> None:
    base = "a\n" * 100_000
    patch = "@@ -50000,0 +50001 @@\n+b\n"
    row = pull_request(change("f.txt", "", "", patch=patch, base_content=base))
    started = time.monotonic()
    with pytest.raises(RowError, match="longer than an observation"):
        plan_change(row, NEVER, has_shell=False)
    assert time.monotonic() - started < 5


def test_an_edit_grows_to_the_fewest_lines_that_occur_once() -> None:
    base = "".join(f"{number}\n" for number in [*range(50), *range(50), 99])
    (plan,) = plan_change(
        pull_request(change("f.txt", base, base + "100\n")), NEVER, has_shell=False
    )
    assert [edit.old_str for edit in plan.edits] == ["99\n"]
    patch = "@@ -61 +61 @@\n-10\n+ten\n"
    row = pull_request(change("f.txt", "", "", patch=patch, base_content=base))
    (plan,) = plan_change(row, NEVER, has_shell=False)
    (edit,) = plan.edits
    # Up to the 49 that is not followed by a 0, or the 0 that follows a 49.
    assert edit.old_str == "".join(f"{n}\n" for n in [49, *range(21)])


def test_far_too_many_hunks_are_refused_before_they_are_planned() -> None:
    numbers = range(1, 150_000, 8)
    base = "".join(f"l{number}\n" for number in range(1, 150_001))
    patch = "".join(f"@@ -{n} +{n} @@\n-l{n}\n+b\n" for n in numbers)
    row = pull_request(change("f.txt", "", "", patch=patch, base_content=base))
    started = time.monotonic()
    with pytest.raises(RowError, match=f"{len(numbers)} hunks in a file"):
        plan_change(row, NEVER, has_shell=False)
    assert time.monotonic() - started < 5
