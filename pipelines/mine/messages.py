"""What commit messages say. In: a message. Out: a mention of a pull request, a title, issues.

    parse_mention("Fix rounding (#12)", num_parents=1)  ->  Mention(number=12, is_merge=False)

Forms: GitHub's "Merge pull request #N from ..." and "Title (#N)", GitLab's "See merge request
group/project!N", Bitbucket's "Merged in branch (pull request #N)".
"""

import re
from dataclasses import dataclass

_GITHUB_MERGE = re.compile(r"Merge pull request #(\d{1,9})\b")
_BITBUCKET_MERGE = re.compile(r"Merged in .*\(pull request #(\d{1,9})\)$")
_GITLAB = re.compile(r"^See merge request \S*!(\d{1,9})$", re.M)
_NUMBERED = re.compile(r"\(#(\d{1,9})\)$")
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
# The keywords of GitHub; "Fixes: #12" and "fixes GH-12" are in use too.
_CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?[ \t]+(?:#|GH-)(\d{1,9})\b", re.I
)
# Written by `git revert`, and by GitHub's button into the description.
_REVERTS = re.compile(
    r"^This reverts commit ([0-9a-f]{40}|[0-9a-f]{64})\b|^Reverts [\w./-]{0,140}(#\d{1,9})\b", re.M
)
_CHERRY_PICKED = re.compile(r"^\(cherry picked from commit ([0-9a-f]{40}|[0-9a-f]{64})\)$", re.M)


@dataclass(frozen=True, kw_only=True)
class Mention:
    """The pull request that a commit says it brings in."""

    number: int
    is_merge: bool


def parse_mention(message: str, num_parents: int) -> Mention | None:
    """The pull request that a commit of the default branch brings in, if it says so."""
    subject = message.lstrip().partition("\n")[0].rstrip()
    match = _NUMBERED.search(subject) or _last_gitlab(message)
    if num_parents > 1:
        match = _GITHUB_MERGE.match(subject) or _BITBUCKET_MERGE.match(subject) or match
    return Mention(number=int(match[1]), is_merge=num_parents > 1) if match else None


def title_and_body(message: str) -> tuple[str, str]:
    """Title and body of the pull request that a commit brings in; ("", "") when it has none.

    A generated merge subject names the author's branch, so the title is the next line.
    """
    subject, _, rest = strip_comments(message).strip().partition("\n")
    generated = ("Merge pull request #", "Merged in ", "Merge branch ", "Merge remote-tracking ")
    if subject.startswith(generated):
        match = _last_gitlab(rest)
        rest = rest[: match.start()] + rest[match.end() :] if match else rest
        subject, _, rest = rest.strip().partition("\n")
    return _NUMBERED.sub("", subject.strip()).rstrip(), rest.strip()


def _last_gitlab(message: str) -> re.Match[str] | None:
    """GitLab appends its own line; lines before it are quotes of other merge requests."""
    return max(_GITLAB.finditer(message), key=re.Match.start, default=None)


def strip_comments(text: str) -> str:
    """Text without HTML comments, in which templates address the author."""
    return _HTML_COMMENT.sub("", text)


def linked_issue_numbers(text: str) -> list[int]:
    """Numbers after GitHub's closing keywords, ascending; comments do not count."""
    return sorted({int(number) for number in _CLOSES.findall(strip_comments(text))})


def parse_reverts(message: str) -> tuple[str, ...]:
    """What a message says it takes back: commits, and pull requests as "#N"."""
    found = (sha or number for sha, number in _REVERTS.findall(message))
    return tuple(dict.fromkeys(found))


def parse_cherry_picks(message: str) -> tuple[str, ...]:
    """The commits that `git cherry-pick -x` says this one copies."""
    return tuple(dict.fromkeys(_CHERRY_PICKED.findall(message)))
