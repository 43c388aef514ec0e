"""The tables: what one row of each is. In: nothing. Out: frozen dataclasses, one per row or part.

    PullRequest(pr_id="8c1b...", repo="acme/shop", number=12, title="Fix rounding", ...)

Every row has an id that is a hash of what it is (not of where it lay), and `repo`, `source` ("git",
"git+github" where joined) and `license` (an SPDX expression, "internal" or "unknown"). Enums are
stored as strings, times as UTC microseconds, lists as tuples. `schemas.arrow` maps them to Arrow.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from schemas.discussion import FieldSource, Identity, LinkedIssue, PullRequestEvent
from schemas.findings import Finding


@dataclass(frozen=True, kw_only=True)
class Commit:
    """One commit of a pull request, oldest first."""

    sha: str
    message: str
    author: Identity
    authored_at: datetime


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """One file's change between a pull request's base and head."""

    path: str
    old_path: str | None
    """Where the file was before a rename; None when the path did not change."""
    status: str
    """"added", "modified", "deleted" or "renamed"."""
    language: str
    is_test: bool
    is_generated: bool
    is_vendored: bool
    is_documentation: bool
    is_configuration: bool
    num_added: int
    """Lines added."""
    num_deleted: int
    """Lines deleted."""
    patch: str
    """Unified diff hunks ("@@ ..." onward, three lines of context); "" for binary files."""
    base_content: str | None
    """The file before the change; None when it did not exist or could not be kept."""


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """One pull request: what was asked, what was there, what changed."""

    pr_id: str
    repo: str
    source: str
    license: str
    number: int | None
    """None for a change that no pull request number is known of."""
    title: str
    body: str
    state: str
    """"merged", "unmerged" or "unknown"; never guessed."""
    merge_kind: str
    """"merge", "squash", "rebase" or "none"."""
    author: Identity
    base_commit: str
    """The commit that the pull request's first commit stands on; "" before a first commit."""
    head_commit: str
    merge_commit: str | None
    created_at: datetime
    merged_at: datetime | None
    """From git alone: when the commit that merged it was made."""
    commits: tuple[Commit, ...]
    files: tuple[FileChange, ...]
    linked_issues: tuple[LinkedIssue, ...]
    events: tuple[PullRequestEvent, ...]
    author_kind: str = "unknown"
    """"user", "bot" or "unknown"."""
    closed_at: datetime | None = None
    """When it was merged or turned down; None while open, and where only git is known."""
    labels: tuple[str, ...] = ()
    """The labels that the project gave it."""
    checks: str | None = None
    """What continuous integration said of the head: "success", "failure", "error", "pending"."""
    reverts: tuple[str, ...] = ()
    """Commits, or pull requests as "#12", that it says it takes back."""
    reverted_by: str | None = None
    """The first commit of the default branch that says it takes this one back."""
    cherry_picked_from: tuple[str, ...] = ()
    """Commits that it says it copies."""
    provenance: tuple[FieldSource, ...] = ()
    """Where fields come from; those not listed come from git."""
    task_type: str | None = None
    """A `TaskType`; None before `label`, and where `label` abstained."""
    task_type_confidence: float = 0.0
    task_type_evidence: tuple[str, ...] = ()
    scenario: str | None = None
    """A `Scenario`; None before `label`, and where `label` abstained."""
    scenario_confidence: float = 0.0
    scenario_evidence: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One text file of a repository at the head commit, which `Repository` names."""

    file_id: str
    repo: str
    source: str
    license: str
    path: str
    language: str
    text: str
    num_bytes: int
    num_lines: int
    parse_status: str
    """"ok", "errors" (the tree has ERROR nodes), "unsupported" (no grammar) or "skipped" (size)."""
    is_test: bool
    is_generated: bool
    is_vendored: bool
    is_documentation: bool
    is_configuration: bool
    is_minified: bool = False
    """Machine-written on very few, very long lines."""
    package: str = ""
    """The folder of the package that it belongs to (where its manifest lies); "" for the root."""
    dependency_level: int | None = None
    """One more than that of the files it imports, 0 without any, None where imports are not read;
    files that import each other share one. Ordered by it, files come after what they import."""


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A mined repository. Only in mine's output: it says where the clone lies."""

    repository_id: str
    repo: str
    source: str
    license: str
    path: str
    head_commit: str
    owner: str = ""
    """Who answers for it, as the inventory says."""
    sensitivity: str = ""
    """How confidential it is, as the inventory says."""
    include: tuple[str, ...] = ()
    """Globs of the paths that may be read; () for all."""
    exclude: tuple[str, ...] = ()
    """Globs of paths that may not."""
    root_commits: tuple[str, ...] = ()
    """The default branch's commits without parents, its own line's first (`History`)."""


