r"""Matrix products of Python that look like e-mails. In: code. Out: code with their "@" hidden.

    hidden = hide_products("y = x@layer.weight  # x@corp.io", [])
    hidden  ->  "y = x\ufdd0layer.weight  # x@corp.io"        show_products(hidden)  ->  as before

What stands in "@"'s place is a Unicode noncharacter, which no text should have.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from transforms.anonymize.checks import COMMON_TOPS
from transforms.anonymize.seeds import Seed
from transforms.syntax import is_costly, parser_for

if TYPE_CHECKING:
    from tree_sitter import Tree

_HIDDEN = "\ufdd0"
# Two letters after the last dot are a country more likely than an attribute.
_LIKE_EMAIL = re.compile(r"\w@\w+(?:\.\w+)*\.(?P<top>[A-Za-z_]{3,})")


def hide_products(text: str, seeds: Iterable[Seed]) -> str:
    """The text with the operators hidden, except in addresses that are known to be somebody's."""
    likely = [
        match.start() + 1
        for match in _LIKE_EMAIL.finditer(text)
        if match["top"].lower() not in COMMON_TOPS
    ]
    if not likely or _HIDDEN in text:
        return text
    known = {at for seed in seeds for at in range(seed.start, seed.end)}
    operators = _operators(text)
    chars = list(text)
    for at in likely:
        if at in operators and at not in known:
            chars[at] = _HIDDEN
    return "".join(chars)


def show_products(text: str) -> str:
    """The text with hidden operators back in place."""
    return text.replace(_HIDDEN, "@")


def _operators(text: str) -> set[int]:
    """Positions in characters of every "@" token; none in a text that does not parse."""
    data, parser = text.encode("utf-8", "replace"), parser_for("python")
    if parser is None or is_costly("python", data):
        return set()
    tree = parser.parse(data)
    if tree.root_node.has_error:
        return set()
    return set(_in_characters(data, sorted(_starts(tree))))


def _in_characters(data: bytes, positions: Iterable[int]) -> Iterator[int]:
    chars = previous = 0
    for position in positions:
        chars += len(data[previous:position].decode())
        previous = position
        yield chars


def _starts(tree: "Tree") -> Iterator[int]:
    """Byte positions of the tokens "@", in preorder."""
    cursor = tree.walk()
    while True:
        node = cursor.node
        assert node is not None
        if node.type == "@":
            yield node.start_byte
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
