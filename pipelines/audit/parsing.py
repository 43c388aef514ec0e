"""Does code parse as it did? In: a row before and after. Out: counts by language.

    ParseCounts: {"python": LanguageCounts(files=120, changed=31, parsed_before=118, ...)}

Files, base contents of pull requests and their heads, which are rebuilt from base and patch. Trees
are compared here once more, independently of the stage: number of errors, node types, lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import Any

from schemas.errors import RowError
from transforms.patch import apply_hunks, parse_hunks
from transforms.syntax import is_costly, parser_for


@dataclass
class LanguageCounts:
    """Files of one language."""

    files: int = 0
    changed: int = 0
    """Files that are not as they were."""
    compared: int = 0
    """Changed files of a language with a grammar, not too costly to parse."""
    parsed_before: int = 0
    """Compared files without an error."""
    parsed_after: int = 0
    new_errors: int = 0
    """Compared files with more errors than before."""
    other_nodes: int = 0
    """Compared files without errors whose nodes are of other types."""
    other_lines: int = 0
    """Changed files with another number of lines."""

    def add(self, other: "LanguageCounts") -> None:
        """Count the other's files too."""
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))


def compare_row(
    table: str, raw: dict[str, Any], fresh: dict[str, Any], counts: dict[str, LanguageCounts]
) -> None:
    """Count the files of a row."""
    for language, before, after in _contents(table, raw, fresh):
        counts.setdefault(language, LanguageCounts()).add(compare(language, before, after))


def compare(language: str, before: str, after: str) -> LanguageCounts:
    """The counts of one file."""
    counts = LanguageCounts(files=1)
    if before == after:
        return counts
    counts.changed = 1
    counts.other_lines = int(before.count("\n") != after.count("\n"))
    old_bytes, new_bytes = before.encode("utf-8", "replace"), after.encode("utf-8", "replace")
    parser = parser_for(language)
    if parser is None or is_costly(language, old_bytes) or is_costly(language, new_bytes):
        return counts
    old, new = parser.parse(old_bytes), parser.parse(new_bytes)
    counts.compared = 1
    counts.parsed_before = int(not old.root_node.has_error)
    counts.parsed_after = int(not new.root_node.has_error)
    counts.new_errors = int(_num_errors(new) > _num_errors(old))
    if counts.parsed_before and counts.parsed_after:
        pairs = zip_longest(_node_types(old), _node_types(new))
        counts.other_nodes = int(any(one != other for one, other in pairs))
    return counts


def _contents(
    table: str, raw: dict[str, Any], fresh: dict[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """(language, before, after) of every file that both rows hold."""
    if table == "source_files":
        yield raw["language"], raw["text"], fresh["text"]
        return
    for old, new in zip(raw["files"], fresh["files"], strict=True):
        if old["base_content"] is not None and new["base_content"] is not None:
            yield old["language"], old["base_content"], new["base_content"]
        try:
            yield old["language"], _head(old), _head(new)
        except RowError:
            continue  # A patch without its base: there is no file to rebuild.


def _head(change: dict[str, Any]) -> str:
    return apply_hunks(change["base_content"] or "", parse_hunks(change["patch"]))


def _num_errors(tree: Any) -> int:
    if not tree.root_node.has_error:
        return 0
    return sum(kind == "ERROR" for kind in _node_types(tree))


def _node_types(tree: Any) -> Iterator[str]:
    """Types of all nodes in preorder, "ERROR" for missing ones too."""
    cursor = tree.walk()
    while True:
        node = cursor.node
        yield "ERROR" if node.is_missing else node.type
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