@dataclass(frozen=True, kw_only=True)
class RepositoryIdentity:
    """A person named in a repository's history. Only in mine's output: raw personal data."""

    identity_id: str
    repo: str
    source: str
    license: str
    name: str
    email: str
    num_commits: int


@dataclass(frozen=True, kw_only=True)
class ToolSpec:
    """A tool that the assistant may call."""

    name: str
    description: str
    parameters: str
    """JSON Schema of the arguments, as a JSON string."""


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """One call inside an assistant message."""

    call_id: str
    name: str
    arguments: str
    """A JSON object, as a string."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of a dialogue."""

    role: str
    """"system", "user", "assistant" or "tool"."""
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    """Only in assistant messages; several calls in one message run in order."""
    tool_call_id: str | None = None
    """In tool messages: the call that this answers."""
    exit_status: int | None = None
    """In tool messages: the exit status of what ran."""
    is_error: bool = False
    """In tool messages: the call failed; the loss masks the call that led here."""
    boundary: str | None = None
    """"compaction" or "mode_switch" where the context was rewritten before this message."""


@dataclass(frozen=True, kw_only=True)
class Dialogue:
    """A tool-use dialogue whose every observation is what a tool printed."""

    dialogue_id: str
    repo: str
    source: str
    license: str
    pr_id: str
    base_commit: str
    task_type: str | None
    scenario: str | None
    capability: str
    tools: tuple[ToolSpec, ...]
    messages: tuple[Message, ...]
    num_tool_calls: int
    num_failed_calls: int
    split: str = "train"
    """"train" or "validation"; set by mix, by repository."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """Rendered text for mid-training."""

    document_id: str
    repo: str
    source: str
    license: str
    capability: str
    task_type: str | None
    scenario: str | None
    language: str
    origin_id: str
    """The `pr_id` or `file_id` that the text was rendered from."""
    text: str
    split: str
    """"train" or "validation", by repository."""


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """A token-exact rollout: concatenated, the token ids are what the model saw and said."""

    trajectory_id: str
    repo: str
    source: str
    license: str
    task_id: str
    group: int
    """Rollouts of one group share the prompt; advantages are relative to the group."""
    policy_version: int
    tokens: tuple[int, ...]
    logprobs: tuple[float, ...]
    """Log-probability of each token under the policy that sampled it; 0.0 where not sampled."""
    sampled: tuple[bool, ...]
    """True where the policy produced the token, False for prompts and observations."""
    reward: float


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A dropped row: which, where, why. Never text of the row."""

    rejected_id: str
    repo: str
    source: str
    license: str
    stage: str
    table: str
    row_id: str
    reason: str
    detail: str
    duplicate_of: str | None = None
    """dedup: the id of the row that was kept in its place."""


TABLES: dict[str, Any] = {
    "pull_requests": PullRequest,
    "source_files": SourceFile,
    "repositories": Repository,
    "identities": RepositoryIdentity,
    "dialogues": Dialogue,
    "documents": Document,
    "trajectories": Trajectory,
    "findings": Finding,
    "rejected": Rejected,
}

ID_COLUMNS: dict[str, str] = {name: fields(row)[0].name for name, row in TABLES.items()}
"""Table -> the column of its id, which is the first."""
