"""Which findings stand in comments and docstrings. In: text, language, spans. Out: those spans.

in_comments("x = 1  # Jane Doe", "python", [(9, 17)])  ->  [(9, 17)]

A file with a grammar is parsed, which takes a second per 5 to 10 MB: ask only where something was
found. Without one, or if parsing is costly, a comment is what stands behind a mark in its line.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from transforms.anonymize.offsets import byte_starts
from transforms.syntax import is_costly, parser_for

if TYPE_CHECKING:
    from tree_sitter import Node

_MARK = re.compile(r"(?:^|\s)(?:#|//|/\*|\*|--|;|%|<!--|\(\*|\{-)|^\s*[!'\"]")
# Longer lines are generated, and measuring them for each finding would take quadratic time.
_MAX_LINE_CHARS = 500
_BODIES = frozenset({"module", "block"})


def in_comments(
    text: str, language: str, spans: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The spans, in characters, that lie in one comment or docstring each."""
    parser = parser_for(language)
    data = text.encode("utf-8", "replace")
    if parser is None or is_costly(language, data):
        return [span for span in spans if _is_marked(text, span[0])]
    root = parser.parse(data).root_node
    ordered = sorted(spans)
    positions = byte_starts(text, [start for start, _ in ordered])
    kept = []
    for (start, end), position in zip(ordered, positions, strict=True):
        size = len(text[start:end].encode("utf-8", "replace"))
        node = root.descendant_for_byte_range(position, position + size)
        if node is not None and _is_comment(node):
            kept.append((start, end))
    return kept


def _is_marked(text: str, start: int) -> bool:
    before = text[max(0, start - _MAX_LINE_CHARS) : start]
    line = before.rpartition("\n")[2]
    return len(line) < _MAX_LINE_CHARS and _MARK.search(line) is not None


def _is_comment(node: "Node") -> bool:
    if "comment" in node.type:
        return True
    parent = node.parent
    if node.type in ("string", "string_content"):
        string = node if node.type == "string" else parent
        return string is not None and _is_docstring(string)
    return parent is not None and "comment" in parent.type


def _is_docstring(string: "Node") -> bool:
    """Python's: the first statement of a module or of a body, a string alone."""
    statement = string.parent
    if statement is None or statement.type != "expression_statement":
        return False
    before, body = statement.prev_named_sibling, statement.parent
    while before is not None and before.type == "comment":
        before = before.prev_named_sibling
    return before is None and body is not None and body.type in _BODIES
