"""Copies of a benchmark's patch are found whatever was done to them; others are not."""

import keyword
import re
from pathlib import Path

import pytest
from benchmark_lists import GOLD, TEST, hunk_of, instance, patch_of, read_one
from hypothesis import given
from hypothesis import strategies as st

from transforms.decontaminate.config import DecontaminateConfig
from transforms.decontaminate.patch_index import PatchIndex, PatchMatch
from transforms.decontaminate.patches import read_patch
from transforms.decontaminate.small_patches import SmallPatches

INNOCENT = """\
def parse_header(lines, limit):
    found = {}
    for number, line in enumerate(lines):
        name, colon, value = line.partition(":")
        if not colon or number > limit:
            raise ValueError(name)
        found.setdefault(name.lower(), []).append(value.strip())
    return found
"""
WRAPPED = """\
def settle(
   order,
   rates,
):
   total = sum(
      line.price * line.count
      for line in order.lines
   )
   discount = rates.get(order.customer, 0,)
   if (
      discount
      and total > order.minimum
   ):
      total -= round(total * discount, 2)
   for fee in order.fees:
      if fee.kind == 'express':
         total += fee.amount
   return max(total, 0)
"""
ADAPTED = GOLD.replace("rates.get(", "rates.lookup(").replace("    for fee in order.fees:\n", "")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> PatchIndex:
    return made(tmp_path_factory.mktemp("list"))


def made(folder: Path, **fields: str) -> PatchIndex:
    return PatchIndex(read_one(folder, instance(**fields)).instances, DecontaminateConfig())


def match(index: PatchIndex, *patches: str, repo: str = "fork/copy") -> PatchMatch | None:
    return index.match([file for patch in patches for file in read_patch(patch)], repo)


def renamed(code: str) -> str:
    def fresh(word: re.Match[str]) -> str:
        kept = keyword.iskeyword(word[0]) or word[0] in ("sum", "max", "round", "express")
        return word[0] if kept else f"{word[0][::-1]}_x"

    return re.sub(r"[A-Za-z_]\w*", fresh, code)


@pytest.mark.parametrize(
    ("copy", "is_renamed"),
    [(GOLD, False), (WRAPPED, False), (ADAPTED, False), (renamed(GOLD), True), (TEST, False)],
)
def test_a_copy_is_found_among_other_changes(
    index: PatchIndex, copy: str, is_renamed: bool
) -> None:
    found = match(index, hunk_of(INNOCENT), hunk_of("y = 3\n" + copy + INNOCENT, "y = 1\n"))
    assert found is not None
    assert found.instance.instance_id == "acme__shop-41"
    assert found.is_renamed == is_renamed
    assert ("under other names" in found.detail) == is_renamed


@pytest.mark.parametrize("code", [INNOCENT, INNOCENT * 50, "", "x = 1\n", GOLD[:80]])
def test_other_changes_are_not(index: PatchIndex, code: str) -> None:
    assert match(index, hunk_of(code)) is None


def test_lines_that_a_change_only_moves_are_not_brought_in(index: PatchIndex) -> None:
    assert match(index, hunk_of(GOLD, removed=GOLD)) is None
    assert match(index, hunk_of("", removed=GOLD)) is None


def test_most_of_a_small_patch_is_enough_only_where_the_repository_is_the_same(
    index: PatchIndex,
) -> None:
    half = hunk_of("".join(TEST.splitlines(keepends=True)[1:3]))
    assert match(index, half, repo="acme/shop") is not None
    assert match(index, half) is None


def test_prose_beside_code_says_nothing(tmp_path: Path) -> None:
    news = "".join(f"Fixed the {word} of discounts that were never taken.\n" for word in "abcdefgh")
    patch = patch_of(GOLD) + patch_of(news * 9, path="CHANGES.md")
    index = made(tmp_path, patch=patch, test_patch="")
    assert match(index, hunk_of(news * 9)) is None
    found = match(index, hunk_of(GOLD))
    assert found is not None
    assert found.share == 1.0


def test_what_many_instances_share_counts_for_none(tmp_path: Path) -> None:
    licence = "".join(f"# Licence line {word} of many words to be kept\n" for word in "abcdefghij")
    rows = [
        instance(instance_id=f"a__b-{n}", test_patch="", patch=patch_of(f"{licence}x{n} = {n}\n"))
        for n in range(40)
    ]
    index = PatchIndex(read_one(tmp_path, *rows).instances, DecontaminateConfig())
    assert match(index, hunk_of(licence)) is None


def test_a_file_holds_a_patch_in_runs_between_its_own_lines(index: PatchIndex) -> None:
    found = index.match_file(INNOCENT + GOLD + INNOCENT, "acme/shop")
    assert found is not None
    assert found.share == 1.0
    assert index.match_file(INNOCENT + GOLD, "other/shop") is None
    assert index.match_file(INNOCENT + GOLD, None) is not None
    assert index.match_file(INNOCENT, None) is None


def test_a_small_patch_is_found_whole_in_its_own_repository(tmp_path: Path) -> None:
    small = patch_of("retries = limit + 1\n", "retries = limit\n")
    patches = made(tmp_path, patch=small, test_patch="")
    assert match(patches, small) is None
    index = SmallPatches(patches.small)
    reformatted = read_patch(hunk_of("retries=(limit + 1)\n", "retries =  limit\n"))
    assert index.match(reformatted, "acme/shop") is not None
    assert index.match(reformatted, "shop") is not None
    assert index.match(reformatted, "fork/shop") is None
    other = read_patch(hunk_of("retries = limit + 1\n", "retries = 2\n"))
    assert index.match(other, "acme/shop") is None


def test_what_is_too_small_is_counted(tmp_path: Path) -> None:
    patches = made(tmp_path, patch=patch_of("x = 1\n"), test_patch="")
    assert SmallPatches(patches.small).num_unusable == 1


LINES = st.lists(st.sampled_from(["def f(a):", "    return a", "", "x = '\u00e9'", "- y", "+ z"]))


@given(removed=LINES, added=LINES)
def test_a_hunk_is_read_as_it_was_written(removed: list[str], added: list[str]) -> None:
    old, new = ("".join(f"{line}\n" for line in lines) for lines in (removed, added))
    files = read_patch(patch_of(new, old))
    assert "".join(file.removed for file in files) == old
    assert "".join(file.added for file in files) == new


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    read_patch(text)
    read_patch("@@ -1,9 +1,9 @@\n" + text)


@given(text=st.text(), code=st.text())
def test_no_text_stops_the_comparison(index: PatchIndex, text: str, code: str) -> None:
    match(index, hunk_of(text, code))
    index.match_file(text + "\0" + code, None)


@given(st.permutations([GOLD, INNOCENT, TEST, "x = 1\n", "\0\n"]))
def test_the_order_of_files_does_not_matter(index: PatchIndex, codes: list[str]) -> None:
    found = match(index, *map(hunk_of, codes))
    assert found is not None
    assert (found.kind, found.share) == ("gold", 1.0)
