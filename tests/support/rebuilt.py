"""A repository made from known pull requests, and how well they are found. In: a seed, a size.

known = rebuild(folder, seed=1, num_pulls=60)  ->  [KnownPull(number=1, state="merged", ...)]
judge(known, rows)  ->  [Verdict(number=1, scenario="squash", outcome="right"), ...]
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import merge_scenarios
import rebase_scenarios
from known_pulls import KnownPull, Scenario, Take
from project import Project

from schemas.tables import PullRequest

SCENARIOS: dict[str, Callable[[Project, Take], Scenario]] = {
    name: value
    for module in (merge_scenarios, rebase_scenarios)
    for name, value in vars(module).items()
    if getattr(value, "__module__", "") == module.__name__
}
_NUM_OPEN = 6


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A known pull request against the row of its number."""

    number: int
    scenario: str
    kind: str
    """What it is."""
    claimed: str
    """What the row says: a merge kind, or "" where it leaves the state unknown."""
    is_right: bool
    """State, kind and merge commit are what is claimed; where nothing is claimed, True."""
    wrong: tuple[str, ...] = ()
    """Of base_commit, commits and files, those in a right row that are not what they should be."""


def rebuild(folder: Path, *, seed: int, num_pulls: int) -> list[KnownPull]:
    """Make a bare repository of at least so many pull requests; every scenario as often."""
    project = Project(seed, 2 * max(num_pulls, 2 * len(SCENARIOS)))
    numbers = count(1)
    known: list[KnownPull] = []
    waiting = sorted(SCENARIOS) * (1 + num_pulls // len(SCENARIOS))
    project.chance.shuffle(waiting)
    running: list[tuple[str, Scenario]] = []
    while waiting or running:
        while waiting and len(running) < _NUM_OPEN:
            name = waiting.pop()
            running.append((name, SCENARIOS[name](project, lambda: next(numbers))))
        index = project.chance.randrange(len(running))
        name, steps = running[index]
        try:
            next(steps)
        except StopIteration as end:
            del running[index]
            known += [replace(pull, scenario=name) for pull in end.value]
        if project.chance.random() < 0.3:
            project.advance("Work on main")
    project.store.refs["refs/heads/main"] = project.main
    shas = project.store.write(folder)
    return [_with_names(pull, shas) for pull in sorted(known, key=lambda pull: pull.number)]


def judge(known: Sequence[KnownPull], rows: Iterable[PullRequest]) -> list[Verdict]:
    """A verdict each; a number without row leaves its state unknown."""
    by_number = {row.number: row for row in rows}
    return [_verdict(pull, by_number.get(pull.number)) for pull in known]


def _verdict(pull: KnownPull, row: PullRequest | None) -> Verdict:
    is_claim = row is not None and (row.state != "unknown" or pull.state == "absent")
    verdict = Verdict(
        number=pull.number, scenario=pull.scenario, kind=_kind(pull.state, pull.kind), claimed="",
        is_right=True,
    )  # fmt: skip
    if row is None or not is_claim:
        return verdict
    claimed = _kind(row.state, row.merge_kind)
    is_right = claimed == verdict.kind and (row.merge_commit or "") == pull.merge_commit
    series = tuple(commit.sha for commit in row.commits)
    paths = {path for file in row.files for path in (file.path, file.old_path) if path}
    checks = {
        "base_commit": row.base_commit == pull.base,
        "commits": series == pull.commits,
        "files": paths == pull.paths,
    }
    wrong = [name for name, is_same in checks.items() if not is_same]
    return replace(
        verdict, claimed=claimed, is_right=is_right, wrong=tuple(wrong if is_right else ())
    )


def _kind(state: str, merge_kind: str) -> str:
    """ "merge", "squash", "rebase", "by hand", or the state of what is not merged."""
    return state if state != "merged" else merge_kind.replace("none", "by hand")


def _with_names(pull: KnownPull, shas: Sequence[str]) -> KnownPull:
    def name(index: str) -> str:
        return shas[int(index)] if index else ""

    return replace(
        pull,
        base=name(pull.base),
        merge_commit=name(pull.merge_commit),
        commits=tuple(name(commit) for commit in pull.commits),
    )
