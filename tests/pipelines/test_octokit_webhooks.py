"""Example payloads of `@octokit/webhooks-examples`, read as events and as REST answers."""

import json
from datetime import datetime
from typing import Any

import pytest
from octokit import needs_octokit, webhook_events, webhook_examples

from pipelines.github.event_facts import facts_of_events
from pipelines.github.events import read_statement
from pipelines.github.facts import PullRequestFacts
from pipelines.github.rest_facts import facts_of_answers
from schemas.discussion import PullRequestEvent

pytestmark = needs_octokit

PARTS = {
    "pull_request": ("", ""),
    "pull_request_review": ("review", "reviews"),
    "pull_request_review_comment": ("comment", "review_comments"),
}
"""By event: the key of what somebody said, and the part of a REST answer that holds the same."""
COMPARED = (
    "number",
    "title",
    "body",
    "author",
    "author_kind",
    "base_sha",
    "head_sha",
    "merge_sha",
    "created_at",
    "merged_at",
    "closed_at",
    "updated_at",
    "labels",
)


def examples(*events: str) -> list[Any]:
    """Every payload of these events, named by event and action."""
    if needs_octokit.args[0]:
        return []
    return [
        pytest.param(event, payload, id=f"{event}-{payload['action']}-{place}")
        for event in events
        for place, payload in enumerate(webhook_examples(event))
    ]


def as_event(payload: dict[str, Any]) -> PullRequestFacts:
    return facts_of_events([payload])


def as_answers(event: str, payload: dict[str, Any]) -> PullRequestFacts:
    """What REST would have answered: the same objects, each in its own list."""
    key, part = PARTS[event]
    pull = payload["pull_request"]
    said = [(part, [payload[key]])] if key else []
    facts = facts_of_answers([("pull", pull), *said], pull["number"])
    assert facts is not None
    return facts


@pytest.mark.parametrize(("event", "payload"), examples(*PARTS))
def test_facts_are_what_the_payload_says(event: str, payload: dict[str, Any]) -> None:
    pull = payload["pull_request"]
    for facts in (as_event(payload), as_answers(event, payload)):
        assert (facts.number, facts.title) == (pull["number"], pull["title"])
        assert facts.body == (pull["body"] or "").replace("\r\n", "\n")
        assert (facts.base_sha, facts.head_sha) == (pull["base"]["sha"], pull["head"]["sha"])
        assert facts.author is not None
        assert facts.author.name == pull["user"]["login"]
        assert facts.created_at == datetime.fromisoformat(pull["created_at"])
        assert facts.updated_at == datetime.fromisoformat(pull["updated_at"])
        assert sorted(facts.labels or ()) == sorted(label["name"] for label in pull["labels"])
        assert facts.merge_sha is None, "nothing is merged here: the sha is of a trial merge"


@pytest.mark.parametrize(("event", "payload"), examples(*PARTS))
def test_an_event_and_an_answer_tell_the_same(event: str, payload: dict[str, Any]) -> None:
    told, answered = as_event(payload), as_answers(event, payload)
    for field in COMPARED:
        assert getattr(told, field) == getattr(answered, field), field
    if payload["action"] != "deleted":
        assert (told.events or ()) == (answered.events or ())


@pytest.mark.parametrize(("event", "payload"), examples("pull_request"))
def test_the_state_is_never_guessed(event: str, payload: dict[str, Any]) -> None:
    """Open means open when the event was written, so an event alone leaves the state unknown."""
    is_open = payload["pull_request"]["state"] == "open"
    assert as_event(payload).state == (None if is_open else "unmerged")
    assert as_answers(event, payload).state == "unmerged"


@pytest.mark.parametrize(("event", "payload"), examples("pull_request"))
def test_a_merge_is_told_by_event_and_answer(event: str, payload: dict[str, Any]) -> None:
    """No example is merged; these are, as GitHub writes it."""
    merged = json.loads(json.dumps(payload))
    when = "2024-05-01T12:00:00Z"
    merged["pull_request"] |= {"merged": True, "merged_at": when, "closed_at": when}
    merged["pull_request"] |= {"state": "closed", "merge_commit_sha": "ab" * 20}
    for facts in (as_event(merged), as_answers(event, merged)):
        assert (facts.state, facts.merge_sha) == ("merged", "ab" * 20)
        assert facts.merged_at == facts.closed_at == datetime.fromisoformat(when)


def only_event(facts: PullRequestFacts) -> PullRequestEvent:
    assert facts.events is not None
    [event] = facts.events
    return event


@pytest.mark.parametrize(("event", "payload"), examples("pull_request_review"))
def test_a_review_is_what_the_payload_says(event: str, payload: dict[str, Any]) -> None:
    """The examples have no text; a review that only holds comments is left to its comments."""
    if payload["review"]["state"] == "commented":
        assert as_event(payload).events == ()
    said = {"body": "Looks fine.\r\nThank you.", "submitted_at": "2024-05-01T12:00:00Z"}
    review = payload["review"] | said
    found = only_event(as_event(payload | {"review": review}))
    assert (found.kind, found.review_state) == ("review", review["state"])
    assert (found.text, found.commit) == ("Looks fine.\nThank you.", review["commit_id"])
    assert found.author.name == review["user"]["login"]
    assert found.created_at == datetime.fromisoformat(review["submitted_at"])


@pytest.mark.parametrize(("event", "payload"), examples("pull_request_review_comment"))
def test_a_review_comment_is_what_the_payload_says(event: str, payload: dict[str, Any]) -> None:
    comment, facts = payload["comment"], as_event(payload)
    if payload["action"] == "deleted":
        assert facts.events == ()
        return
    found = only_event(facts)
    assert (found.kind, found.path, found.text) == (
        "review_comment",
        comment["path"],
        comment["body"],
    )
    assert (found.line, found.commit) == (
        comment.get("original_line"),
        comment["original_commit_id"],
    )
    assert found.diff_hunk == comment["diff_hunk"]
    assert found.created_at == datetime.fromisoformat(comment["created_at"])
    assert found.author.name == comment["user"]["login"]


@pytest.mark.parametrize(("event", "payload"), examples("issue_comment"))
def test_a_comment_counts_where_the_issue_is_a_pull_request(
    event: str, payload: dict[str, Any]
) -> None:
    """All examples are of plain issues; of a pull request GitHub adds the key `pull_request`."""
    assert read_statement(payload) is None
    issue = payload["issue"] | {"pull_request": {"url": "https://example.com/pulls/1"}}
    facts = as_event(payload | {"issue": issue})
    assert (facts.number, facts.title) == (issue["number"], issue["title"])
    if payload["action"] == "deleted":
        assert facts.events == ()
    else:
        found = only_event(facts)
        assert (found.kind, found.text) == ("comment", payload["comment"]["body"])


def test_no_other_event_tells_of_a_pull_request() -> None:
    """Whatever GitHub sends, reading it never fails."""
    tells = {
        event
        for event in webhook_events()
        if any(read_statement(payload) for payload in webhook_examples(event))
    }
    assert len(webhook_events()) > 50
    assert tells == {*PARTS, "pull_request_review_thread"}
