"""Rules on title, description, comments and size. In: a row. Out: the row with less, or a fault.

    cut_title=500            cuts the title
    min_title_chars=10       of the title "Fix it": "6 < 10"

In the order of The Stack v2's render.py: noise goes first, then what is left is measured and cut.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from schemas.tables import PullRequest
from transforms.filters.bots import BOT_LISTS, is_bot
from transforms.filters.rule import Change, RepositoryFacts, Rule, at_least, at_most
from transforms.filters.text import cut_lines, strip_email_reply, strip_html_comments

CHARS_PER_TOKEN = 3.44
"""Of The Stack v2's pull requests: 67.3 GB are 19.54 billion tokens (arXiv:2402.19173)."""


def _on_texts(function: Callable[[str, Any], str]) -> Change:
    """A change of the description and of every event's text."""

    def change(row: PullRequest, facts: RepositoryFacts, value: Any) -> PullRequest:
        events = tuple(replace(event, text=function(event.text, value)) for event in row.events)
        return replace(row, body=function(row.body, value), events=events)

    return change


def _drop_bot_events(row: PullRequest, facts: RepositoryFacts, bots: str) -> PullRequest:
    events = tuple(
        event
        for event in row.events
        if not is_bot(event.author.name, event.author.email, event.author_kind, bots=bots)
    )
    return replace(row, events=events)


def _drop_events_with(
    row: PullRequest, facts: RepositoryFacts, words: tuple[str, ...]
) -> PullRequest:
    events = tuple(event for event in row.events if not _has_word(event.text, words))
    return replace(row, events=events)


def _drop_short_events(row: PullRequest, facts: RepositoryFacts, least: int) -> PullRequest:
    """An approval says what it says without words."""
    events = tuple(e for e in row.events if e.kind == "review" or len(e.text) >= least)
    return replace(row, events=events)


def _cut_title(row: PullRequest, facts: RepositoryFacts, most: int) -> PullRequest:
    return replace(row, title=row.title[:most])


def _has_word(text: str, words: tuple[str, ...]) -> bool:
    lower = text.lower()
    return any(word in lower for word in words)


def _no_description_words(
    row: PullRequest, facts: RepositoryFacts, words: tuple[str, ...]
) -> str | None:
    return f"one of {len(words)} words" if _has_word(row.body, words) else None


def _no_title_words(row: PullRequest, facts: RepositoryFacts, words: tuple[str, ...]) -> str | None:
    return f"one of {len(words)} words" if _has_word(row.title, words) else None


def _min_description_chars(row: PullRequest, facts: RepositoryFacts, least: int) -> str | None:
    return at_least(len(row.body), least)


def _min_title_chars(row: PullRequest, facts: RepositoryFacts, least: int) -> str | None:
    return at_least(len(row.title), least)


def _min_chars(row: PullRequest, facts: RepositoryFacts, least: int) -> str | None:
    return at_least(_num_chars(row), least)


def _max_chars(row: PullRequest, facts: RepositoryFacts, most: int) -> str | None:
    return at_most(_num_chars(row), most)


def _max_tokens(row: PullRequest, facts: RepositoryFacts, most: int) -> str | None:
    num_base = sum(len(file.base_content or "") for file in row.files)
    return at_most(int((_num_chars(row) + num_base) / CHARS_PER_TOKEN), most)


def _num_chars(row: PullRequest) -> int:
    """Title, description, patches with their paths, events; base files are counted apart."""
    texts = [row.title, row.body, *(event.text for event in row.events)]
    texts += [text for file in row.files for text in (file.path, file.patch)]
    return sum(map(len, texts))


TEXT_RULES = (
    Rule(
        name="drop_bot_events",
        sentence="No reviews and comments of programs, by this list.",
        default="known",
        choices=BOT_LISTS,
        change=_drop_bot_events,
    ),
    Rule(
        name="strip_email_replies",
        sentence="Texts without quotes, headers and footers of mail replies, without sign-offs.",
        default=True,
        change=_on_texts(lambda text, _: strip_email_reply(text)),
    ),
    Rule(
        name="drop_events_with",
        sentence="No reviews and comments that hold one of these words.",
        default=("codecov", "qwiet"),
        change=_drop_events_with,
    ),
    Rule(
        name="no_description_words",
        sentence="The description holds none of these words.",
        default=("qwiet",),
        fault=_no_description_words,
    ),
    Rule(
        name="strip_html_comments",
        sentence="Texts without HTML comments.",
        default=True,
        change=_on_texts(lambda text, _: strip_html_comments(text)),
    ),
    Rule(
        name="cut_lines",
        sentence="Of texts of more than N lines the first three quarters of N and the last one.",
        default=80,
        change=_on_texts(cut_lines),
    ),
    Rule(
        name="min_description_chars",
        sentence="The description has at least N characters.",
        default=20,
        needs=("body",),
        fault=_min_description_chars,
    ),
    Rule(
        name="drop_short_events",
        sentence="No comments of fewer than N characters; reviews are exempt.",
        default=20,
        change=_drop_short_events,
    ),
    Rule(
        name="cut_text",
        sentence="Of texts the first N characters.",
        default=1_000,
        change=_on_texts(lambda text, most: text[:most]),
    ),
    Rule(
        name="min_title_chars",
        sentence="The title has at least N characters.",
        default=10,
        fault=_min_title_chars,
    ),
    Rule(
        name="no_title_words",
        sentence="The title holds none of these words.",
        default=("dependencies", "dependency", "depend", "release"),
        fault=_no_title_words,
    ),
    Rule(
        name="cut_title",
        sentence="Of the title the first N characters.",
        default=500,
        change=_cut_title,
    ),
    Rule(
        name="min_chars",
        sentence="Title, description, comments and patches have together at least N characters.",
        default=200,
        fault=_min_chars,
    ),
    Rule(
        name="max_chars",
        sentence="They have at most N.",
        default=1_000_000,
        fault=_max_chars,
    ),
    Rule(
        name="max_tokens",
        sentence="With the files as they were at most N tokens, taken as 3.44 characters each.",
        default=32_768,
        fault=_max_tokens,
    ),
)
