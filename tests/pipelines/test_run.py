"""The river: nothing lost, nothing done twice, the same bytes however the work was done."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from support import NOT_COMPARED, Samples, files_of, katydid

from pipelines.stages import STAGES
from schemas.arrow import table_schema
from schemas.folder import open_folder
from schemas.manifest import read_manifest

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
    assert results["mine"]["units_run"] == 2, "whose history it is, and its head"
    assert results["anonymize"]["units_run"] == 0
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
        assert 10 < metrics["peak_pss_mb"] <= metrics["peak_rss_mb"]


def test_the_card_counts_what_is_in_the_corpus(sample_run: Path) -> None:
    card = (sample_run / "mix" / "README.md").read_text()
    for column, form in (("capability", "| `{}` | {} |"), ("license", "| {} | {} |")):
        query = f"""
            select {column}, count(*) from (
                select {column} from read_parquet('{sample_run}/mix/documents/*.parquet')
                union all select {column} from read_parquet('{sample_run}/mix/dialogues/*.parquet')
            ) group by all
        """
        counts = duckdb.sql(query).fetchall()
        assert len(counts) >= 3
        assert all(form.format(value, number) in card for value, number in counts)
