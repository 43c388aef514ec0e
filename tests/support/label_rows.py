"""Small invented pull requests for the tests of labels.

label(pull_request("Fix totals", file_change("shop/cart.py", "-a\n+b"))).task_type
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from rows import FILE_CHANGE, NOBODY, NOON, PULL_REQUEST

from schemas.arrow import to_batch
from schemas.discussion import LinkedIssue
from schemas.tables import Commit, FileChange, PullRequest
from transforms.label.config import LabelConfig
from transforms.label.rows import Label
from transforms.languages import describe_file


def file_change(path: str, patch: str = "", status: str = "modified", base: str = "") -> FileChange:
    """A change whose patch lists "+" and "-" lines; the flags are those that mine would set."""
    kind = vars(describe_file(path, base))
    flags = {name: value for name, value in kind.items() if hasattr(FILE_CHANGE, name)}
    lines = patch.split("\n")
    return replace(
        FILE_CHANGE,
        path=path,
        old_path="old/" + path if status == "renamed" else None,
        status=status,
        **flags,
        num_added=sum(line.startswith("+") for line in lines),
        num_deleted=sum(line.startswith("-") for line in lines),
        patch=patch,
        base_content=base,
    )


def pull_request(title: str, *files: FileChange, body: str = "", issue: str = "") -> PullRequest:
    return replace(
        PULL_REQUEST,
        title=title,
        body=body,
        commits=(Commit(sha="s", message=title, author=NOBODY, authored_at=NOON),),
        files=files,
        linked_issues=(LinkedIssue(number=1, title=issue, body=""),) if issue else (),
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
