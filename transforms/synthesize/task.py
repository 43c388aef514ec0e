"""What is asked, and what in it is worth searching for. In: a `PullRequest`. Out: texts.

search_terms("Fix `cart_total` for empty carts")  ->  ["cart_total"]
"""

import re

from schemas.tables import PullRequest

SYSTEM_TEXT = (
    "You are a software engineer working in a checkout of a repository. Find out what the request "
    "is about, read before you change, make the smallest change that does it, and check it. "
    "Use the tools; all paths are relative to the repository's root."
)
SHELL_TEXT = " Commands run in a sandbox without network, in the repository's root."

# Each alternative is anchored, so that no text takes more than linear time.
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_QUOTED = re.compile(r"`([^`\n]{3,60})`")
# --options, snake_case, camelCase, dotted.names, and names that are called.
_NAME = re.compile(
    r"(?<!\S)--[a-z][\w-]+|\b[A-Za-z0-9]*_\w+|\b[a-z]+[A-Z]\w+|\b[A-Z][a-z]+[A-Z]\w+"
    r"|\b\w+(?:\.\w+)+|\b\w+(?=\(\))"
)
_WORD = re.compile(r"\b[A-Za-z][A-Za-z-]{4,}")
_COMMON_WORDS = frozenset(
    """
    about added adding after allow allows also always avoid before being between broken change
    changed changes check clean cleanup correct correctly could create default deprecate
    documentation ensure error errors every example feature fixed fixes fixing handle handling
    implement improve instead issue make minor missing move never other print proper properly
    refactor remove removed removes rename replace request return returns should simplify some
    support test tests their there these typo update updated updates using value values when
    where which while without would
    """.split()  # noqa: SIM905  (as a list it is a page of quotation marks)
)


def system_text(has_shell: bool) -> str:
    """The system message."""
    return SYSTEM_TEXT + (SHELL_TEXT if has_shell else "")


def task_text(pull_request: PullRequest, opening: str, max_chars: int) -> str:
    """The user message: an opening line, the title, the body and the issues that it closes."""
    parts = [opening, pull_request.title.strip(), pull_request.body]
    # From git alone an issue is a number; a heading without text would ask for nothing.
    for issue in (one for one in pull_request.linked_issues if one.title or one.body):
        number = f" #{issue.number}" if issue.number else ""
        parts.append(f"Issue{number}: {issue.title.strip()}\n\n{issue.body}")
    text = "\n\n".join(part for part in map(_clean, parts) if part)
    if len(text) <= max_chars:
        return text
    return f"{text[:max_chars]}\n[{len(text) - max_chars} more characters are not shown]"


def search_terms(text: str, limit: int = 10) -> list[str]:
    """Names in a text in the order they are met, quoted ones first; failing those, long words."""
    quoted = [term.strip() for term in _QUOTED.findall(text)]
    found = [term for term in [*quoted, *_NAME.findall(text)] if len(term) > 2]
    if not found:
        title_first = _WORD.findall(text)
        found = [word for word in title_first if word.lower() not in _COMMON_WORDS]
    return list(dict.fromkeys(found))[:limit]


def _clean(text: str) -> str:
    text = _without_comments(text.replace("\r\n", "\n"))
    return _BLANK_LINES.sub("\n\n", text).strip()


def _without_comments(text: str) -> str:
    """Without the HTML comments that pull request forms are full of."""
    kept, opened, rest = text.partition("<!--")
    while opened:
        _, closed, rest = rest.partition("-->")
        if not closed:
            break
        before, opened, rest = rest.partition("<!--")
        kept += before
    return kept
