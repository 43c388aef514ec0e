"""Groups and explanations of runs that no stage made: sizes, refusals, witnesses from elsewhere."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from duplicated import row_id
from finished import finish_stage
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import SOURCE_FILE
from support import katydid

from pipelines.duplicate_groups import duplicate_values
from pipelines.dups import explain_row
from schemas.errors import InputError
from schemas.ids import stable_id
from schemas.tables import Rejected

CONFIG = {
    "dedup": {"tables": ["source_files"], "threshold": 0.7, "shingles": "word", "shingle_size": 5}
}


def removed_file(
    name: str, kept: str | None, reason: str = "near_duplicate", stage: str = "dedup"
) -> Rejected:
    return Rejected(
        rejected_id=stable_id("rejected", name),
        repo="acme/shop",
        source="git",
        license="MIT",
        stage=stage,
        table="source_files",
        row_id=row_id(name),
        reason=reason,
        detail="similarity 0.8000" if reason == "near_duplicate" else "of acme/store",
        duplicate_of=row_id(kept) if kept else None,
    )


def hand_made(folder: Path, *rejected: Rejected, **stages: Rejected) -> str:
    """A run of three files: what dedup rejected of them, and a row that each other stage did."""
    ids = [row_id("here/0"), "abcdef" + "0" * 26, "abcdef" + "1" * 26]
    files = [replace(SOURCE_FILE, file_id=name) for name in ids]
    finish_stage(folder, "anonymize", {"source_files": [files], "pull_requests": [[]]})
    finish_stage(folder, "dedup", {"source_files": [files]}, rejected, CONFIG)
    for stage, row in stages.items():
        finish_stage(folder, stage, {}, [row])
    return str(folder)


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(2, 70), min_size=1, max_size=12))
def test_every_group_is_in_one_bin(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("groups")
    removed = [
        removed_file(f"{group}/{member}", f"kept/{group}")
        for group, size in enumerate(sizes)
        for member in range(1, size)
    ]
    finish_stage(folder, "anonymize", {"source_files": [[]]})
    finish_stage(folder, "dedup", {"source_files": [[]]}, removed, CONFIG)
    ((values,),) = (found["tables"] for found in duplicate_values(str(folder)))
    bins = values["histogram"]
    assert values["groups"] == len(sizes)
    assert values["removed"] == sum(sizes) - len(sizes)
    assert [(b["from"], b["to"]) for b in bins] == sorted((b["from"], b["to"]) for b in bins)
    for found in bins:
        inside = [size for size in sizes if found["from"] <= size <= found["to"]]
        assert (found["groups"], found["removed"]) == (len(inside), sum(inside) - len(inside))
        assert found["from"] == found["to"] <= 4 or found["to"] == 2 * (found["from"] - 1)


def test_a_beginning_that_two_rows_share_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"abcdef00.*abcdef11.*give more digits"):
        explain_row(hand_made(tmp_path), "abcdef")
    assert explain_row(hand_made(tmp_path), "ABCDEF0")["row"]["id"].startswith("abcdef0")


def test_a_witness_of_an_earlier_run_is_told_from_one_of_this(tmp_path: Path) -> None:
    folder = hand_made(tmp_path, removed_file("here/0", "elsewhere"))
    assert explain_row(folder, row_id("here/0"))["witness"] == {
        "id": row_id("elsewhere"),
        "is_of_earlier_run": True,
    }
    assert "which an earlier run kept" in katydid("dups", folder, row_id("here/0")).stdout
    assert "kept by an earlier run" in katydid("show", folder).stdout


def test_rows_are_compared_as_they_were_read_or_not_at_all(tmp_path: Path) -> None:
    folder = hand_made(tmp_path, removed_file("here/0", "abcdef0"))
    finish_stage(tmp_path, "anonymize", {"source_files": [[SOURCE_FILE]]})
    result = katydid("dups", folder, row_id("here/0"), check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "was made from another anonymize" in result.stderr
    shutil.rmtree(tmp_path / "anonymize")
    assert "the largest groups" in katydid("show", folder).stdout
    assert "type: katydid run dedup" in katydid("dups", folder, "abcdef", check=False).stderr


def test_what_was_recorded_otherwise_is_said(tmp_path: Path) -> None:
    """The files are byte-equal, and `rejected` says 0.8."""
    lost = replace(removed_file("here/0", None), duplicate_of="abcdef" + "0" * 26)
    page = katydid("dups", hand_made(tmp_path, lost), row_id("here/0")).stdout
    assert "similarity 1.0000" in page
    assert "rejected says 0.8000: another version of the code compared them" in page


def test_a_fork_has_no_witness(tmp_path: Path) -> None:
    folder = hand_made(tmp_path, removed_file("here/0", None, "fork"))
    page = katydid("dups", folder, row_id("here/0")).stdout
    assert "was removed by dedup: fork (of acme/store)" in page
    assert duplicate_values(folder)[0]["tables"] == []


def test_other_stages_that_rejected_the_row_are_named(tmp_path: Path) -> None:
    folder = hand_made(
        tmp_path,
        mix=removed_file("here/0", None, "long_lines", "mix"),
        mine=removed_file("never", None, "empty", "mine"),
    )
    assert "mix rejected it later: long_lines" in katydid("dups", folder, row_id("here/0")).stdout
    with pytest.raises(InputError, match=r"mine rejected source_files \w+ \(empty\)"):
        explain_row(folder, row_id("never"))


def test_a_table_that_is_left_out_is_said_to_be(tmp_path: Path) -> None:
    folder = hand_made(tmp_path)
    shutil.rmtree(tmp_path / "dedup")
    config = {"dedup": {**CONFIG["dedup"], "tables": ["pull_requests"]}}
    finish_stage(tmp_path, "dedup", {"source_files": [[]]}, (), config)
    assert not explain_row(folder, row_id("here/0"))["is_compared"]
    assert "dedup.tables leaves source_files out" in katydid("dups", folder, "abcdef0").stdout


def test_a_run_without_deduplication_says_what_to_type(tmp_path: Path) -> None:
    finish_stage(tmp_path, "anonymize", {"source_files": [[]]})
    result = katydid("dups", tmp_path, "abcdef", check=False)
    assert "type: katydid run dedup" in result.stderr
    assert json.loads(katydid("show", tmp_path, "--json").stdout)["duplicates"] == []
    assert katydid("show", tmp_path).stdout.count("\n") == 2
