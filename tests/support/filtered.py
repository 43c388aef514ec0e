"""Rows and facts for the rules of mine. In: a setting, a row. Out: what the rule makes of them."""

from dataclasses import replace

from rows import FILE_CHANGE, NOON, PULL_REQUEST

from schemas.discussion import FieldSource, Identity, LinkedIssue, PullRequestEvent
from schemas.reasons import Reason
from schemas.tables import FileChange, PullRequest
from transforms.filters.rule import RepositoryFacts
from transforms.filters.rules import rules_of

PERSON = Identity(name="ann-lee", email="ann@example.com")
PROGRAM = Identity(name="dependabot[bot]", email="")
COMMENT = PullRequestEvent(
    kind="comment", author=PERSON, created_at=NOON, text="x" * 20, path=None, author_kind="user"
)
APPROVAL = replace(COMMENT, kind="review", text="", review_state="approved")
ISSUE = LinkedIssue(number=3, title="", body="")
ROW = replace(
    PULL_REQUEST,
    author=PERSON,
    provenance=tuple(
        FieldSource(field=name, source="github") for name in ("body", "events", "linked_issues")
    ),
)
FACTS = RepositoryFacts(
    stars=1_000,
    closed_issues=1_000,
    language="Python",
    is_fork=False,
    num_pull_requests=1,
)


def files(*paths: str, **changes: object) -> tuple[FileChange, ...]:
    """File changes that differ from the invented one in their path and what else is said."""
    return tuple(replace(FILE_CHANGE, path=path, **changes) for path in paths)


def check(
    setting: str, row: PullRequest, facts: RepositoryFacts = FACTS
) -> tuple[Reason, str] | None:
    """What a single rule finds."""
    return rules_of("", [setting]).check(row, facts)


def change(setting: str, row: PullRequest) -> PullRequest:
    """What a single rule makes of a row."""
    return rules_of("", [setting]).apply(row, FACTS)
