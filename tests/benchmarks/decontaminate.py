"""How many planted copies of benchmark patches are found, and how many innocent rows are rejected.

    python tests/benchmarks/decontaminate.py click.git requests.git --innocent httpx.git tornado.git

Clones are mined as the product does. Of the first repositories, half of the pull requests that
change code and tests (as SWE-bench collects) become a list in SWE-bench's format; each is planted
in five kinds (`decontaminate_plants`). The other half, all other pull requests, and all rows of the
innocent repositories are what must stay. Beside it the rule of datatrove and lm-eval: any 13 words
in a row. Half of the instances are for development; thresholds were set on that half. An instance
is substantial when it brings in five new lines of code.
"""

import argparse
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from decontaminate_plants import KINDS, lines_of, plants
from shares import share

from pipelines.mine.config import MineConfig
from pipelines.mine.plan import plan_mining
from pipelines.mine.shards import read_shard
from pipelines.text_table import render_table
from schemas.arrow import to_batch
from schemas.tables import TABLES, PullRequest, Rejected
from transforms.decontaminate.benchmarks import read_benchmarks
from transforms.decontaminate.config import DecontaminateConfig
from transforms.decontaminate.rows import Decontaminate

PARTS = ("development", "test")
_WORDS = re.compile(r"\w+")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repos", nargs="+", type=Path)
    parser.add_argument("--innocent", nargs="*", type=Path, default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=PARTS, help="only these instances")
    parser.add_argument("--show", action="store_true", help="list the rejected rows")
    parser.add_argument("--set", action="append", default=[], help="field=number of the settings")
    arguments = parser.parse_args()
    settings = {name: float(value) for name, _, value in (s.partition("=") for s in arguments.set)}
    config = {key: int(value) if value >= 2 else value for key, value in settings.items()}
    rng = random.Random(arguments.seed)
    mined = [mine(path) for path in arguments.repos]
    clean = [mine(path) for path in arguments.innocent]
    instances, others = [], []
    for rows in mined:
        chosen = choose(rows["pull_requests"], rng)
        instances += chosen
        ids = {row.pr_id for row in chosen}
        others += [row for row in rows["pull_requests"] if row.pr_id not in ids]
    rng.shuffle(instances)
    half = len(instances) // 2
    print(f"{len(instances)} instances of {len(mined)} repositories, {len(others)} other changes\n")
    for part, chosen in zip(PARTS, (instances[:half], instances[half:]), strict=True):
        if arguments.part in (None, part):
            measure(part, chosen, instances, rng, config)
    innocents(instances, others, mined, clean, config, arguments.show)


def mine(path: Path) -> dict[str, list[Any]]:
    """Pull requests and source files of a clone."""
    name = path.parent.name.replace("+", "/") if path.name == "repo" else path.stem
    config = MineConfig(repos=(f"{name}={path}",))
    rows: dict[str, list[Any]] = {"pull_requests": [], "source_files": []}
    for shard in plan_mining(config).shards:
        if shard.table in rows:
            for outcome in read_shard(shard, config):
                rows[shard.table] += outcome.kept
    return rows


