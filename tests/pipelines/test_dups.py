"""`katydid dups` and the groups in `katydid show`: what they say is so, computed in other ways."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from duplicated import LARGE_FAMILY, document, jaccard, make_corpus, row_id, rows_by_id
from finished import finish_stage
from support import katydid

from pipelines.dups import NUM_MEMBERS, explain_row
from schemas.folder import open_folder
from schemas.manifest import read_manifest

CORPUS = make_corpus()
ROWS = rows_by_id(CORPUS)
STAGES = ("dedup", "dedup_dialogues")


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose two deduplications are done by the commands."""
    folder = tmp_path_factory.mktemp("dups") / "run"
    files, pulls = CORPUS["source_files"], CORPUS["pull_requests"]
    tables = {"source_files": [files[::2], files[1::2]], "pull_requests": [pulls]}
    finish_stage(folder, "anonymize", tables)
    finish_stage(folder, "synthesize", {"dialogues": [CORPUS["dialogues"]]})
    for stage in STAGES:
        katydid("run", stage, "--run-dir", folder, "--", "--direct_num_workers=1")
    return folder


def rejected_rows(run_dir: Path) -> list[dict[str, Any]]:
    paths = sorted(run_dir.glob("dedup*/rejected/*.parquet"))
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def similarity(one: str, other: str) -> float:
    """Of two rows by their ids, computed from sets of words."""
    table = ROWS[one][0]
    return jaccard(*(document(table, ROWS[name][1]) for name in (one, other)))


def test_what_is_said_of_every_removed_row_is_so(run_dir: Path) -> None:
    rejected = rejected_rows(run_dir)
    assert len(rejected) > LARGE_FAMILY
    for row in rejected:
        said = explain_row(str(run_dir), row["row_id"])
        witness = said["witness"]
        assert (said["outcome"], said["stage"], said["table"]) == (
            "removed",
            row["stage"],
            row["table"],
        )
        assert witness["id"] == said["group"]["kept"] == row["duplicate_of"]
        assert witness["similarity"] == similarity(row["row_id"], witness["id"])
        assert witness["similarity"] >= said["threshold"]
        assert row["detail"] in ("", f"similarity {witness['similarity']:.4f}")
        assert witness["recorded_similarity"] == pytest.approx(witness["similarity"], abs=1e-4)
        table, own = ROWS[row["row_id"]]
        assert witness["is_copy"] == (
            document(table, own) == document(table, ROWS[witness["id"]][1])
        )


def test_what_is_said_of_every_kept_row_is_so(run_dir: Path) -> None:
    named = Counter(row["duplicate_of"] for row in rejected_rows(run_dir))
    kept = set(ROWS) - {row["row_id"] for row in rejected_rows(run_dir)}
    assert set(named) < kept
    for name in kept:
        said = explain_row(str(run_dir), name, wants_all=True)
        others = said["group"]["others"]
        assert (said["outcome"], said["witness"]) == ("kept", None)
        assert said["group"]["size"] == 1 + named[name] == 1 + len(others)
        for other in others:
            assert other["similarity"] == similarity(name, other["id"])
        similarities = [other["similarity"] for other in others]
        assert similarities == sorted(similarities, reverse=True)


def test_the_others_of_a_group_are_compared_with_the_row_asked_for(run_dir: Path) -> None:
    asked = row_id("large/4")
    said = explain_row(str(run_dir), asked, wants_all=True)
    others = said["group"]["others"]
    assert said["group"]["kept"] == row_id("large/0")
    assert {other["id"] for other in others} == {
        row_id(f"large/{number}") for number in range(1, LARGE_FAMILY) if number != 4
    }
    for other in others:
        assert other["similarity"] == similarity(asked, other["id"])
        assert other["similarity_to_kept"] == similarity(row_id("large/0"), other["id"])
    assert others[0]["id"] in (row_id("large/3"), row_id("large/5"))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("licensed/1", "license"),
        ("copied/2", "tokens"),
        ("change/0", "newest"),
        ("large/5", "tokens"),
    ],
)
def test_the_field_that_decided_is_named(run_dir: Path, name: str, field: str) -> None:
    assert explain_row(str(run_dir), row_id(name))["witness"]["preferred_for"] == field


