"""Real histories through `mine`: pull requests by kind, losses, fidelity of squashes, cost.

    python tests/benchmarks/histories.py /data/git/click.git pallets/click=/data/git/click.git ...

In: repositories as `mine.repos` takes them. Out: five tables, a row or more per repository: pull
requests kept, by how they were merged; rejected, by reason; squash merges whose branch
(refs/pull/N/head against its merge base) changes the very files that the squash commit changes, of
all by plain git and of those kept with their branch; the causes of the others; wall and CPU
seconds, peak memory. Git is asked without any code of ours (`plain_git.py`).
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plain_git import Branch, PlainGit
from squash_causes import cause

from pipelines.query import run_query
from pipelines.run import METRICS
from pipelines.text_table import render_table

_COSTS = ("wall_s", "cpu_s", "peak_rss_mb", "peak_pss_mb")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one repository came to."""

    name: str
    num_heads: int
    kinds: Counter[tuple[str, str]]
    """(merge_kind, state) -> pull requests kept."""
    rejected: Counter[str]
    """Reason -> pull requests rejected."""
    num_squashes: int
    """Squash commits, by plain git."""
    branches: list[Branch]
    """Those that have a head, by plain git."""
    mined: dict[int, str]
    """Number -> head_commit of squash merges kept."""
    causes: Counter[str]
    cost: dict[str, float]


def main(repositories: Sequence[str]) -> None:
    """Measure one after the other, then print."""
    measured = []
    for repository in repositories:
        with tempfile.TemporaryDirectory() as folder:
            measured.append(measure(repository, Path(folder)))
        print(f"{measured[-1].name}: {measured[-1].cost['wall_s']} s", file=sys.stderr)
    for table in (kinds_table, losses_table, fidelity_table, causes_table, cost_table):
        rows, columns = table(measured)
        print(render_table(rows, columns), end="\n\n")


def measure(repository: str, folder: Path) -> Measured:
    run_dir = str(folder / "run")
    setting = f"mine.repos={json.dumps([repository])}"
    code = "from pipelines.cli import main; main()"
    command = [sys.executable, "-c", code, "run", "mine", "-s", setting, "--run-dir", run_dir]
    subprocess.run(command, check=True)
    ((name, path),) = rows_of(run_dir, "select repo, path from mine.repositories")
    plain = PlainGit(path, folder)
    squashes = plain.squashes()
    branches = plain.branches(squashes)
    kinds = rows_of(
        run_dir, "select merge_kind, state, count(*) from mine.pull_requests group by all"
    )
    reasons = rows_of(run_dir, "select reason, count(*) from mine.rejected "
                               "where \"table\" = 'pull_requests' group by all")  # fmt: skip
    mined = rows_of(run_dir, "select number, head_commit from mine.pull_requests "
                             "where merge_kind = 'squash'")  # fmt: skip
    cost = json.loads((Path(run_dir) / "mine" / METRICS).read_text())
    return Measured(
        name=name,
        num_heads=len(plain.heads()),
        kinds=Counter({(kind, state): num for kind, state, num in kinds}),
        rejected=Counter(dict(reasons)),
        num_squashes=len(squashes),
        branches=branches,
        mined=dict(mined),
        causes=Counter(cause(plain, branch) for branch in branches if not branch.is_same),
        cost={key: cost[key] for key in _COSTS},
    )


def rows_of(run_dir: str, query: str) -> list[tuple[Any, ...]]:
    _, rows = run_query(run_dir, query)
    return [tuple(row) for row in rows]


Table = tuple[list[list[Any]], list[str]]


def kinds_table(measured: Sequence[Measured]) -> Table:
    """Kept pull requests."""
    kinds = sorted({key for one in measured for key in one.kinds})
    names = [f"{kind}, {state}" for kind, state in kinds]
    rows = [
        [one.name, one.num_heads, one.kinds.total(), *(one.kinds[key] for key in kinds)]
        for one in measured
    ]
    return rows, ["repository", "refs/pull heads", "kept", *names]


def losses_table(measured: Sequence[Measured]) -> Table:
    """Rejected pull requests."""
    reasons = sorted({reason for one in measured for reason in one.rejected})
    rows = [
        [one.name, one.rejected.total(), *(one.rejected[reason] for reason in reasons)]
        for one in measured
    ]
    return rows, ["repository", "rejected", *reasons]


def fidelity_table(measured: Sequence[Measured]) -> Table:
    """Squash merges: by plain git, and of those kept.

    `mine` asks that contents fit, too: a branch of the same files may have been changed later.
    """
    return [fidelity(one) for one in measured], [
        "repository", "squashes", "with head", "same files", "%", "of all kept", "with branch",
        "of these same files", "same files, other content",
    ]  # fmt: skip


def fidelity(one: Measured) -> list[Any]:
    same = {branch.squash.number for branch in one.branches if branch.is_same}
    heads = {branch.squash.number: branch.squash.head for branch in one.branches}
    own = {branch.squash.number: branch.squash.sha for branch in one.branches}
    kept = {n: head for n, head in one.mined.items() if n in own}
    with_branch = {n for n, head in kept.items() if head == heads[n]}
    without = {n for n, head in kept.items() if n in same and head == own[n]}
    share = 100 * len(same) / max(len(one.branches), 1)
    return [one.name, one.num_squashes, len(one.branches), len(same), f"{share:.1f}",
            len(kept), len(with_branch), len(with_branch & same), len(without)]  # fmt: skip


def causes_table(measured: Sequence[Measured]) -> Table:
    """Why a branch and its squash commit change different files."""
    rows = [[one.name, num, text] for one in measured for text, num in one.causes.most_common()]
    return rows, ["repository", "squash merges", "files differ because"]


def cost_table(measured: Sequence[Measured]) -> Table:
    """PSS counts a page that processes share once."""
    return [[one.name, *one.cost.values()] for one in measured], ["repository", *_COSTS]


if __name__ == "__main__":
    main(sys.argv[1:])
