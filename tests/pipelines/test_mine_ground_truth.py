"""`mine` on repositories made from known pull requests: no claim is wrong, few are missing."""

from collections import Counter
from pathlib import Path

import pytest
from mined import Rows, mine
from rebuilt import SCENARIOS, Verdict, judge, rebuild

from schemas.reasons import Reason

UNKNOWABLE = {
    "fast_forward": "the head may have been reset to what others had done",
    "rebase_copied": "two heads have the same commits; one of them landed",
    "rebase_edited": "a line was changed on the way, as other work on it might have been",
    "rebase_moved": "the head has a commit that did not land",
    "rebase_split": "a stack of the series and its first half would have left the same commits",
    "squash_unnamed": "nothing in the commit names it",
}
"""Landed pull requests that git does not tell from others that did not land; state "unknown"."""
SEEDS = (1, 2, 3)

Judged = tuple[list[Verdict], Rows, tuple[int, int]]
"""With how many numbers there are, and how many of these are of issues."""


@pytest.fixture(scope="module", params=SEEDS)
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    path = tmp_path_factory.mktemp("known") / "shop.git"
    known = rebuild(path, seed=request.param, num_pulls=len(SCENARIOS) - 1)
    rows = mine(path, include_unmerged=True)
    num_issues = sum(pull.state == "absent" for pull in known)
    return judge(known, rows["pull_requests"]), rows, (len(known), num_issues)


def test_no_claim_is_wrong(judged: Judged) -> None:
    assert [verdict for verdict in judged[0] if not verdict.is_right] == []


def test_base_series_and_files_of_every_claim_are_right(judged: Judged) -> None:
    claims = [verdict for verdict in judged[0] if verdict.claimed in ("merge", "squash", "rebase")]
    assert len(claims) > len(SCENARIOS) / 2
    assert [verdict for verdict in claims if verdict.wrong] == []


def test_only_what_git_does_not_tell_is_missing(judged: Judged) -> None:
    merged = ("merge", "squash", "rebase", "by hand")
    missing = {v.scenario for v in judged[0] if v.kind in merged and not v.claimed}
    assert missing == UNKNOWABLE.keys()


def test_every_scenario_was_there(judged: Judged) -> None:
    assert {verdict.scenario for verdict in judged[0]} == SCENARIOS.keys()


def test_every_number_is_a_row_or_counted(judged: Judged) -> None:
    _, rows, (num_numbers, num_issues) = judged
    rejected = [row.reason for row in rows["rejected"] if row.table == "pull_requests"]
    assert len(rows["pull_requests"]) + len(rejected) == num_numbers
    assert rejected.count(Reason.NO_PULL_REQUEST) == num_issues > 0


def test_what_is_unknown_is_counted_where_it_is_not_wanted(tmp_path: Path) -> None:
    path = tmp_path / "shop.git"
    known = rebuild(path, seed=4, num_pulls=1)
    rows = mine(path)
    assert {row.state for row in rows["pull_requests"]} == {"merged"}
    reasons = Counter(row.reason for row in rows["rejected"] if row.table == "pull_requests")
    assert len(rows["pull_requests"]) + reasons.total() == len(known)


def test_the_same_seed_makes_the_same_repository(tmp_path: Path) -> None:
    known = [rebuild(tmp_path / name, seed=5, num_pulls=1) for name in ("one.git", "two.git")]
    assert known[0] == known[1]
