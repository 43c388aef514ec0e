"""What GitHub knows, laid over what git shows."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mined import Git, branch_with_two_commits, new_shop, pulls
from rows import PULL_REQUEST

from pipelines.github.facts import KnownPullRequest, PullRequestFacts
from pipelines.mine.candidates import Candidate, find_candidates
from pipelines.mine.config import MineConfig
from pipelines.mine.git import open_repository
from pipelines.mine.history import read_history
from pipelines.mine.join import join_candidates, join_row, mark_reverted
from schemas.discussion import Identity, LinkedIssue
from schemas.reasons import Reason

CONFIG = MineConfig()
ANN = Identity(name="ann", email="ann@users.noreply.github.com")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_shop(tmp_path)


def known(number: int, **values: object) -> KnownPullRequest:
    usual = KnownPullRequest(
        number=number,
        state="merged",
        base_sha=None,
        head_sha=None,
        merge_sha=None,
        sources=(f"graphql:{number}",),
    )
    return replace(usual, **values)  # type: ignore[arg-type]  # fields by name


def joined(git: Git, *pulls: KnownPullRequest) -> dict[int, Candidate]:
    with open_repository(str(git.folder)) as repository:
        refs = repository.refs()
        heads = {
            int(name.split("/")[2]): sha
            for name, sha in refs.items()
            if name.startswith("refs/pull/")
        }
        history = read_history(repository, repository.head(refs), heads.values())
        found = find_candidates(repository, history, heads, CONFIG)
        found = join_candidates(found, {p.number: p for p in pulls}, history, heads, CONFIG)
        return {candidate.number: candidate for candidate in mark_reverted(found, history)}


def test_github_tells_a_rejected_branch_from_one_of_which_git_knows_nothing(git: Git) -> None:
    head = branch_with_two_commits(git)
    for number in (12, 13):
        git.pull(number, head)
    found = joined(git, known(12, state="unmerged", head_sha=head))
    assert (found[12].state, found[12].sources) == ("unmerged", ("graphql:12",))
    assert (found[13].state, found[13].sources) == ("unknown", ())


def test_a_commit_of_the_default_branch_outweighs_a_closed_pull_request(git: Git) -> None:
    squash = git.commit("Round (#12)", cart__py="a = 1\n")
    (found,) = joined(git, known(12, state="unmerged")).values()
    assert (found.state, found.merge_kind, found.merge_commit) == ("merged", "squash", squash)


def test_github_names_the_merge_commit_that_says_nothing(git: Git) -> None:
    head = branch_with_two_commits(git)
    merge = git.merge("Bring in the fix", "fix")
    (found,) = joined(git, known(12, head_sha=head, merge_sha=merge)).values()
    assert (found.merge_kind, found.merge_commit, len(found.commits)) == ("merge", merge, 2)


def test_a_rebase_whose_patches_changed_is_the_branch_and_not_its_last_commit(git: Git) -> None:
    head = branch_with_two_commits(git)
    git.pull(12, head)
    git.commit("Make b right", cart__py="a = 1\nb = 20\nc = 30\n")
    last = git.commit("Add a test", test_cart__py="import cart  # now\n")
    (found,) = joined(git, known(12, head_sha=head, merge_sha=last)).values()
    assert (found.merge_kind, found.result, found.merge_commit) == ("rebase", head, last)
    assert len(found.commits) == 2


def test_a_fast_forward_is_merged_where_github_says_so(git: Git) -> None:
    branch_with_two_commits(git)
    git("reset", "--hard", "--quiet", "HEAD~1")
    git("merge", "--quiet", "--ff-only", "fix")
    head = git("rev-parse", "HEAD")
    git.pull(12, head)
    alone = joined(git)[12]
    assert (alone.state, alone.merge_commit, alone.defect) == ("unknown", None, None)
    found = joined(git, known(12, head_sha=head, merge_sha=head))[12]
    assert (found.state, found.merge_commit, found.defect) == ("merged", head, None)
    assert (found.base, found.commits) == (alone.base, (head,))


def test_a_head_that_others_brought_in_is_no_large_change(git: Git) -> None:
    head = git("rev-parse", "HEAD")
    merge = git.commit("Later", cart__py="a = 1\n")
    found = joined(git, known(12, head_sha=head, merge_sha=merge))[12]
    assert (found.state, found.defect) == ("merged", Reason.NO_OWN_COMMITS)


def test_what_is_not_in_the_repository_is_counted(git: Git) -> None:
    gone = "0" * 39 + "1"
    found = joined(
        git,
        known(12, head_sha=gone, merge_sha=gone),
        known(13, state="unmerged", head_sha=gone),
        known(14, merge_sha=git("rev-parse", "HEAD")),
    )
    assert [c.defect for c in found.values()] == [Reason.MISSING_COMMIT] * 3
    assert [c.state for c in found.values()] == ["merged", "unmerged", "merged"]


@pytest.mark.parametrize("words", ["This reverts commit {sha}.", "Reverts acme/shop#12"])
def test_a_reverted_pull_request_names_the_commit_that_takes_it_back(git: Git, words: str) -> None:
    squash = git.commit("Round (#12)", cart__py="a = 1\n")
    message = f'Revert "Round (#12)" (#13)\n\n{words.format(sha=squash)}'
    revert = git.commit(message, cart__py="a = 1\nb = 2\nc = 3\n")
    git.commit(f"Again\n\nThis reverts commit {squash}.", cart__py="a = 2\n")
    rows = pulls(git)
    assert (rows[12].reverted_by, rows[12].reverts) == (revert, ())
    assert rows[13].reverted_by is None
    assert rows[13].reverts == ((squash,) if "commit" in words else ("#12",))


def test_a_backport_names_what_it_copies(git: Git) -> None:
    squash = git.commit("Round (#12)", cart__py="a = 1\n")
    git.commit(f"Backport (#13)\n\n(cherry picked from commit {squash})", other__py="a = 1\n")
    assert pulls(git)[13].cherry_picked_from == (squash,)


def test_facts_replace_what_git_told_and_say_so() -> None:
    row = replace(
        PULL_REQUEST,
        merge_commit="beef",
        linked_issues=tuple(LinkedIssue(number=n, title="", body="") for n in (3, 4)),
    )
    reference = LinkedIssue(number=3, title="Wrong sum", body="", evidence="reference")
    facts = PullRequestFacts(
        number=7,
        source="github",
        title="Round sums",
        body="",
        state="merged",
        author=ANN,
        merge_sha="beef",
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
        linked_issues=(reference,),
        labels=("bug",),
    )
    fresh = join_row(row, facts)
    assert (fresh.title, fresh.author, fresh.labels) == ("Round sums", ANN, ("bug",))
    assert [(i.number, i.evidence) for i in fresh.linked_issues] == [
        (3, "reference"),
        (4, "keyword"),
    ]
    assert (fresh.files, fresh.commits, fresh.merged_at) == (row.files, row.commits, row.merged_at)
    assert fresh.source == "git+github"
    told = {source.field for source in fresh.provenance if source.source == "github"}
    assert told == {
        *("author", "body", "created_at", "labels", "linked_issues", "merge_commit"),
        *("state", "title"),
    }


def test_keywords_in_what_github_knows_count_where_it_links_nothing() -> None:
    row = replace(PULL_REQUEST, linked_issues=(LinkedIssue(number=5, title="", body=""),))
    body = f"Fixes #3, closes #{row.number} and <!-- resolves #9 --> more."
    facts = PullRequestFacts(number=7, source="github", title="Fix #8", body=body)
    fresh = join_row(row, facts)
    assert [issue.number for issue in fresh.linked_issues] == [3, 5, 8]
    assert {issue.evidence for issue in fresh.linked_issues} == {"keyword"}
    assert "linked_issues" in {source.field for source in fresh.provenance}


def test_issues_that_git_alone_names_are_not_said_to_be_of_github() -> None:
    row = replace(PULL_REQUEST, linked_issues=(LinkedIssue(number=5, title="", body=""),))
    fresh = join_row(row, PullRequestFacts(number=7, source="github", body="Nothing."))
    assert fresh.linked_issues == row.linked_issues
    assert "linked_issues" not in {source.field for source in fresh.provenance}


def test_what_a_description_takes_back_is_told() -> None:
    facts = PullRequestFacts(number=7, source="github", body="Reverts acme/shop#5\n\nSlow.")
    fresh = join_row(replace(PULL_REQUEST, reverts=("#4",)), facts)
    assert fresh.reverts == ("#4", "#5")
    assert "reverts" in {source.field for source in fresh.provenance}


def test_facts_that_say_nothing_change_nothing_but_the_source() -> None:
    fresh = join_row(PULL_REQUEST, PullRequestFacts(number=7, source="gharchive"))
    assert fresh == replace(PULL_REQUEST, source="git+gharchive")
