"""Secrets by what they are assigned to. In: text, language. Out: spans of values, with a rule.

find_assigned('db_password = "k2J9-xQ"', "python")  ->  [(15, 22, "assigned-password")]

A value is judged by itself and its name (`secret_values`). In a programming language a value
without quotes counts only inside a string or a comment, which the syntax tree tells: in
"password = read_line" it is an expression. The tree is built only where such a value was found.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from transforms.anonymize.assigned_candidates import Candidate, candidates, continued
from transforms.anonymize.checks import line_start
from transforms.anonymize.json_web_keys import find_key_members
from transforms.anonymize.offsets import byte_starts
from transforms.anonymize.pseudonyms import is_issued_secret
from transforms.anonymize.secret_values import is_secret, name_family
from transforms.spdx import LICENSES
from transforms.syntax import is_costly, parser_for

if TYPE_CHECKING:
    from tree_sitter import Node

_LANGUAGES = (
    "c clojure cpp csharp dart elixir erlang fsharp go groovy haskell java javascript julia kotlin"
    " lua objectivec ocaml perl php powershell python r ruby rust scala swift tsx typescript vb zig"
)
_CODE = frozenset(_LANGUAGES.split())
"""Languages in which a bare word is an expression."""
_TEXT_NODE = re.compile("string|comment|(?:^|_)char|heredoc|regex|(?:^|_)text$")
_EXPRESSION_NODE = re.compile("interpolation|substitution|expansion|embedded")
_MAX_LINE_CHARS = 300
_COMMENT_OR_STRING = re.compile(r"""^\s*(?:\#|//|/\*|\*|--|;|%)|["'`]""")


def find_assigned(text: str, language: str) -> list[tuple[int, int, str]]:
    """(start, end, rule) of each value, in characters, in order; no two overlap."""
    likely = [
        one
        for one in candidates(text)
        if not _is_between_quotes(text[one.start : one.end])
        and text[one.start : one.end].casefold() not in _license_ids()
        and is_secret(one, text[one.start : one.end])
    ]
    likely = _without_expressions(text, language, likely)
    spans = [(start, end, "json-web-key") for start, end in find_key_members(text)]
    for one in likely:
        rule = f"assigned-{name_family(one.name)}"
        parts = [(one.start, one.end), *(continued(text, one.end) if one.quote else ())]
        spans += [(start, end, rule) for start, end in parts]
    return _disjoint(span for span in spans if not is_issued_secret(text[span[0] : span[1]]))


def readable_candidates(text: str, language: str) -> list[Candidate]:
    """All values beside a telling name that are no expressions, secret or not."""
    return _without_expressions(text, language, list(candidates(text)))


@cache
def _license_ids() -> frozenset[str]:
    """SPDX ids, which are nobody's secret: GitHub describes a license by `key: agpl-3.0`."""
    return frozenset(name.casefold() for name in LICENSES)


def _is_between_quotes(value: str) -> bool:
    """Code of a shell between two strings: `$(echo -n ` before a quote, ` | tee -a ` behind one."""
    return value != value.strip() or value.startswith(("$(", "`"))


def _disjoint(spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """In order; of spans that overlap the first, of those with one start the longest."""
    found: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def _without_expressions(text: str, language: str, likely: list[Candidate]) -> list[Candidate]:
    bare = [one for one in likely if not one.quote]
    if language not in _CODE or not bare:
        return likely
    in_text = _in_text_nodes(text, language, bare)
    return [one for one in likely if one.quote or one.start in in_text]


def _in_text_nodes(text: str, language: str, bare: Iterable[Candidate]) -> set[int]:
    """Starts of the values that lie in a string or a comment."""
    data, parser = text.encode("utf-8", "replace"), parser_for(language)
    if parser is None or is_costly(language, data):
        return {one.start for one in bare if _looks_like_text(text, one)}
    root = parser.parse(data).root_node
    starts = [one.start for one in bare]
    found: set[int] = set()
    for start, position in zip(starts, byte_starts(text, starts), strict=True):
        node = root.descendant_for_byte_range(position, position + 1)
        if node is not None and _is_text(node):
            found.add(start)
    return found


def _is_text(node: "Node | None") -> bool:
    while node is not None:
        if _EXPRESSION_NODE.search(node.type):
            return False
        if node.is_named and _TEXT_NODE.search(node.type):
            return True
        node = node.parent
    return False


def _looks_like_text(text: str, one: Candidate) -> bool:
    """Without a tree: a comment, or after a quote on its line."""
    before = text[line_start(text, one.start, _MAX_LINE_CHARS) : one.start]
    return _COMMENT_OR_STRING.search(before) is not None
