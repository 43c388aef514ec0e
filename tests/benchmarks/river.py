"""The whole river over real repositories: rows, reasons, cost.

    python tests/benchmarks/river.py /data/git/click.git pallets/click=/data/git/click.git ...

In: repositories as `mine.repos` takes them (default: the built samples). Out: a table per question:
what git itself says about pull requests against what was mined; rows in and out of each stage; wall
and CPU seconds, peak memory with shared pages counted once. Git is counted by plain git commands.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pipelines.inspect import show_run
from pipelines.query import run_query
from pipelines.text_table import render_table

ROOT = Path(__file__).parent.parent.parent


def count_with_git(repo: str) -> list[int]:
    """[refs/pull heads, those reachable from HEAD, merge commits of PRs, "(#N)" subjects]."""
    path = repo.rpartition("=")[2]

    def output(*arguments: str) -> list[bytes]:
        command = ["git", "--git-dir", path, *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout.splitlines()

    log = ("log", "--first-parent", "--format=%s", "HEAD")
    subjects = output(*log, "--no-merges")
    return [
        len(output("for-each-ref", "refs/pull/*/head")),
        len(output("for-each-ref", "--merged=HEAD", "refs/pull/*/head")),
        len(output(*log, "--merges", "--grep=^Merge pull request #")),
        sum(bool(re.search(rb"\(#\d+\)$", subject)) for subject in subjects),
    ]


def main(repos: list[str]) -> None:
    """Run and report."""
    with tempfile.TemporaryDirectory() as folder:
        run_dir = str(Path(folder) / "run")
        subprocess.run(
            [
                *(sys.executable, "-c", "from pipelines.cli import main; main()", "run", "all"),
                *("-s", f"mine.repos={json.dumps(repos)}", "--run-dir", run_dir),
            ],
            check=True,
        )
        heads = ["repository", "refs/pull heads", "reachable", "merge commits", "(#N) subjects"]
        print(render_table([[repo, *count_with_git(repo)] for repo in repos], heads))
        print_query(
            run_dir,
            "select repo, merge_kind, count(*) as mined from "
            "mine.pull_requests group by all order by all",
        )
        print_query(
            run_dir,
            'select stage, "table", reason, count(*) as num_rejected from '
            "rejected group by all order by all",
        )
        columns = ("stage", "read", "kept", "rejected")
        print_rows([[row[column] for column in columns] for row in show_run(run_dir)], columns)
        stages = [row["stage"] for row in show_run(run_dir)]
        metrics = [json.loads((Path(run_dir) / s / "METRICS.json").read_text()) for s in stages]
        names = ("wall_s", "cpu_s", "peak_pss_mb")
        rows = [[s, *(m[n] for n in names)] for s, m in zip(stages, metrics, strict=True)]
        totals = [round(sum(m[n] for m in metrics), 1) for n in names[:2]]
        peak = max(m["peak_pss_mb"] for m in metrics)
        print_rows([*rows, ["all", *totals, peak]], ["stage", *names])


def print_query(run_dir: str, query: str) -> None:
    columns, rows = run_query(run_dir, query)
    print_rows(rows, columns)


def print_rows(rows: Sequence[Sequence[object]], columns: Sequence[str]) -> None:
    print()
    print(render_table(rows, columns))


if __name__ == "__main__":
    main(sys.argv[1:] or sorted(map(str, (ROOT / "data_samples" / "repos").glob("*.git"))))
