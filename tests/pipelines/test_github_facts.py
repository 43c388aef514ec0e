"""Facts of GitHub's answers: what both APIs tell alike, and what only looks alike."""

import json
from dataclasses import replace
from typing import Any

import fake_pulls
import pytest
from fake_pulls import MONA, ROBOT, Comment, Pull, Review
from github_rows import pulls
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.github.facts import PullRequestFacts
from pipelines.github.graphql_facts import facts_of_nodes
from pipelines.github.rest_facts import facts_of_answers
from schemas.discussion import Identity, LinkedIssue


def over_graphql(pull: Pull) -> PullRequestFacts:
    edges = [{"cursor": "x", "node": fake_pulls.graphql_pull(pull)}]
    values = {"nameWithOwner": "acme/shop", "pullRequests": {"edges": edges}}
    facts = facts_of_nodes([{"data": {"repository": values}}], pull.number)
    assert facts is not None
    return facts


def over_rest(pull: Pull) -> PullRequestFacts:
    lines = [
        fake_pulls.rest_review_comment(pull, comment)
        for review in pull.reviews
        for comment in review.comments
    ]
    parts: list[tuple[str, Any]] = [
        ("pull", fake_pulls.rest_pull(pull)),
        ("reviews", [fake_pulls.rest_review(pull, review) for review in pull.reviews]),
        ("review_comments", lines),
        ("comments", [fake_pulls.rest_comment(comment) for comment in pull.comments]),
        ("status", {"statuses": fake_pulls.rest_statuses(pull)}),
        ("check_runs", {"check_runs": fake_pulls.rest_check_runs(pull)}),
    ]
    facts = facts_of_answers(parts, pull.number)
    assert facts is not None
    return facts


@settings(deadline=None, max_examples=50)
@given(pulls())
def test_both_apis_tell_the_same(pull: Pull) -> None:
    facts = over_graphql(pull)
    assert facts.linked_issues == ()
    assert over_rest(pull) == replace(facts, linked_issues=None)


@settings(deadline=None, max_examples=50)
@given(pulls())
def test_events_are_in_time_order_and_none_is_lost(pull: Pull) -> None:
    events = over_graphql(pull).events or ()
    assert [event.created_at for event in events] == sorted(event.created_at for event in events)
    holders = [one for one in pull.reviews if (one.body, one.state) == ("", "COMMENTED")]
    num_lines = sum(len(review.comments) for review in pull.reviews)
    assert len(events) == len(pull.comments) + len(pull.reviews) - len(holders) + num_lines


@settings(deadline=None, max_examples=50)
@given(pulls())
def test_texts_have_no_carriage_returns(pull: Pull) -> None:
    facts = over_graphql(pull)
    texts = [facts.title or "", facts.body or "", *(event.text for event in facts.events or ())]
    assert not any("\r" in text for text in texts)


def test_a_bot_is_a_bot_under_one_name() -> None:
    facts = over_graphql(Pull(number=1, updated=0, author=ROBOT))
    address = "fixer[bot]@users.noreply.github.com"
    assert facts.author == Identity(name="fixer[bot]", email=address)
    assert facts.author_kind == "bot"


def test_who_deleted_the_account_is_nobody() -> None:
    facts = over_rest(Pull(number=1, updated=0, author=None))
    assert (facts.author, facts.author_kind) == (Identity(name="", email=""), None)


def test_the_trial_merge_of_an_open_pull_request_is_no_merge() -> None:
    pull = Pull(number=1, updated=0, state="OPEN")
    assert fake_pulls.rest_pull(pull)["merge_commit_sha"]
    assert over_rest(pull).merge_sha is over_graphql(pull).merge_sha is None
    assert over_rest(pull).state == "unmerged"


