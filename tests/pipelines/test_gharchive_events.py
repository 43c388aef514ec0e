"""What events of GH Archive, in each of their shapes, tell of a pull request."""

import random
from typing import Any

import pytest
from gharchive_rows import (
    REPO,
    comment_event,
    course,
    event,
    merged,
    pull,
    pull_event,
    review_comment_event,
    review_event,
    sha,
    user,
)
from hypothesis import given
from hypothesis import strategies as st

from pipelines.github.event_facts import facts_of_events
from pipelines.github.events import read_statement
from schemas.errors import InputError

ACTIONS = ["opened", "closed", "reopened", "edited", "merged", "labeled"]


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events of pull request 1 in mixed shapes; several of them in the same second."""
    events = []
    for index in range(draw(st.integers(1, 8))):
        shape = draw(st.sampled_from(["full", "cut"]))
        minutes = draw(st.integers(0, 4))
        more = {"event_id": 1000 + index}
        body = draw(st.sampled_from(["a", "b", None]))
        state = {"title": draw(st.sampled_from(["t1", "t2"])), "body": body}
        there = draw(st.sampled_from([pull(1, **state), merged(1, 3, **state)]))
        subject = pull(1, shape="cut") if shape == "cut" else there
        number = draw(st.integers(1, 3))
        review = draw(st.sampled_from(["approved", "dismissed"]))
        made = [
            pull_event(draw(st.sampled_from(ACTIONS)), subject, minutes, **more),
            comment_event(1, number, str(body), minutes, **more),
            review_event(subject, number, review, minutes, **more),
            review_comment_event(subject, number, str(body), minutes, **more),
        ]
        events.append(draw(st.sampled_from(made)))
    return events


@given(histories(), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_the_facts(
    events: list[dict[str, Any]], chance: random.Random
) -> None:
    mixed = events + chance.choices(events, k=3)
    chance.shuffle(mixed)
    assert facts_of_events(mixed) == facts_of_events(events)


def test_a_full_course_tells_everything() -> None:
    facts = facts_of_events(course(12))
    assert (facts.number, facts.source, facts.state) == (12, "gharchive", "merged")
    assert (facts.title, facts.body, facts.labels) == ("Title 12", "Body 12", ("bug",))
    assert (facts.author_kind, facts.merge_sha) == ("user", sha("merge 12"))
    assert (facts.base_sha, facts.head_sha) == (sha("base 12"), sha("head 12"))
    assert facts.merged_at is not None
    assert facts.merged_at == facts.closed_at
    assert facts.events is not None
    assert [item.kind for item in facts.events] == ["comment", "review", "review_comment"]
    assert [item.review_state for item in facts.events] == [None, "approved", None]
    assert (facts.events[2].path, facts.events[2].line) == ("shop/cart.py", 3)


def test_cut_payloads_tell_only_what_they_say() -> None:
    events = course(12, shape="cut")
    without_comment = [one for one in events if one["type"] != "IssueCommentEvent"]
    facts = facts_of_events(without_comment)
    assert (facts.title, facts.body, facts.labels, facts.merge_sha) == (None, None, None, None)
    assert (facts.state, facts.head_sha, facts.base_sha) == (
        "merged",
        sha("head 12"),
        sha("base 12"),
    )
    assert facts.author is not None
    assert facts.author.name == "author"
    # Comments still bring the pull request's title and body.
    assert facts_of_events(events).title == "Title 12"


@pytest.mark.parametrize(
    ("last", "state"),
    [
        (pull_event("closed", pull(1, shape="cut"), 9), None),
        (pull_event("closed", pull(1, state="closed"), 9), "unmerged"),
        (pull_event("reopened", pull(1), 9), None),
        (pull_event("merged", pull(1, shape="cut"), 9), "merged"),
        (pull_event("closed", merged(1, 9), 9), "merged"),
    ],
)
def test_state_is_said_or_not_known(last: dict[str, Any], state: str | None) -> None:
    assert facts_of_events([pull_event("opened", pull(1), 0), last]).state == state


def test_a_merge_is_not_undone_by_what_is_said_later() -> None:
    later = comment_event(1, 5, "late", 60)
    facts = facts_of_events([pull_event("closed", merged(1, 50), 50), later])
    assert (facts.state, facts.merge_sha) == ("merged", sha("merge 1"))


def test_a_trial_merge_is_no_merge() -> None:
    assert facts_of_events([pull_event("opened", pull(1), 0)]).merge_sha is None


def test_an_opening_that_was_never_recorded_is_read_from_later_events() -> None:
    facts = facts_of_events([review_event(pull(1), 9, "approved", 20)])
    assert (facts.title, facts.author and facts.author.name) == ("Title 1", "author")
    assert facts.created_at is not None


def test_the_latest_edit_wins_and_a_deleted_comment_goes() -> None:
    events = [
        pull_event("opened", pull(1, title="Old"), 0),
        pull_event("edited", pull(1, title="New", body=None), 5),
        comment_event(1, 7, "first", 1),
        comment_event(1, 7, "second", 2, action="edited"),
        comment_event(1, 8, "gone", 3),
        comment_event(1, 8, "gone", 4, action="deleted"),
    ]
    events[2]["payload"]["issue"]["title"] = events[3]["payload"]["issue"]["title"] = "Old"
    facts = facts_of_events(events)
    assert facts.title == "New"
    assert facts.body == ""
    assert facts.events is not None
    assert [item.text for item in facts.events] == ["second"]


def test_within_a_second_the_number_of_the_event_decides() -> None:
    events = [
        pull_event("edited", pull(1, title="New"), 0, event_id=10_000_000_000),
        pull_event("opened", pull(1, title="Old"), 0, event_id=9_999_999_999),
    ]
    assert facts_of_events(events).title == "New"


def test_timeline_events_of_before_2015() -> None:
    done = pull_event("closed", merged(1, 50), 50, shape="timeline")
    said = event("IssueCommentEvent", {"comment_id": 3, "issue_id": 4}, 1, shape="timeline")
    said["created_at"] = "2011/12/31 23:59:59 -0800"
    facts = facts_of_events([done, said])
    assert (facts.number, facts.title, facts.state) == (1, "Title 1", "merged")
    statement = read_statement(said)
    assert statement is not None
    assert (statement.repo, statement.number) == (REPO, 1)
    assert statement.said_at.isoformat() == "2012-01-01T07:59:59+00:00"


def test_webhooks_tell_the_same_as_the_archive() -> None:
    payloads = [
        {"action": "opened", "number": 1, "pull_request": pull(1)},
        {"action": "closed", "number": 1, "pull_request": merged(1, 50)},
    ]
    hooks = [event("", payload, 0, shape="webhook") for payload in payloads]
    archive = [event("PullRequestEvent", payload, 50 * i) for i, payload in enumerate(payloads)]
    assert facts_of_events(reversed(hooks)) == facts_of_events(archive)


def test_what_tells_of_no_pull_request() -> None:
    assert read_statement(comment_event(3, 1, "on an issue", 0, is_pull=False)) is None
    assert read_statement(event("PushEvent", {"commits": []}, 0)) is None
    assert read_statement({}) is None
    with pytest.raises(InputError, match="these tell of 0"):
        facts_of_events([])
    with pytest.raises(InputError, match="these tell of 2"):
        facts_of_events([*course(1), *course(2)])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
REAL = [*course(1), *course(1, shape="cut"), pull_event("closed", pull(1), 1, shape="timeline")]


@given(st.data())
def test_an_event_may_hold_anything_anywhere(data: st.DataObject) -> None:
    changed = _replace_somewhere(data.draw(st.sampled_from(REAL)), data)
    statement = read_statement(changed)
    if statement is not None:
        assert facts_of_events([changed]).number == statement.number


def _replace_somewhere(value: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    key = data.draw(st.sampled_from(sorted(value)))
    inner = value[key]
    if isinstance(inner, dict) and inner and data.draw(st.booleans()):
        return value | {key: _replace_somewhere(inner, data)}
    return value | {key: data.draw(JSON)}


def test_bots_and_deleted_accounts() -> None:
    facts = facts_of_events([pull_event("opened", pull(1, user=user("tidy[bot]")), 0)])
    assert facts.author_kind == "bot"
    gone = comment_event(1, 9, "still here", 1)
    gone["payload"]["comment"]["user"] = None
    told = facts_of_events([gone])
    assert told.events is not None
    assert (told.events[0].text, told.events[0].author.name) == ("still here", "")
