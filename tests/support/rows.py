"""One invented row of each table; a test says what is different with `dataclasses.replace`."""

from datetime import UTC, datetime

from schemas.discussion import Identity
from schemas.tables import Dialogue, FileChange, Message, PullRequest, SourceFile

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
NOBODY = Identity(name="", email="")

FILE_CHANGE = FileChange(
    path="a.py",
    old_path=None,
    status="modified",
    language="python",
    is_test=False,
    is_generated=False,
    is_vendored=False,
    is_documentation=False,
    is_configuration=False,
    num_added=1,
    num_deleted=1,
    patch="@@ -1 +1 @@\n-a = 1\n+a = 2\n",
    base_content="a = 1\n",
)
PULL_REQUEST = PullRequest(
    pr_id="p1",
    repo="acme/shop",
    source="git",
    license="MIT",
    number=7,
    title="Round totals",
    body="",
    state="merged",
    merge_kind="merge",
    author=NOBODY,
    base_commit="c0ffee",
    head_commit="beef",
    merge_commit=None,
    created_at=NOON,
    merged_at=NOON,
    commits=(),
    files=(FILE_CHANGE,),
    linked_issues=(),
    events=(),
)
SOURCE_FILE = SourceFile(
    file_id="f1",
    repo="acme/shop",
    source="git",
    license="MIT",
    path="a.py",
    language="python",
    text="x = 1\n" * 20,
    num_bytes=120,
    num_lines=20,
    parse_status="ok",
    is_test=False,
    is_generated=False,
    is_vendored=False,
    is_documentation=False,
    is_configuration=False,
)
DIALOGUE = Dialogue(
    dialogue_id="d1",
    repo="acme/shop",
    source="git",
    license="MIT",
    pr_id="p1",
    base_commit="b",
    task_type=None,
    scenario=None,
    capability="tool_use",
    tools=(),
    messages=(Message(role="user", content="Spell out a number."),),
    num_tool_calls=0,
    num_failed_calls=0,
)
