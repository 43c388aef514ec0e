"""Functions that several files hold. In: a file's text. Out: its functions, the text without some.

    function_hashes("python", text, 50)          ->  [FunctionSpan(start=120, end=840, hash=...)]
    repeated(hashes, ranks)                      ->  which of them a better file holds as well
    cut_functions("python", text, [(120, 840)])  ->  the text without that one

Two functions are the same when their syntax trees are, to the last leaf, but for comments. Only
definitions count that lie in no other; decorators, attributes and the comment directly above belong
to one. The best file that holds a function keeps it: in all others it is cut, if what is left still
parses. A file of which only imports and comments are left is rejected: all else of it stands in
kept files, and a list of imports teaches nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from schemas.errors import RowError
from schemas.reasons import Reason
from schemas.tables import SourceFile
from transforms.dedup.arrays import U32, U64, Flags
from transforms.patch import split_lines
from transforms.syntax import is_costly, parser_for

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

_FUNCTIONS: dict[str, frozenset[str]] = {
    "bash": frozenset({"function_definition"}),
    "c": frozenset({"function_definition"}),
    "cpp": frozenset({"function_definition"}),
    "csharp": frozenset({"constructor_declaration", "method_declaration"}),
    "go": frozenset({"function_declaration", "method_declaration"}),
    "java": frozenset({"constructor_declaration", "method_declaration"}),
    "javascript": frozenset(
        {"function_declaration", "generator_function_declaration", "method_definition"}
    ),
    "php": frozenset({"function_definition", "method_declaration"}),
    "python": frozenset({"function_definition"}),
    "ruby": frozenset({"method", "singleton_method"}),
    "rust": frozenset({"function_item"}),
}
_FUNCTIONS["typescript"] = _FUNCTIONS["tsx"] = _FUNCTIONS["javascript"]

_WRAPPERS = frozenset({"decorated_definition", "export_statement", "template_declaration"})
"""Nodes that are cut with the function that is their last child."""
_ATTACHED = frozenset({"attribute_item", "decorator"})
"""Siblings that would belong to what follows, were the function cut without them."""
_HEADERS = ("comment", "import", "include", "package", "php_tag", "use_declaration", "using")
"""Parts of the types of nodes that say nothing by themselves."""


class FunctionSpan(NamedTuple):
    """A function with what belongs to it, in bytes of the UTF-8 text."""

    start: int
    end: int
    hash: int
    """64 bits; equal for equal syntax trees."""


def function_hashes(language: str, text: str, min_tokens: int) -> list[FunctionSpan]:
    """Functions and methods of at least so many tokens, in order.

    [] for languages without functions or grammar, and for texts with syntax errors or too costly.
    """
    data = text.encode("utf-8", "replace")
    tree = _faultless_tree(language, data)
    if tree is None:
        return []
    found: list[FunctionSpan] = []
    for start, node in _outermost(tree, _FUNCTIONS[language]):
        digest, num_tokens = _hash_tree(node, data)
        if num_tokens >= min_tokens:
            found.append(FunctionSpan(start, node.end_byte, digest))
    return sorted(found)


def repeated(hashes: U64, ranks: U32) -> Flags:
    """Which functions are also in a document of a better (lower) rank; two parallel arrays.

    One that a document holds twice is not repeated by that.
    """
    order = np.lexsort((ranks, hashes))
    is_first = np.ones(len(order), bool)
    is_first[1:] = hashes[order][1:] != hashes[order][:-1]
    best = ranks[order][is_first][np.cumsum(is_first) - 1]
    mask = np.zeros(len(order), bool)
    mask[order] = ranks[order] > best
    return mask


def cut_row(row: SourceFile, spans: Iterable[tuple[int, int]]) -> SourceFile:
    """The row without some of its functions; as it is, where the rest would not parse.

    Raises RowError(REPEATED_FUNCTIONS) where nothing but imports and comments is left.
    """
    spans = sorted(spans)
    text = cut_functions(row.language, row.text, spans)
    if text is None:
        return row
    if is_bare(row.language, text):
        raise RowError(Reason.REPEATED_FUNCTIONS, f"{len(spans)} functions")
    num_lines = len(split_lines(text))
    return replace(row, text=text, num_bytes=len(text.encode()), num_lines=num_lines)


def cut_functions(language: str, text: str, spans: Iterable[tuple[int, int]]) -> str | None:
    """The text without the spans (of `function_hashes`) and the blank lines after them.

    Those that are the whole body of a Python class stay. None where nothing can be cut, or the text
    or the rest has syntax errors.
    """
    data = text.encode("utf-8", "replace")
    tree = _faultless_tree(language, data)
    if tree is None:
        return None
    parts: list[bytes] = []
    position = 0
    for span in _leave_bodies(tree, _FUNCTIONS[language], spans):
        start, end = _whole_lines(data, *span)
        parts.append(data[position:start])
        position = end
    rest = b"".join([*parts, data[position:]])
    return rest.decode() if parts and _faultless_tree(language, rest) else None


def is_bare(language: str, text: str) -> bool:
    """Whether a text holds nothing but imports, comments and strings that stand alone."""
    tree = _faultless_tree(language, text.encode("utf-8", "replace"))
    return tree is not None and all(map(_is_header, tree.root_node.named_children))


def _is_header(node: "Node") -> bool:
    if node.type == "expression_statement":
        return all("string" in child.type for child in node.named_children)
    return any(part in node.type for part in _HEADERS)


def _faultless_tree(language: str, data: bytes) -> "Tree | None":
    if language not in _FUNCTIONS or is_costly(language, data):
        return None
    parser = parser_for(language)
    assert parser is not None
    tree = parser.parse(data)
    return None if tree.root_node.has_error else tree


def _outermost(tree: "Tree", types: frozenset[str]) -> Iterator[tuple[int, "Node"]]:
    """Definitions that lie in no other, each with where what belongs to it starts."""
    stack = [tree.root_node]
    while stack:
        children = stack.pop().children
        for index, child in enumerate(children):
            if _is_definition(child, types):
                yield _start_with_attached(children, index), child
            else:
                stack.append(child)


def _is_definition(node: "Node", types: frozenset[str]) -> bool:
    if node.type not in _WRAPPERS:
        return node.type in types
    inner = node.named_children
    return bool(inner) and inner[-1].type in types


def _start_with_attached(siblings: list["Node"], index: int) -> int:
    first = siblings[index]
    for i in range(index - 1, -1, -1):
        above = siblings[i]
        is_next = _last_row(above) + 1 >= first.start_point[0]
        starts_line = i == 0 or _last_row(siblings[i - 1]) < above.start_point[0]
        is_comment = "comment" in above.type and is_next and starts_line
        if not is_comment and above.type not in _ATTACHED:
            break
        first = above
    return first.start_byte


def _last_row(node: "Node") -> int:
    """Some nodes, as #include lines, hold the end of their line."""
    row, column = node.end_point
    return row - (column == 0)


