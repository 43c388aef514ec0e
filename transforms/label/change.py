"""What labels are told by, read once from a pull request. In: a PullRequest. Out: a `Change`.

read_change(pull_request).prefix      ->  "fix" for "fix(cart): round totals"
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from schemas.tables import FileChange, PullRequest
from transforms.label.lexicon import PREFIXES

_PREFIX = re.compile(
    rf"\s*({'|'.join(PREFIXES)})(?:\(([^)]*)\))?!?(?::\s*|/\s*)(.*)", re.IGNORECASE | re.DOTALL
)
# "[parser] Fix x", "#12: Fix x", "`parser`: fix x": where, not what.
_WHERE = re.compile(r"\s*(?:\[[^]]*\]|\(?#\d+\)?|`[^`]*`:)[:\s-]*")
# Templates say "- [ ] I added tests" whatever the change is.
_TEMPLATE = re.compile(r"<!--.*?(?:-->|\Z)|^[ \t]*+[-*] \[[ xX]\][^\n]*", re.DOTALL | re.MULTILINE)
_WORD = re.compile(r"[a-z][a-z0-9+#]*(?:-[a-z]+)*")
_DEFINITION = re.compile(
    r"\s*(?:(?:export|default|public|static|async|pub|abstract|final|open)\s+)*"
    r"(?:def|class|func|fn|function|interface|struct|enum|trait)\s+([A-Za-z]\w*)"
)
_COMMENT = re.compile(r"\s*(?:#(?!include|define|if|endif)|//|\*|/\*|--|\"\"\"|''')|\s*$")


@dataclass(frozen=True)
class Change:
    """A pull request as labels see it. Generated and vendored files are left out."""

    prefix: str | None
    """Conventional type of the title."""
    scope: str
    """What stands in parentheses after the prefix, lower case; else ""."""
    commit_prefixes: tuple[str, ...]
    title: str
    """Without prefix, lower case."""
    body: str
    issues: str
    files: tuple[FileChange, ...]

    @cached_property
    def title_terms(self) -> frozenset[str]:
        """Words and pairs of words of the title."""
        return terms_of(self.title)

    @cached_property
    def scope_terms(self) -> frozenset[str]:
        """Words and pairs of words of the scope."""
        return terms_of(self.scope)

    @cached_property
    def body_terms(self) -> frozenset[str]:
        """Words and pairs of words of body and commit messages."""
        return terms_of(self.body)

    @cached_property
    def issue_terms(self) -> frozenset[str]:
        """Words and pairs of words of the linked issues."""
        return terms_of(self.issues)

    @property
    def code_files(self) -> tuple[FileChange, ...]:
        """Files that are program code and no test."""
        return tuple(file for file in self.files if is_code(file) and not file.is_test)

    @cached_property
    def added(self) -> tuple[str, ...]:
        """Lines added to code files."""
        return tuple(line for file in self.code_files for line in changed_lines(file, "+"))

    @cached_property
    def removed(self) -> tuple[str, ...]:
        """Lines removed from code files."""
        return tuple(line for file in self.code_files for line in changed_lines(file, "-"))

    @cached_property
    def num_new_definitions(self) -> int:
        """Public functions and types that lines added define and no removed line does."""
        return len(_definitions(self.added) - _definitions(self.removed))

    @cached_property
    def moved_share(self) -> float:
        """Share of the removed lines of code that are added again somewhere, 0 to 1."""
        removed = Counter(line.strip() for line in self.removed if len(line.strip()) > 7)
        added = Counter(line.strip() for line in self.added)
        return (removed & added).total() / max(removed.total(), 1)

    @cached_property
    def is_comments_only(self) -> bool:
        """Whether code changes, and every changed line of it is a comment or blank."""
        lines = self.added + self.removed
        return bool(lines) and all(_COMMENT.match(line) for line in lines)


def read_change(row: PullRequest) -> Change:
    """The facts of a pull request."""
    prefix, title = split_prefix(row.title)
    commits = [split_prefix(commit.message) for commit in row.commits]
    body = "\n".join([_TEMPLATE.sub(" ", row.body), *(message for _, message in commits)])
    return Change(
        prefix=prefix,
        scope=scope_of(row.title),
        commit_prefixes=tuple(found for found, _ in commits if found),
        title=_without_where(title).lower(),
        body=body.lower(),
        issues="\n".join(f"{issue.title}\n{issue.body}" for issue in row.linked_issues).lower(),
        files=tuple(f for f in row.files if not f.is_generated and not f.is_vendored),
    )


def split_prefix(message: str) -> tuple[str | None, str]:
    """("fix", "round totals") for "fix(cart): round totals"; (None, message) without a prefix."""
    match = _PREFIX.match(message)
    return (match[1].lower(), match[3]) if match else (None, message)


def scope_of(message: str) -> str:
    """ "cart" for "fix(cart): round totals"; "" without a scope."""
    match = _PREFIX.match(message)
    return (match[2] or "").lower() if match else ""


def _without_where(title: str) -> str:
    match = _WHERE.match(title)
    return title[match.end() :] if match else title


def terms_of(text: str) -> frozenset[str]:
    """Words and pairs of neighbouring words of a lower-case text."""
    words = _WORD.findall(text)
    return frozenset(words) | {f"{a} {b}" for a, b in pairwise(words)}


def is_code(file: FileChange) -> bool:
    """Whether a file is neither documentation nor configuration."""
    return not file.is_documentation and not file.is_configuration


def changed_lines(file: FileChange, mark: str) -> list[str]:
    """Lines of a patch with the mark "+" or "-", without it."""
    return [line[1:] for line in file.patch.split("\n") if line.startswith(mark)]


def _definitions(lines: Iterable[str]) -> set[str]:
    return {match[1] for line in lines if (match := _DEFINITION.match(line))}
