"""Commits per CPU second, PyDriller beside us: same repository, same fields, one machine.

    pip install pydriller
    python tests/benchmarks/mining.py /data/git/click.git [rounds]

In: a repository, of which a copy is read (PyDriller writes into the configuration of what it
opens). Out: a table of cost, and one of agreement. Per commit of the default branch: hash, message,
author, parents; per changed file: old and new path, kind of change, unified diff, lines added and
deleted, the whole file before. Rounds alternate, each side in a process of its own; medians are
shown. CPU is user and system time with that of git; memory is of all processes. `git log -p` is the
lower bound: it prints the diffs and reads no file before the change. PyDriller and it give no files
of merge commits; what they cost us stands in a row of its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import psutil

from pipelines.monitor import memory_of_tree
from pipelines.text_table import render_table

_SIDES = Path(__file__).with_name("mining_sides.py")
_ORDER = ("git log -p", "katydid", "katydid, with merges", "pydriller")
_POLL_S = 0.05
Answers = Mapping[tuple[str, str], Mapping[str, Any]]
"""(commit, path) -> what a side says of the file."""


class Cost(NamedTuple):
    """What a process and all below it used."""

    cpu_s: float
    wall_s: float
    rss_mb: float
    """Pages that processes share count for each."""
    pss_mb: float
    """Pages that processes share count once."""


def main(repository: str, num_rounds: int) -> None:
    """Measure and compare."""
    if find_spec("pydriller") is None:
        raise SystemExit("PyDriller is not installed; type: pip install pydriller")
    with tempfile.TemporaryDirectory() as folder:
        path = copy_default_branch(repository, folder)
        costs: dict[str, list[Cost]] = {side: [] for side in _ORDER}
        for _ in range(num_rounds):
            for side, found in costs.items():
                found.append(measure(command(side, path)))
        num_commits = len(_git(path, "rev-list", "HEAD").splitlines())
        print_costs(costs, num_commits)
        answers = {side: read_answers(side, path, folder) for side in ("katydid", "pydriller")}
    print_agreement(answers["katydid"], answers["pydriller"])


def copy_default_branch(repository: str, folder: str) -> str:
    """A bare repository of its own over the same objects."""
    path = Path(folder) / "copy.git"
    where = _git(repository, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(path)], check=True)
    (path / "objects" / "info" / "alternates").write_bytes(where)
    head = _git(repository, "rev-parse", "HEAD").decode().strip()
    _git(str(path), "update-ref", "refs/heads/main", head)
    return str(path)


def command(side: str, path: str, answers: str = "") -> list[str]:
    if side == "git log -p":
        return ["git", "--git-dir", path, "log", "-p", "HEAD"]
    return [sys.executable, str(_SIDES), side, path, answers]


def measure(arguments: list[str]) -> Cost:
    """Run a command; its output goes nowhere."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    rss = pss = 0
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as process:
        watched = psutil.Process(process.pid)
        while True:
            try:
                status = process.wait(_POLL_S)
                break
            except subprocess.TimeoutExpired:
                memory = memory_of_tree(watched)
                rss, pss = max(rss, memory.rss), max(pss, memory.pss)
    wall_s = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if status:
        print(f"{arguments[:5]} ended with status {status}: its numbers are of a part only")
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu_s, wall_s, rss / 1e6, pss / 1e6)


def print_costs(costs: Mapping[str, list[Cost]], num_commits: int) -> None:
    """Medians over the rounds, and how many times PyDriller's commits per CPU second."""
    middle = {side: Cost(*map(median, zip(*rounds, strict=True))) for side, rounds in costs.items()}
    slow = middle["pydriller"].cpu_s
    rows = [
        [
            side,
            num_commits,
            round(num_commits / cost.cpu_s),
            f"{slow / cost.cpu_s:.1f}",
            *(round(value, 1) for value in cost),
        ]
        for side, cost in middle.items()
    ]
    print(render_table(rows, ["", "commits", "commits/CPU s", "ratio", "CPU s", "wall s",
                              "RSS MB", "PSS MB"]))  # fmt: skip


def read_answers(side: str, path: str, folder: str) -> Answers:
    """What a side says of each file."""
    answers = Path(folder) / f"{side}.jsonl"
    subprocess.run(command(side, path, str(answers)), check=True, stdout=subprocess.DEVNULL)
    rows = map(json.loads, answers.read_text().splitlines())
    return {(row["sha"], row["new_path"] or row["old_path"]): row for row in rows}


def print_agreement(ours: Answers, theirs: Answers) -> None:
    """How many files agree in each field, and what the others are."""
    both = ours.keys() & theirs.keys()
    fields = ("old_path", "new_path", "kind", "diff", "num_added", "num_deleted", "before")
    equal = Counter(name for key in both for name in fields if ours[key][name] == theirs[key][name])
    print()
    print(render_table([[name, equal[name], len(both)] for name in fields],
                       ["field", "files that agree", "of"]))  # fmt: skip
    causes = Counter(_cause(ours.get(key), theirs.get(key), fields) for key in {*ours, *theirs})
    print()
    print(render_table([[cause, num] for cause, num in sorted(causes.items())],
                       ["answer", "files"]))  # fmt: skip


def _cause(
    ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None, fields: tuple[str, ...]
) -> str:
    if theirs is None:
        return "only ours"
    if ours is None:
        return "only PyDriller's"
    names = [name for name in fields if ours[name] != theirs[name]]
    if not names:
        return "equal"
    if theirs["diff"].startswith("Binary files "):
        return "binary file: PyDriller gives git's sentence as diff, and bytes as text"
    if theirs["diff"] and not ours["diff"]:
        return "link, or text in no encoding: we give its name only"
    if not ours["diff"] and {*names} <= {"kind", "before"}:
        return "renamed or made executable only: PyDriller gives no file before"
    if not ours["diff"] and len(names) == 1:
        return "empty file added or deleted: PyDriller gives both paths"
    if names == ["before"] and theirs["before"] is None:
        return "file before not in UTF-8: PyDriller gives none"
    return f"different {', '.join(names)}"


def _git(path: str, *arguments: str) -> bytes:
    command = ["git", "-C", path, *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3)
