"""Forks over a whole run: never split over train and validation, dropped where that is asked."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from support import Samples, katydid

REPOS = ("brine", "lanternfish")


@pytest.fixture(scope="module")
def run_dir(
    samples: Samples, key_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """A run over a repository, a copy of it under a name that is hidden, and another one."""
    folder = tmp_path_factory.mktemp("forks")
    repos = [f"{name}={samples.folder / name}.git" for name in REPOS]
    repos.append(f"acmepay={samples.folder / 'brine'}.git")
    settings = [
        f"mine.repos={json.dumps(repos)}",
        'anonymize.deny_list=["acmepay"]',
        f"anonymize.key_file={key_file}",
        'mix.validation_repos=["acmepay"]',
    ]

    def run(stage: str, *more: str) -> Path:
        overrides = [part for value in (*settings, *more) for part in ("-s", value)]
        katydid("run", stage, *overrides, "--run-dir", folder)
        return folder

    return run


@pytest.mark.slow
def test_a_family_is_validation_as_a_whole_and_its_forks_can_be_dropped(
    run_dir: Callable[..., Path],
) -> None:
    folder = run_dir("all")
    split_of = {
        (row["repo"], row["split"])
        for path in (folder / "mix" / "documents").iterdir()
        for row in pq.read_table(path, columns=["repo", "split"]).to_pylist()
    }
    splits = dict(split_of)
    assert len(split_of) == len(splits), "a repository is in both"
    assert splits.pop("lanternfish") == "train"
    assert set(splits.values()) == {"validation"}
    run_dir("dedup", "dedup.forks=drop")
    rejected = [
        row
        for path in (folder / "dedup" / "rejected").iterdir()
        for row in pq.read_table(path).to_pylist()
        if row["reason"] == "fork"
    ]
    mined = pq.read_table(folder / "anonymize" / "source_files", columns=["repo"]).to_pylist()
    (dropped,) = {row["repo"] for row in rejected}
    (kept,) = {row["detail"] for row in rejected}
    assert {dropped, kept} == {row["repo"] for row in mined} - {"lanternfish"}
    files = [row for row in rejected if row["table"] == "source_files"]
    assert len(files) == sum(row["repo"] == dropped for row in mined)