def _hash_tree(node: "Node", data: bytes) -> tuple[int, int]:
    """A hash of a tree's shape and leaves without comments, and the number of leaves.

    Of a string all bytes count, since in some grammars no leaf covers what is between escapes.
    """
    digest = hashlib.blake2b(digest_size=8)
    num_tokens = 0
    cursor = node.walk()
    while True:
        found = cursor.node
        assert found is not None
        is_comment = "comment" in found.type
        if not (is_comment or "string" in found.type) and cursor.goto_first_child():
            digest.update(b"(%s " % found.type.encode())
            continue
        if not is_comment:
            num_tokens += 1
            leaf = data[found.start_byte : found.end_byte]
            digest.update(b"%d:%s" % (len(leaf), leaf))
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return int.from_bytes(digest.digest(), "big"), num_tokens
            digest.update(b")")


def _whole_lines(data: bytes, start: int, end: int) -> tuple[int, int]:
    """A span with its indentation, line end and the blank lines after it, if nothing is beside."""
    line = data.rfind(b"\n", 0, start) + 1
    stop = end
    while stop < len(data) and data[stop : stop + 1].isspace():
        stop += 1
    next_line = data.rfind(b"\n", end, stop) + 1 or (stop if stop == len(data) else 0)
    if data[line:start].strip() or not next_line:
        return start, end
    return line, next_line


def _leave_bodies(
    tree: "Tree", types: frozenset[str], spans: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The spans but for those that are all of a Python class or branch, which needs a body."""
    start_of = {end: start for start, end in spans}
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        inner = [child for child in node.named_children if "comment" not in child.type]
        # Other nodes end where their last function does.
        left = [c for c in inner if c.end_byte not in start_of or not _is_definition(c, types)]
        if node.type == "block" and not left:
            for child in inner:
                del start_of[child.end_byte]
        stack += left
    return sorted((start, end) for end, start in start_of.items())
