"""The texts of a row, each with its language. In: a row as a dict. Out: `Text`s.

    list(texts_of("source_files", row))
        ->  [Text(column="text", text="import os...", language="python", is_prose=False), ...]

Of a patch only the lines that it adds or removes, without their marks: the others are in the base.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from transforms.language_names import EXTENSIONS

_CARRIED = ("files[].base_content", "files[].patch")


class Text(NamedTuple):
    """One text of a row."""

    column: str
    text: str
    language: str
    is_prose: bool


def texts_of(table: str, row: dict[str, Any]) -> Iterator[Text]:
    """Every text of a row that is not empty; none for tables without texts."""
    reader = _READERS.get(table)
    return (text for text in (reader(row) if reader else ()) if text.text)


class NewTexts:
    """Passes on what a shard has not said before.

    Of code that pull requests carry, lines seen in an earlier one are blank, so that numbers of
    lines stay: on click's 910 pull requests that leaves a small part of their base contents.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def pick(self, texts: Iterable[Text]) -> Iterator[Text]:
        """Texts with something new."""
        for text in texts:
            fresh = text
            if text.column in _CARRIED:
                fresh = text._replace(text="\n".join(map(self._line, text.text.split("\n"))))
            elif self._is_seen(text.text):
                continue
            if not fresh.text.isspace():
                yield fresh

    def _line(self, line: str) -> str:
        # The first line of one private key is that of another too.
        return "" if self._is_seen(line) and "-----" not in line else line

    def _is_seen(self, text: str) -> bool:
        digest = hash(text)
        is_seen = digest in self._seen
        self._seen.add(digest)
        return is_seen


def changed_lines(patch: str) -> str:
    """The added and removed lines of a patch without their marks."""
    lines = patch.split("\n")
    return "\n".join(line[1:] for line in lines if line[:1] in ("+", "-"))


@cache
def extension_of(language: str) -> str:
    """The shortest ending of a language's files; "txt" where none is known."""
    endings = [ending for ending, name in EXTENSIONS.items() if name == language]
    return min(endings, key=lambda ending: (len(ending), ending), default="txt")


def _pull_request(row: dict[str, Any]) -> Iterator[Text]:
    yield Text("title", row["title"], "text", True)
    yield Text("body", row["body"], "markdown", True)
    yield Text("labels[]", "\n".join(row["labels"]), "text", True)
    for commit in row["commits"]:
        yield Text("commits[].message", commit["message"], "text", True)
    for issue in row["linked_issues"]:
        yield Text("linked_issues[].title", issue["title"], "text", True)
        yield Text("linked_issues[].body", issue["body"], "markdown", True)
    for event in row["events"]:
        yield Text("events[].text", event["text"], "markdown", True)
        yield Text("events[].diff_hunk", event["diff_hunk"] or "", "diff", True)
    for change in row["files"]:
        yield Text("files[].path", change["path"], "text", False)
        yield Text("files[].base_content", change["base_content"] or "", change["language"], False)
        yield Text("files[].patch", changed_lines(change["patch"]), change["language"], False)


def _source_file(row: dict[str, Any]) -> Iterator[Text]:
    yield Text("path", row["path"], "text", False)
    yield Text("text", row["text"], row["language"], False)


def _dialogue(row: dict[str, Any]) -> Iterator[Text]:
    for message in row["messages"]:
        yield Text("messages[].content", message["content"], "text", True)
        for call in message["tool_calls"]:
            yield Text("messages[].tool_calls[].arguments", call["arguments"], "json", False)


_READERS = {
    "pull_requests": _pull_request,
    "source_files": _source_file,
    "dialogues": _dialogue,
}