def test_of_two_copies_alike_in_all_the_id_decides(run_dir: Path) -> None:
    said = [explain_row(str(run_dir), row_id(f"copied/{number}")) for number in (0, 1)]
    (removed,) = (values for values in said if values["outcome"] == "removed")
    assert removed["witness"]["preferred_for"] == "id"
    assert removed["witness"]["is_copy"]
    assert removed["reason"] == "exact_duplicate"


def test_the_page_shows_the_evidence(run_dir: Path) -> None:
    removed = row_id("licensed/1")
    page = katydid("dups", run_dir, removed[:8]).stdout
    found = similarity(removed, row_id("licensed/0"))
    assert f"source_files {removed} was removed by dedup: near_duplicate" in page
    assert f"similarity {found:.4f}, threshold 0.7" in page
    assert "preferred for its licence: MIT before GPL-3.0-only" in page
    assert "src/licensed/1.py" in page
    assert "src/licensed/0.py" in page
    page = katydid("dups", run_dir, row_id("large/0")).stdout
    assert f"it is the best of {LARGE_FAMILY} rows" in page
    assert page.count("src/large/") == 1 + NUM_MEMBERS
    page = katydid("dups", run_dir, row_id("large/0"), "--all").stdout
    assert page.count("src/large/") == LARGE_FAMILY
    assert "no better row" in katydid("dups", run_dir, row_id("alone/0")).stdout
    said = json.loads(katydid("dups", run_dir, removed, "--json").stdout)
    assert said == explain_row(str(run_dir), removed)


def test_all_groups_together_are_all_rejected_rows(run_dir: Path) -> None:
    shown = json.loads(katydid("show", run_dir, "--json").stdout)
    rejected = {row["stage"]: row["rejected"] for row in shown["stages"]}
    assert [values["stage"] for values in shown["duplicates"]] == list(STAGES)
    for values in shown["duplicates"]:
        for table in values["tables"]:
            sizes = Counter(
                row["duplicate_of"]
                for row in rejected_rows(run_dir)
                if row["table"] == table["table"]
            )
            largest = [(row["id"], row["size"]) for row in table["largest"]]
            assert largest == [
                (name, count + 1)
                for name, count in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:5]
            ]
            assert sum(row["groups"] for row in table["histogram"]) == table["groups"] == len(sizes)
            assert sum(row["removed"] for row in table["histogram"]) == table["removed"]
        assert sum(table["removed"] for table in values["tables"]) == rejected[values["stage"]] > 0
        manifest = read_manifest(open_folder(run_dir).child(values["stage"]))
        assert values["pairs"]["documents"] == manifest.num_read
    page = katydid("show", run_dir).stdout
    assert "the largest groups" in page
    assert "src/large/0.py" in page
    assert "candidate pairs" in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc12", "give 6 to 32 of its hexadecimal digits"),
        ("src/a.py", "give 6 to 32 of its hexadecimal digits"),
        ("0" * 32, "no row whose id begins with 000"),
    ],
)
def test_an_id_that_is_none_is_one_line(run_dir: Path, text: str, expected: str) -> None:
    result = katydid("dups", run_dir, text, check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert expected in result.stderr


def test_nothing_of_mine_is_read(run_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(run_dir, folder)
    files = CORPUS["source_files"]
    raw = [replace(f, path="jane.roe@example.org") for f in files]
    finish_stage(folder, "mine", {"source_files": [raw]})
    for command in (["show"], ["show", "--json"], ["dups", row_id("large/0"), "--json"]):
        assert "jane" not in katydid(command[0], folder, *command[1:]).stdout
