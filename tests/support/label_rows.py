"""Small invented pull requests for the tests of labels.

label(pull_request("Fix totals", file_change("shop/cart.py", "-a\n+b"))).task_type
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.arrow import to_batch
from schemas.tables import Commit, FileChange, Identity, LinkedIssue, PullRequest
from transforms.label.config import LabelConfig
from transforms.label.rows import Label
from transforms.languages import describe_file

NOBODY = Identity(name="", email="")
NOON = datetime(2024, 1, 1, tzinfo=UTC)


def file_change(path: str, patch: str = "", status: str = "modified", base: str = "") -> FileChange:
    """A change whose patch lists "+" and "-" lines; the flags are those that mine would set."""
    kind = describe_file(path, base)
    lines = patch.split("\n")
    return FileChange(
        path=path,
        old_path="old/" + path if status == "renamed" else None,
        status=status,
        language=kind.language,
        is_test=kind.is_test,
        is_generated=kind.is_generated,
        is_vendored=kind.is_vendored,
        is_documentation=kind.is_documentation,
        is_configuration=kind.is_configuration,
        num_added=sum(line.startswith("+") for line in lines),
        num_deleted=sum(line.startswith("-") for line in lines),
        patch=patch,
        base_content=base,
    )


def pull_request(title: str, *files: FileChange, body: str = "", issue: str = "") -> PullRequest:
    return PullRequest(
        pr_id="p",
        repo="acme/shop",
        source="git",
        license="MIT",
        number=1,
        title=title,
        body=body,
        state="merged",
        merge_kind="merge",
        author=NOBODY,
        base_commit="b",
        head_commit="h",
        merge_commit=None,
        created_at=NOON,
        merged_at=None,
        commits=(Commit(sha="s", message=title, author=NOBODY, authored_at=NOON),),
        files=files,
        linked_issues=(LinkedIssue(number=1, title=issue, body=""),) if issue else (),
        events=(),
    )


def label(row: PullRequest, config: LabelConfig | None = None) -> PullRequest:
    transform = Label(config or LabelConfig())
    transform.open()
    outcome = transform.apply("pull_requests", to_batch(PullRequest, [row]))
    assert outcome.rejected == []
    (labelled,) = outcome.kept
    return labelled


def lines(mark: str, count: int, text: str = "total = price * {}") -> str:
    return "\n".join(mark + text.format(number) for number in range(count))


CODE = file_change("shop/cart.py", "-a = 1\n+a = 2")


def cases(table: Mapping[Any, list[PullRequest]]) -> list[Any]:
    return [
        pytest.param(wanted, row, id=f"{wanted}-{row.title}")
        for wanted, rows in table.items()
        for row in rows
    ]
