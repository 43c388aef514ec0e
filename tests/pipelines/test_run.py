"""The river: nothing lost, nothing done twice, the same bytes however the work was done."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import psutil
import pyarrow.parquet as pq
import pytest

from pipelines.stages import STAGES
from schemas.arrow import table_schema
from schemas.folder import open_folder
from schemas.manifest import MANIFEST, read_manifest
from support import NOT_COMPARED, RUN_COMMAND, Samples, command, files_of, katydid

Arguments = Callable[..., list[str]]


def test_every_row_is_kept_or_rejected_with_a_reason(sample_run: Path) -> None:
    for name in STAGES:
        manifest = read_manifest(open_folder(sample_run).child(name))
        assert manifest.num_read == manifest.num_kept + sum(manifest.rejected.values())
        kept = [s.num_rows for t in set(STAGES[name].writes.values()) for s in manifest.shards(t)]
        assert sum(kept) == manifest.num_kept
        rejected = [shard.num_rows for shard in manifest.shards("rejected")]
        assert sum(rejected) == sum(manifest.rejected.values())
        assert manifest.num_kept > 0


def test_each_stage_reads_what_the_one_before_kept(sample_run: Path) -> None:
    run = open_folder(sample_run)
    manifests = {name: read_manifest(run.child(name)) for name in STAGES}
    for name, stage in STAGES.items():
        for table, source in stage.reads.items():
            read = sum(r.num_read for r in manifests[name].receipts if r.table == table)
            assert read == sum(shard.num_rows for shard in manifests[source].shards(table))


def test_shards_have_the_schema_of_their_table(sample_run: Path) -> None:
    paths = sorted(sample_run.glob("*/*/*.parquet"))
    assert paths
    for path in paths:
        assert pq.read_schema(path).equals(table_schema(path.parent.name)), path


def test_a_second_run_is_up_to_date(sample_run: Path, run_arguments: Arguments) -> None:
    before = {path: path.stat().st_mtime_ns for path in sample_run.rglob("*")}
    result = katydid(*run_arguments(sample_run), "--json")
    assert all(stage["up_to_date"] for stage in json.loads(result.stdout))
    assert before == {path: path.stat().st_mtime_ns for path in sample_run.rglob("*")}


def test_a_change_that_changes_no_row_leaves_a_run_that_checks(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "run"
    shutil.copytree(sample_run, run_dir)
    results = json.loads(
        katydid(*run_arguments(run_dir), "-s", "mine.max_files=101", "--json").stdout
    )
    assert {result["stage"]: result["units_run"] for result in results if result["units_run"]} == {
        "mine": len(list((run_dir / "mine" / "_receipts").iterdir()))
    }
    katydid("check", run_dir)


def test_a_day_costs_what_the_day_brought(samples: Samples, key_file: Path, tmp_path: Path) -> None:
    """A commit by somebody known in one of two repositories: the other one is not done again."""
    repos = [tmp_path / name for name in ("brine.git", "marrow.git")]
    for repo in repos:
        shutil.copytree(samples.folder / repo.name, repo)
    settings = [f"mine.repos=[{', '.join(json.dumps(str(repo)) for repo in repos)}]"]
    settings += [f"anonymize.key_file={key_file}"]
    arguments = ["run", "all", *(part for setting in settings for part in ("-s", setting))]
    arguments += ["--run-dir", str(tmp_path / "run"), "--json"]
    katydid(*arguments)
    _commit_again(repos[0])
    results = {result["stage"]: result for result in json.loads(katydid(*arguments).stdout)}
    assert results["anonymize"]["units_run"] == 1
    assert results["synthesize"]["units_run"] == 0
    katydid("check", tmp_path / "run")


def _commit_again(repo: Path) -> None:
    """The head commit's author commits the head's tree once more."""

    def git(*arguments: str) -> str:
        command = ["git", "--git-dir", str(repo), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    name, email = git("log", "-1", "--format=%an%n%ae").splitlines()
    who = ("-c", f"user.name={name}", "-c", f"user.email={email}")
    sha = git(*who, "commit-tree", "-p", "HEAD", "-m", "Again", "HEAD^{tree}")
    git("update-ref", "HEAD", sha)


def test_what_a_fetch_brings_is_mined(samples: Samples, key_file: Path, tmp_path: Path) -> None:
    """A blob that was absent makes a rejected row; when it has arrived the row is mined."""
    repo = tmp_path / "brine"
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", str(samples.folder / "brine.git"), str(repo)],
        check=True,
    )
    unpack = "git -C {0} unpack-objects -q < {1}"
    packs = list((repo / "objects" / "pack").glob("*.pack"))
    moved = [shutil.move(pack, tmp_path / pack.name) for pack in packs]
    for pack in moved:
        subprocess.run(unpack.format(repo, pack), shell=True, check=True)
    listing = subprocess.run(
        ["git", "-C", str(repo), "rev-parse", "HEAD:brine/store.py"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    sha = listing.stdout.strip()
    blob = repo / "objects" / sha[:2] / sha[2:]
    hidden = shutil.move(blob, tmp_path / "hidden")
    arguments = ["run", "mine", "-s", f'mine.repos=["{repo}"]', "--run-dir", str(tmp_path / "run")]
    (before,) = json.loads(katydid(*arguments, "--json").stdout)
    assert before["rejected"]["missing_blob"] >= 1
    shutil.move(hidden, blob)
    (after,) = json.loads(katydid(*arguments, "--json").stdout)
    assert "missing_blob" not in after["rejected"]
    assert after["kept"] == before["kept"] + before["rejected"]["missing_blob"]


def test_one_worker_gives_the_same_bytes_as_two(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "one"
    options = ["--direct_num_workers=1", "--direct_running_mode=in_memory"]
    katydid(*run_arguments(run_dir, options=options))
    assert files_of(run_dir) == files_of(sample_run)


def test_only_what_a_change_touches_is_done_again(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "run"
    shutil.copytree(sample_run, run_dir)
    victim = next((run_dir / "label" / "pull_requests").glob("*.parquet"))
    content = victim.read_bytes()
    victim.unlink()
    (result,) = json.loads(katydid(*run_arguments(run_dir, "label"), "--json").stdout)
    assert (result["up_to_date"], result["units_run"]) == (False, 1)
    assert victim.read_bytes() == content
    (changed,) = json.loads(
        katydid(
            *run_arguments(run_dir, "label"), "-s", "label.min_confidence=0.99", "--json"
        ).stdout
    )
    assert changed["units_run"] == len(list((run_dir / "label" / "pull_requests").iterdir()))


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
    """`dedup`: the worker dies while rows of all shards are brought together."""
    run_dir = tmp_path / "run"
    for name in STAGES[stage].reads.values():
        shutil.copytree(sample_run / name, run_dir / name, dirs_exist_ok=True)
    process = subprocess.Popen(
        command(RUN_COMMAND, *run_arguments(run_dir, stage)),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    os.kill(_wait_for_worker(process.pid).pid, signal.SIGKILL)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "doing what it left again" in said
    assert files_of(run_dir / stage) == files_of(sample_run / stage)


def _wait_for_worker(pid: int, timeout_s: float = 60) -> psutil.Process:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for child in psutil.Process(pid).children(recursive=True):
            if any("sdk_worker_main" in part for part in _command_line(child)):
                return child
        time.sleep(0.02)
    raise AssertionError("no Beam worker was started")


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_corrupt_shard_is_one_line_that_says_what_to_type(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "run"
    shutil.copytree(sample_run, run_dir)
    shutil.rmtree(run_dir / "label")
    victim = sorted((run_dir / "dedup" / "pull_requests").glob("*.parquet"))[0]
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(bytes(data))
    result = katydid(*run_arguments(run_dir, "label"), check=False)
    assert result.returncode == 1
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("katydid: ")]
    assert f"{victim.name} is corrupt" in line
    assert "katydid run dedup" in line
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
        (["stages", "pulls"], "no stage 'pulls'"),
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


def test_duckdb_and_datasets_read_the_corpus_without_our_code(
    sample_run: Path, tmp_path: Path
) -> None:
    from datasets import load_dataset

    num_rows = duckdb.sql(
        f"select count(*) from read_parquet('{sample_run}/mix/documents/*.parquet')"
    ).fetchall()[0][0]
    splits = load_dataset(str(sample_run / "mix"), "documents", cache_dir=str(tmp_path))
    assert sum(len(split) for split in splits.values()) == num_rows > 0
    assert set(splits) == {"train", "validation"}
    dialogues = load_dataset(str(sample_run / "mix"), "dialogues", cache_dir=str(tmp_path))
    assert dialogues["train"][0]["messages"][0]["role"] == "system"


def test_no_repository_stands_on_both_sides_of_the_split(sample_run: Path) -> None:
    query = f"""
        select repo from (
            select repo, split from read_parquet('{sample_run}/mix/documents/*.parquet')
            union select repo, split from read_parquet('{sample_run}/mix/dialogues/*.parquet')
        ) group by repo having count(distinct split) > 1
    """
    assert duckdb.sql(query).fetchall() == []


def test_any_portable_runner_can_do_a_stage(
    sample_run: Path, run_arguments: Arguments, tmp_path: Path
) -> None:
    run_dir = tmp_path / "run"
    for name in ("mine", "anonymize"):
        shutil.copytree(sample_run / name, run_dir / name)
    options = ["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"]
    katydid(*run_arguments(run_dir, "dedup", options=options))
    assert files_of(run_dir / "dedup") == files_of(sample_run / "dedup")


def test_metrics_are_measured_and_not_compared(sample_run: Path) -> None:
    for path in sample_run.glob("*/METRICS.json"):
        metrics = json.loads(path.read_text())
        assert path.name in NOT_COMPARED
        assert metrics["wall_s"] > 0
        assert metrics["cpu_s"] > 0
        assert metrics["peak_rss_mb"] > 10
