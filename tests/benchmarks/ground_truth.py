"""Precision and recall of what `mine` says of pull requests, where the truth is known.

    python tests/benchmarks/ground_truth.py                       repositories made from a seed
    python tests/benchmarks/ground_truth.py /data/git/click.git   a real history, replayed by rebase

In: nothing, or repositories whose pull requests were merged by merge commits. Out: a table by kind
and one by scenario; for a real history one by outcome, with `git patch-id` beside it.
A wrong claim costs precision; a state left "unknown" costs recall.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from pipelines.text_table import render_table

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from mined import mine  # noqa: E402  (from the folder above)
from rebased_copy import RebasedPull, copy_rebased  # noqa: E402
from rebuilt import Verdict, judge, rebuild  # noqa: E402

_RUNS = ((1, 40), (2, 40), (3, 150), (4, 600))
_NUM_REPLAYED = 200
_KINDS = ("merge", "squash", "rebase", "by hand")


def main(repositories: Sequence[str]) -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        if repositories:
            rows = [row for path in repositories for row in replay(Path(path), Path(folder))]
            heads = ["repository", "pull requests", "number", "said to be rebased",
                     "all patch-ids on main", "with the right commit"]  # fmt: skip
            print(render_table(rows, heads))
            return
        verdicts: list[Verdict] = []
        for seed, num_pulls in _RUNS:
            verdicts += measure(Path(folder), seed, num_pulls)
    print_by_kind(verdicts)
    print_by_scenario(verdicts)


def measure(folder: Path, seed: int, num_pulls: int) -> list[Verdict]:
    """Make a repository, mine it, judge."""
    path = folder / f"seed-{seed}" / "shop.git"
    path.parent.mkdir()
    known = rebuild(path, seed=seed, num_pulls=num_pulls)
    start = time.perf_counter()
    rows = mine(path, include_unmerged=True)["pull_requests"]
    seconds = time.perf_counter() - start
    verdicts = judge(known, rows)
    num_wrong = sum(not verdict.is_right for verdict in verdicts)
    print(f"seed {seed}: {len(known)} pull requests in {seconds:.1f} s, {num_wrong} wrong claims")
    return verdicts


def print_by_kind(verdicts: Sequence[Verdict]) -> None:
    """Claims of a kind that are right; pull requests of a kind that are rightly claimed."""
    rows = []
    for kind in _KINDS:
        claims = [v for v in verdicts if v.claimed == kind]
        truth = [v for v in verdicts if v.kind == kind]
        right = sum(v.is_right for v in claims)
        fields = [sum(name not in v.wrong for v in claims if v.is_right) for name in _FIELDS]
        shares = [_share(right, len(claims)), _share(right, len(truth))]
        rows.append([kind, len(truth), len(claims), *shares, *(_share(n, right) for n in fields)])
    print()
    print(render_table(rows, ["kind", "true", "claimed", "precision", "recall", *_FIELDS]))


def print_by_scenario(verdicts: Sequence[Verdict]) -> None:
    """What is said of the pull requests of each scenario."""
    counts = Counter((v.scenario, v.kind, _outcome(v)) for v in verdicts)
    keys = sorted({key[:2] for key in counts})
    outcomes = ("right", "unknown", "wrong")
    rows = [[*key, *(counts[(*key, outcome)] for outcome in outcomes)] for key in keys]
    print()
    print(render_table(rows, ["scenario", "is", *outcomes]))


_FIELDS = ("base_commit", "commits", "files")


def _outcome(verdict: Verdict) -> str:
    if not verdict.claimed:
        return "unknown"
    return "right" if verdict.is_right else "wrong"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"


def replay(repository: Path, folder: Path) -> list[list[object]]:
    """Rebase a real history's pull requests in a copy; what is said of them by outcome."""
    name = repository.resolve().parent.name if repository.name == "repo" else repository.stem
    path = folder / f"{name}.git"
    known = copy_rebased(repository, path, num_pulls=_NUM_REPLAYED)
    rows_found = mine(path, include_unmerged=True, drop_bots=False)["pull_requests"]
    mined = {row.number: row for row in rows_found}
    by_outcome: dict[str, list[RebasedPull]] = {}
    for pull in known:
        by_outcome.setdefault(pull.outcome, []).append(pull)
    ids = _patch_ids(path)
    main_ids = {ids.get(sha) for sha in _git(path, b"", "rev-list", "main").decode().split()}
    rows: list[list[object]] = []
    for outcome, pulls in sorted(by_outcome.items()):
        claims = [p for p in pulls if p.number in mined and mined[p.number].merge_kind == "rebase"]
        right = [p for p in claims if p.landed[-1:] == (mined[p.number].merge_commit,)]
        told = sum(all(ids.get(sha, "") in main_ids for sha in p.branch) for p in pulls)
        rows.append([name, outcome, len(pulls), len(claims), told, len(right)])
    return rows


def _patch_ids(path: Path) -> dict[str, str]:
    """Commit -> `git patch-id --stable`, of all commits."""
    patches = _git(path, _git(path, b"", "rev-list", "--all"), "diff-tree", "--stdin", "-p")
    lines = _git(path, patches, "patch-id", "--stable").decode().splitlines()
    return {commit: name for name, commit in (line.split() for line in lines)}


def _git(path: Path, stdin: bytes, *arguments: str) -> bytes:
    command = ["git", "--git-dir", str(path), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout


if __name__ == "__main__":
    main(sys.argv[1:])