def choose(rows: Sequence[PullRequest], rng: random.Random) -> list[PullRequest]:
    """Half of those that change Python code and tests."""
    wanted = [
        row
        for row in rows
        if row.number is not None
        and {True, False}
        <= {f.is_test for f in row.files if f.path.endswith(".py") and f.num_added}
    ]
    return rng.sample(wanted, len(wanted) // 2)


def write_list(rows: Sequence[PullRequest], path: Path) -> None:
    """A list as SWE-bench publishes it."""
    with path.open("w") as file:
        for row in rows:
            gold, test = (
                "".join(_diff(f.path, f.patch) for f in row.files if f.is_test == is_test)
                for is_test in (False, True)
            )
            instance = {
                "repo": row.repo,
                "instance_id": f"{row.repo.replace('/', '__')}-{row.number}",
                "base_commit": row.base_commit,
                "patch": gold,
                "test_patch": test,
                "problem_statement": row.body,
            }
            file.write(json.dumps(instance) + "\n")


def _diff(path: str, patch: str) -> str:
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{patch}" if patch else ""


def stage_of(rows: Sequence[PullRequest], config: dict[str, Any]) -> Decontaminate:
    """The stage with a list of these rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pretended.jsonl"
        write_list(rows, path)
        settings = DecontaminateConfig(lists=(str(path),), **config)
        stage = Decontaminate(settings, read_benchmarks(settings.lists), str, str)
    stage.open()
    return stage


def run(stage: Decontaminate, table: str, rows: Iterable[Any]) -> list[Rejected]:
    """The rejected rows."""
    rows = list(rows)
    rejected = []
    for start in range(0, len(rows), 64):
        batch = to_batch(TABLES[table], rows[start : start + 64])
        rejected += stage.apply(table, batch).rejected
    return rejected


def measure(
    part: str,
    chosen: Sequence[PullRequest],
    instances: Sequence[PullRequest],
    rng: random.Random,
    config: dict[str, Any],
) -> None:
    """Print the recall of each kind, ours and the peer's."""
    stage, peer = stage_of(instances, config), Overlap(instances)
    planted: dict[str, list[PullRequest]] = {kind: [] for kind in KINDS}
    for row in chosen:
        for kind, plant in plants(row, rng).items():
            planted[kind].append(plant)
    substantial = {row.pr_id for row in chosen if num_new_lines(row) >= 5}
    table = []
    for kind, rows in planted.items():
        rejected = run(stage, "pull_requests", rows)
        ids = {row.row_id for row in rejected}
        large = [row for row in rows if row.pr_id.partition("|")[2] in substantial]
        right = sum(row.row_id.partition("|")[2] in _ids(row, chosen) for row in rejected)
        table.append(
            {
                "planted": kind,
                "rows": len(rows),
                "found": share(len(rejected), len(rows)),
                "right instance": right,
                "found of substantial": share(sum(r.pr_id in ids for r in large), len(large)),
                "any 13 words": share(sum(map(peer.is_in, rows)), len(rows)),
            }
        )
    print(f"{part}: recall with 95 % interval\n{_rendered(table)}\n")


def num_new_lines(row: PullRequest) -> int:
    """Distinct lines of code that a change adds and does not remove, of four characters or more."""
    lines = [line for f in row.files if not f.is_documentation for line in lines_of(f.patch)]
    sides = {mark: {text.strip() for m, text in lines if m == mark} for mark in "+-"}
    return sum(len(text) > 3 for text in sides["+"] - sides["-"])


def _ids(row: Rejected, chosen: Sequence[PullRequest]) -> set[str]:
    named = {f"{one.repo.replace('/', '__')}-{one.number}": one.pr_id for one in chosen}
    return {pr_id for name, pr_id in named.items() if f" {name}, " in row.detail}


def innocents(
    instances: Sequence[PullRequest],
    others: Sequence[PullRequest],
    mined: Sequence[dict[str, list[Any]]],
    clean: Sequence[dict[str, list[Any]]],
    config: dict[str, Any],
    show: bool,
) -> None:
    """Print what is rejected among rows that are no plant, by reason."""
    stage, peer = stage_of(instances, config), Overlap(instances)
    table = []
    groups = [("other pull requests, same repositories", "pull_requests", list(others))]
    groups.append(
        (
            "files, same repositories",
            "source_files",
            [f for rows in mined for f in rows["source_files"]],
        )
    )
    for name in ("pull_requests", "source_files"):
        rows = [row for repo in clean for row in repo[name]]
        groups.append((f"{name}, innocent repositories", name, rows))
    for what, name, rows in groups:
        num_bytes = sum(map(_num_bytes, rows))
        started = time.perf_counter()
        rejected = run(stage, name, rows)
        wall = time.perf_counter() - started
        by_rule = Counter(_rule(row.detail) for row in rejected)
        num_peer = sum(map(peer.is_in, rows)) if name == "pull_requests" else "-"
        table.append(
            {"rows": what, "number": len(rows), "rejected": len(rejected)}
            | {rule: by_rule[rule] for rule in ("commit", "patch", "renamed", "small", "text")}
            | {"any 13 words": num_peer, "MB": round(num_bytes / 1e6, 1)}
            | {"MB/s": round(num_bytes / 1e6 / max(wall, 1e-9), 1)}
        )
        if show:
            names = {getattr(row, "pr_id", getattr(row, "file_id", "")): row for row in rows}
            for row in sorted(rejected, key=lambda row: row.detail):
                source = names[row.row_id]
                label = (
                    f"#{source.number} {source.title}" if name == "pull_requests" else source.path
                )
                print(f"  {row.repo} {label[:60]} | {row.detail}")
    print(_rendered(table))


def _rendered(table: Sequence[dict[str, Any]]) -> str:
    return render_table([list(row.values()) for row in table], list(table[0]))


def _rule(detail: str) -> str:
    for word, rule in (
        ("commit", "commit"), ("other names", "renamed"), ("same repository", "small"),
        ("containment", "patch"), ("runs of", "text"),
    ):  # fmt: skip
        if word in detail:
            return rule
    return "number"


def _num_bytes(row: Any) -> int:
    if not isinstance(row, PullRequest):
        return int(row.num_bytes)
    return sum(len(f.patch.encode()) + len((f.base_content or "").encode()) for f in row.files)


class Overlap:
    """A row is contaminated when any 13 words in a row are a benchmark's, as peers do it."""

    def __init__(self, instances: Iterable[PullRequest]) -> None:
        self._runs = {run for row in instances for run in self._runs_of(row)}

    def is_in(self, row: PullRequest) -> bool:
        """Whether a row shares one run of words with the benchmark."""
        return any(run in self._runs for run in self._runs_of(row))

    def _runs_of(self, row: PullRequest) -> Iterable[tuple[str, ...]]:
        for file in row.files:
            added = "\n".join(text for mark, text in lines_of(file.patch) if mark == "+")
            words = _WORDS.findall(added.lower())
            yield from zip(*(words[start:] for start in range(13)), strict=False)


if __name__ == "__main__":
    main()
