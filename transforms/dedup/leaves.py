"""Code as the leaves of its syntax tree. In: UTF-8 bytes and languages. Out: token hashes.

code_tokens(data, bounds, ["python"])   ->  (token hashes, where each document starts)
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from transforms.dedup.arrays import I64, U8, U64
from transforms.dedup.characters import word_characters
from transforms.dedup.kernels_tokens import span_tokens, word_tokens
from transforms.syntax import is_costly, parser_for

if TYPE_CHECKING:
    from tree_sitter import Tree


def code_tokens(data: U8, bounds: I64, languages: Sequence[str]) -> tuple[U64, I64]:
    """Tokens of all documents; words where there is no faultless tree."""
    parts: list[U64] = [np.empty(0, np.uint64)]
    for (start, end), language in zip(pairwise(bounds.tolist()), languages, strict=True):
        parts.append(_tokens_of(data[start:end], language))
    starts = np.cumsum([len(part) for part in parts], dtype=np.int64)
    return np.concatenate(parts), starts


def _tokens_of(text: U8, language: str) -> U64:
    tree = _faultless_tree(text.tobytes(), language)
    if tree is None:
        tokens, _ = word_tokens(text, np.array([0, len(text)], np.int64), word_characters())
        return tokens
    cuts, comments = cuts_of(tree)
    return span_tokens(text, np.unique(np.array([0, *cuts, len(text)], np.int64)), comments)


def _faultless_tree(content: bytes, language: str) -> "Tree | None":
    parser = parser_for(language)
    if parser is None or is_costly(language, content):
        return None
    tree = parser.parse(content)
    return None if tree.root_node.has_error else tree


def cuts_of(tree: "Tree") -> tuple[list[int], I64]:
    """Where leaves start and end, and (start, end) of comments, in bytes."""
    cursor = tree.walk()
    cuts: list[int] = []
    comments: list[tuple[int, int]] = []
    while True:
        node = cursor.node
        assert node is not None
        is_comment = "comment" in node.type
        if is_comment:
            comments.append((node.start_byte, node.end_byte))
        if is_comment or not cursor.goto_first_child():
            cuts.append(node.start_byte)
            cuts.append(node.end_byte)
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return cuts, np.array(comments, np.int64).reshape(-1, 2)
