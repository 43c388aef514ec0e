"""Rendering a pull request as a mid-training document.

In: a `PullRequest`. Out: Markdown: what was asked, the files before, the change, what was said.

    # acme/shop: Round prices half to even
    ...
    ## Before
    ### src/prices.py
    ```python
    ...
    ## Change
    ```diff
    --- a/src/prices.py
    +++ b/src/prices.py
    @@ -10,3 +10,3 @@

The order follows The Stack v2 (title, description, base files, diff) in the Markdown form that
daVinci-Dev found to fit agents; both read the base at the parent of the first commit.
"""

from schemas.discussion import Identity, PullRequestEvent
from schemas.errors import RowError
from schemas.tables import FileChange, PullRequest
from transforms.mix.config import MixConfig
from transforms.patch import Hunk, parse_hunks, split_lines


def render_pull_request(row: PullRequest, config: MixConfig) -> str:
    """The document of a pull request."""
    parts = [f"# {row.repo}: {row.title.strip()}\n"]
    if row.body.strip():
        parts.append(row.body.strip() + "\n")
    parts += [_render_issue(issue.title, issue.body) for issue in row.linked_issues if issue.title]
    before = [_render_before(file, config) for file in row.files if file.base_content]
    if before:
        parts += ["## Before\n", *before]
    messages = [commit.message.strip() for commit in row.commits]
    if len(messages) > 1:
        subjects = [message.partition("\n")[0] for message in messages]
        parts.append("## Commits\n\n" + "".join(f"* {subject}\n" for subject in subjects))
    parts += ["## Change\n", *(_render_change(file) for file in row.files)]
    spoken = [event for event in row.events if event.text.strip() or event.review_state]
    if spoken:
        names = _names_of_speakers(row)
        parts += ["## Discussion\n", *(_render_event(event, names) for event in spoken)]
    return "\n".join(parts)


def _render_issue(title: str, body: str) -> str:
    return f"## Issue: {title.strip()}\n\n{body.strip()}\n"


def _names_of_speakers(row: PullRequest) -> dict[Identity, str]:
    """Who speaks, by order of appearance; the author keeps that name."""
    others = dict.fromkeys(event.author for event in row.events if event.author != row.author)
    numbered = {author: f"Reviewer {index}" for index, author in enumerate(others, start=1)}
    return {row.author: "Author", **numbered}


def _render_event(event: PullRequestEvent, names: dict[Identity, str]) -> str:
    said = "" if event.review_state is None else f" ({event.review_state.replace('_', ' ')})"
    place = "" if event.path is None else f" on {event.path}"
    head = f"### {names[event.author]}{place}{said}\n"
    parts = [head]
    if event.diff_hunk:
        fence = _fence(event.diff_hunk)
        parts.append(f"{fence}diff\n{_ended(event.diff_hunk)}{fence}\n")
    if event.text.strip():
        parts.append(event.text.strip() + "\n")
    return "\n".join(parts)


def _render_before(file: FileChange, config: MixConfig) -> str:
    text = file.base_content or ""
    if len(text) > config.max_base_chars:
        text = _around_hunks(text, _hunks_or_none(file.patch), config.context_lines)
    fence = _fence(text)
    return f"### {file.old_path or file.path}\n\n{fence}{file.language}\n{_ended(text)}{fence}\n"


def _render_change(file: FileChange) -> str:
    old = "/dev/null" if file.status == "added" else f"a/{file.old_path or file.path}"
    new = "/dev/null" if file.status == "deleted" else f"b/{file.path}"
    fence = _fence(file.patch)
    return f"{fence}diff\n--- {old}\n+++ {new}\n{_ended(file.patch)}{fence}\n"


def _hunks_or_none(patch: str) -> list[Hunk]:
    try:
        return parse_hunks(patch)
    except RowError:
        return []


def _around_hunks(text: str, hunks: list[Hunk], context: int) -> str:
    """The lines near the hunks, with a mark where lines were left out."""
    lines = split_lines(text)
    shown: set[int] = set()
    for hunk in hunks:
        start = max(hunk.old_start - 1 - context, 0)
        end = hunk.old_start - 1 + len(hunk.side(" -")) + context
        shown.update(range(start, min(end, len(lines))))
    parts: list[str] = []
    previous = -1
    for index in sorted(shown):
        if index != previous + 1:
            parts.append(f"[lines {previous + 2} to {index} not shown]\n")
        parts.append(lines[index])
        previous = index
    if previous + 1 < len(lines):
        parts.append(f"[lines {previous + 2} to {len(lines)} not shown]\n")
    return "".join(parts)


def _fence(text: str) -> str:
    """A code fence longer than any run of backticks at the start of a line of the text."""
    longest = max((_ticks(line) for line in text.split("\n")), default=0)
    return "`" * max(3, longest + 1)


def _ticks(line: str) -> int:
    line = line.lstrip(" +-")
    return len(line) - len(line.lstrip("`"))


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
