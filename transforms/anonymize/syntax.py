"""A file that parsed still parses, and alike. In: an anonymizer, texts of one file. Out: new texts.

    anonymize_code(anonymizer, [base, head], "python")  ->  [base without people, head likewise]

The sequence of tree-sitter node types must stay the same; a file that had errors must not have
more. Where the usual pseudonyms fail (a committer's e-mail as the operand of a matrix product) all
texts of the file get identifier-like ones; where these fail too the row is rejected.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from schemas.errors import RowError
from schemas.reasons import Reason
from transforms.anonymize.products import hide_products, show_products
from transforms.language_names import PROSE_LANGUAGES
from transforms.syntax import is_costly, parser_for

if TYPE_CHECKING:
    from tree_sitter import Tree

    from transforms.anonymize.text import TextAnonymizer

# Pieces of a literal or of a page's text: escapes cut these, and a pseudonym needs other escapes.
_PIECES = frozenset(
    (
        "escape_sequence", "string_content", "string_fragment", "string_literal_content",
        "interpreted_string_literal_content", "unescaped_template_fragment", "character_reference",
        "entity", "text",
    )
)  # fmt: skip


_RECENT = 64
"""Verdicts that are kept: the same file comes again in the next pull request."""


def anonymize_code(anonymizer: "TextAnonymizer", texts: Sequence[str], language: str) -> list[str]:
    """New texts with as many lines each. Raises RowError(ANONYMIZATION_BROKE_SYNTAX)."""
    # In code "@jdoe" is a decorator, a rule or a package.
    prose, is_python = language in PROSE_LANGUAGES, language == "python"
    hidden = [hide_products(text, anonymizer.seeds(text)) if is_python else text for text in texts]
    for identifier_like in (False, True):
        found = [
            anonymizer.text(text, prose=prose, identifier_like=identifier_like, language=language)
            for text in hidden
        ]
        fresh = list(map(show_products, found)) if hidden != list(texts) else found
        if all(map(lambda old, new: keeps_syntax(language, old, new), texts, fresh)):
            return fresh
    raise RowError(Reason.ANONYMIZATION_BROKE_SYNTAX, language)


@lru_cache(maxsize=_RECENT)
def keeps_syntax(language: str, before: str, after: str) -> bool:
    """True when both parse alike, when nothing changed, or when the language has no grammar."""
    parser = parser_for(language)
    old_bytes, new_bytes = before.encode("utf-8", "replace"), after.encode("utf-8", "replace")
    costly = is_costly(language, old_bytes) or is_costly(language, new_bytes)
    if before == after or parser is None or costly:
        return True
    old, new = parser.parse(old_bytes), parser.parse(new_bytes)
    if old.root_node.has_error:
        return _num_errors(new) <= _num_errors(old)
    pairs = zip_longest(_node_types(old), _node_types(new))
    return not new.root_node.has_error and all(one == other for one, other in pairs)


def _num_errors(tree: "Tree") -> int:
    return sum(kind == "ERROR" for kind in _node_types(tree))


def _node_types(tree: "Tree") -> Iterator[str]:
    """Types of all nodes in preorder but for `_PIECES`, "ERROR" for missing ones too."""
    cursor = tree.walk()
    while True:
        node = cursor.node
        assert node is not None
        if node.is_missing or node.type not in _PIECES:
            yield "ERROR" if node.is_missing else node.type
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