def test_an_issue_of_another_repository_says_so() -> None:
    node = fake_pulls.graphql_pull(Pull(number=1, updated=0, closes=(5, 6)))
    node["closingIssuesReferences"]["nodes"][0]["repository"] = {"nameWithOwner": "Acme/Shop"}
    node["closingIssuesReferences"]["nodes"][1]["repository"] = {"nameWithOwner": "acme/desk"}
    page = {"data": {"repository": {"nameWithOwner": "acme/shop", "pr1": node}}}
    facts = facts_of_nodes([page], 1)
    assert facts is not None
    assert facts.linked_issues == (
        LinkedIssue(number=5, title="Bug 5", body="It is.", evidence="reference"),
        LinkedIssue(number=6, title="Bug 6", body="It is.", repo="acme/desk", evidence="reference"),
    )


def test_a_comment_at_a_line_keeps_its_place() -> None:
    comment = Comment(number=41, at=1, author=MONA, path="shop/price.py")
    pull = Pull(number=1, updated=0, reviews=(Review(number=2, at=0, comments=(comment,)),))
    event = (over_graphql(pull).events or ())[-1]
    assert (event.kind, event.path, event.line) == ("review_comment", "shop/price.py", 41)
    assert (event.commit, event.diff_hunk) == (pull.head, "@@ -1 +1 @@")


def test_comments_whose_number_is_withheld_are_told_apart() -> None:
    comments = tuple(Comment(number=number, at=1, body=f"c{number}") for number in (1, 2, 3))
    node = fake_pulls.graphql_pull(Pull(number=1, updated=0, comments=comments))
    for comment in node["comments"]["nodes"]:
        comment["fullDatabaseId"] = None
    page = {"data": {"repository": {"nameWithOwner": "acme/shop", "pr1": node}}}
    facts = facts_of_nodes([page], 1)
    assert facts is not None
    assert sorted(event.text for event in facts.events or ()) == ["c1", "c2", "c3"]


def test_a_draft_of_a_review_is_left_out() -> None:
    draft = Review(number=2, at=0, state="PENDING", comments=(Comment(number=3, at=1),))
    pull = Pull(number=1, updated=0, reviews=(draft,))
    assert over_graphql(pull).events == ()


CHECKS = {
    (): None,
    ("success",): "success",
    ("success", "neutral"): "success",
    ("success", "failure"): "failure",
    ("cancelled",): "failure",
    ("success", None): "pending",
    ("failure", None): "failure",
}


@pytest.mark.parametrize("conclusions", CHECKS)
def test_check_runs_are_summed_up(conclusions: tuple[str | None, ...]) -> None:
    runs = [
        {"status": "completed" if conclusion else "queued", "conclusion": conclusion}
        for conclusion in conclusions
    ]
    pull = fake_pulls.rest_pull(Pull(number=1, updated=0))
    facts = facts_of_answers([("pull", pull), ("check_runs", {"check_runs": runs})], 1)
    assert facts is not None
    assert facts.checks == CHECKS[conclusions]


STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_an_answer_of_strange_types_is_read_as_far_as_it_goes(data: st.DataObject) -> None:
    review = Review(number=1, at=1, comments=(Comment(number=2, at=2),))
    pull = Pull(number=7, updated=0, closes=(1,), reviews=(review,))
    node = json.loads(json.dumps(fake_pulls.graphql_pull(pull)))
    rest = json.loads(json.dumps(fake_pulls.rest_pull(pull)))
    for values in (node, rest):
        for key in data.draw(st.sets(st.sampled_from(sorted(values.keys() - {"number"})))):
            values[key] = data.draw(STRANGE)
    page = {"data": {"repository": {"nameWithOwner": "acme/shop", "pr7": node}}}
    for facts in (facts_of_nodes([page], 7), facts_of_answers([("pull", rest)], 7)):
        assert facts is not None
        texts = [facts.title or "", facts.body or "", *(facts.labels or ())]
        "".join([*texts, *(event.text for event in facts.events or ())]).encode("utf-8")


@pytest.mark.parametrize("answer", [None, [], {}, {"data": None}, {"data": {"repository": []}}])
def test_an_answer_about_something_else_tells_nothing(answer: Any) -> None:
    assert facts_of_nodes([answer], 7) is None
    assert facts_of_answers([("pull", answer)], 7) is None
