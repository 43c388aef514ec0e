"""What can go wrong in a run: kills, corruption, full disks, mistakes. Nothing is lost."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from mined import Git
from support import RUN_COMMAND, command, files_of, katydid

from pipelines.stages import STAGES
from schemas.manifest import MANIFEST

Arguments = Callable[..., list[str]]


def test_what_a_fetch_brings_is_mined(tmp_path: Path) -> None:
    """A blob that was absent makes a rejected row; when it has arrived the row is mined."""
    git = Git(tmp_path / "shop")
    git.commit("Start", cart__py="a = 1\n", LICENSE="none\n")
    blob = git.object_file("HEAD:cart.py")
    hidden = blob.rename(tmp_path / "hidden")
    arguments = ["run", "mine", "-s", f'mine.repos=["{git.folder}"]', "--run-dir", tmp_path / "run"]
    (before,) = json.loads(katydid(*arguments, "--json").stdout)
    assert before["rejected"] == {"missing_blob": 1}
    (again,) = json.loads(katydid(*arguments, "--json").stdout)
    assert again["up_to_date"], "nothing arrived, so nothing is looked for"
    hidden.rename(blob)
    (after,) = json.loads(katydid(*arguments, "--json").stdout)
    assert (after["rejected"], after["kept"]) == ({}, before["kept"] + 1)


@pytest.mark.slow
def test_ten_kills_leave_the_same_bytes(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "killed"
    chance = random.Random(0)
    num_kills = 0
    while num_kills < 10:
        process = subprocess.Popen(
            command(RUN_COMMAND, *run_arguments(run_dir)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(timeout=chance.uniform(1.0, 8.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            num_kills += 1
            continue
        # It finished between two kills: begin again.
        assert files_of(run_dir) == files_of(sample_run)
        shutil.rmtree(run_dir)
    katydid(*run_arguments(run_dir))
    assert files_of(run_dir) == files_of(sample_run)


@pytest.mark.parametrize("stage", ["mine", "dedup"])
def test_a_killed_worker_costs_a_retry_of_its_shard(
    stage: str, sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    """`dedup`: it dies while rows of all shards are brought together; its workers are threads."""
    run_dir = tmp_path / "run"
    for name in STAGES[stage].reads.values():
        shutil.copytree(sample_run / name, run_dir / name, dirs_exist_ok=True)
    process = subprocess.Popen(
        command(RUN_COMMAND, *run_arguments(run_dir, stage)),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    is_worker = _leads_a_group if STAGES[stage].has_threads else _is_of_beam
    os.kill(_wait_for_worker(process.pid, is_worker).pid, signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "doing what it left again" in said
    assert files_of(run_dir / stage) == files_of(sample_run / stage)


def _wait_for_worker(
    pid: int, is_worker: Callable[[psutil.Process], bool], timeout_s: float = 60
) -> psutil.Process:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for child in psutil.Process(pid).children(recursive=True):
            if is_worker(child):
                return child
        time.sleep(0.02)
    raise AssertionError("no Beam worker was started")


def _is_of_beam(process: psutil.Process) -> bool:
    try:
        return any("sdk_worker_main" in part for part in process.cmdline())
    except psutil.Error:
        return False


def _leads_a_group(process: psutil.Process) -> bool:
    try:
        return os.getpgid(process.pid) == process.pid
    except ProcessLookupError:
        return False


def test_a_corrupt_shard_is_one_line_that_says_what_to_type(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "run"
    shutil.copytree(sample_run, run_dir)
    shutil.rmtree(run_dir / "label")
    victim = sorted((run_dir / "decontaminate" / "pull_requests").glob("*.parquet"))[0]
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(bytes(data))
    result = katydid(*run_arguments(run_dir, "label"), check=False)
    assert result.returncode == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("katydid: ")]
    assert f"{victim.name} is corrupt" in line
    assert "katydid run decontaminate" in line
    assert not (run_dir / "label" / MANIFEST).exists()
    problems = katydid("check", run_dir, check=False)
    assert problems.returncode == 1
    assert victim.name in problems.stdout
    victim.unlink()
    katydid(*run_arguments(run_dir, "all"))
    assert files_of(run_dir) == files_of(sample_run)


def test_a_corrupt_table_that_all_workers_read_is_one_line(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "run"
    shutil.copytree(sample_run / "mine", run_dir / "mine")
    victim = next((run_dir / "mine" / "identities").glob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-8])
    result = katydid(*run_arguments(run_dir, "anonymize"), check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert f"{victim.name} is corrupt" in result.stderr


def test_check_finds_what_no_stage_wrote_and_a_card_that_is_gone(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "run"
    shutil.copytree(sample_run, run_dir)
    shard = next((run_dir / "mix" / "documents").glob("*.parquet"))
    shutil.copy(shard, shard.with_name("train-stranger.parquet"))
    (run_dir / "mix" / "README.md").unlink()
    said = katydid("check", run_dir, check=False).stdout
    assert "train-stranger.parquet: not in the manifest" in said
    assert "README.md: bytes do not match" in said
    katydid(*run_arguments(run_dir, "mix"))
    assert files_of(run_dir) == files_of(sample_run)


@pytest.mark.parametrize(
    "query", ["copy (select 1) to 'x.parquet'", "create table t as select 1", "select * from nope"]
)
def test_sql_reads_and_says_what_is_wrong(query: str, sample_run: Path) -> None:
    result = katydid("sql", sample_run, query, check=False)
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert katydid("sql", sample_run, "select 1 as x, 2 as x").stdout.split() == list("xx12")


def test_a_missing_manifest_is_one_line(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "run"
    shutil.copytree(sample_run / "mine", run_dir / "mine")
    (run_dir / "mine" / MANIFEST).unlink()
    result = katydid(*run_arguments(run_dir, "anonymize"), check=False)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "has not finished; type: katydid run mine" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "all", "--run-dir", "x", "-s", "dedup.treshold=1"], "dedup.treshold"),
        (["run", "dedupe", "--run-dir", "x"], "no stage 'dedupe'"),
        (["show", "no-such-run"], "katydid run all"),
        (["schema", "pulls"], "no table named 'pulls'"),
        (["stages", "pulls"], "no settings for 'pulls'"),
        (["run", "mine", "-c", "tests", "--run-dir", "x"], "tests"),
        (["run", "mine", "--run-dir", "s3://bucket/run"], "needs a local or mounted folder"),
        (["run", "mine", "--run-dir", "never-made"], "mine.repos"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], expected: str) -> None:
    result = katydid(*arguments, check=False)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert expected in result.stderr


def test_a_full_disk_loses_nothing(run_arguments: Arguments, tmp_path: Path) -> None:
    """A file size limit stands in for the disk: writes fail in the middle of a shard."""
    run_dir = tmp_path / "run"
    arguments = command(RUN_COMMAND, *run_arguments(run_dir, "mine"))
    limited = ["prlimit", "--fsize=20000", *arguments]
    result = subprocess.run(limited, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("katydid: ")]
    assert "File too large" in line
    assert not (run_dir / "mine" / MANIFEST).exists()
    katydid(*run_arguments(run_dir, "mine"))
    assert (run_dir / "mine" / MANIFEST).exists()
