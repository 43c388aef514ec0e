"""What the next day costs. In: a repository, days. Out: units, wall and CPU of runs.

    python tests/benchmarks/daily.py /data/git/loki.git 1 7 30

A copy of the repository (hard links) is set back to its state some days before its last commit and
mined; then it gets its present refs and is mined again into the same run. The last line is a third
run, with nothing new.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipelines.text_table import render_table

DAY_S = 86_400


def git(path: Path, *arguments: str, stdin: str = "") -> str:
    """What a git command prints."""
    command = ["git", "--git-dir", str(path), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True).stdout


def times_of(path: Path) -> dict[str, tuple[str, int]]:
    """Ref -> commit and its time in seconds since 1970."""
    form = "--format=%(refname) %(objectname) %(committerdate:unix)"
    lines = (line.split(" ") for line in git(path, "for-each-ref", form).splitlines())
    return {line[0]: (line[1], int(line[2])) for line in lines if len(line) == 3 and line[2]}


def set_refs(path: Path, branch: str, days: int) -> str:
    """Move a copy's refs back; the commands that bring them to the present again."""
    refs = times_of(path)
    last = refs[branch][1]
    older = f"--before={last - days * DAY_S}"
    old = git(path, "rev-list", "-1", "--first-parent", older, branch).strip()
    back, forth = [f"update {branch} {old}"], [f"update {branch} {refs[branch][0]}"]
    for name, (sha, time_s) in refs.items():
        if name.startswith("refs/pull/") and time_s > last - days * DAY_S:
            back.append(f"delete {name}")
            forth.append(f"update {name} {sha}")
    git(path, "update-ref", "--stdin", stdin="\n".join(back) + "\n")
    return "\n".join(forth) + "\n"


def mine(path: Path, run_dir: Path) -> list[object]:
    """[units run, wall seconds, CPU seconds of the command and all processes below it]."""
    start_s, start_cpu_s = time.monotonic(), cpu_of_children()
    command = (sys.executable, "-c", "from pipelines.cli import main; main()", "run", "mine")
    settings = ("-s", f"mine.repos={json.dumps([f'repo={path}'])}", "--run-dir", str(run_dir))
    output = subprocess.run([*command, *settings, "--json"], check=True, capture_output=True)
    (values,) = json.loads(output.stdout)
    wall_s, cpu_s = time.monotonic() - start_s, cpu_of_children() - start_cpu_s
    if values["units_run"]:
        # Workers are not reaped by the command; the stage's own count has them.
        cpu_s = json.loads((run_dir / "mine" / "METRICS.json").read_text())["cpu_s"]
    return [values["units_run"], round(wall_s, 1), round(cpu_s, 1)]


def cpu_of_children() -> float:
    """Seconds of processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(source: Path, all_days: list[int]) -> None:
    """Measure and print."""
    rows = []
    for days in all_days:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "copy.git"
            subprocess.run(["cp", "-al", str(source), str(path)], check=True)
            branch = git(path, "symbolic-ref", "HEAD").strip()
            forth = set_refs(path, branch, days)
            run_dir = Path(folder) / "run"
            rows.append([f"all but {days} days", *mine(path, run_dir)])
            git(path, "update-ref", "--stdin", stdin=forth)
            rows.append([f"{days} days", *mine(path, run_dir)])
            rows.append(["nothing new", *mine(path, run_dir)])
    print(render_table(rows, ["what is new", "units run", "wall s", "cpu s"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), [int(days) for days in sys.argv[2:]] or [1])
