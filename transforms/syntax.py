"""Does a text parse in its language? In: language, text. Out: a parse status.

    parse_status("python", "def f(:\n")  ->  "errors"

"ok", "errors" (the tree has an ERROR or MISSING node), "unsupported" (no grammar here) or
"skipped" (`is_costly`). Grammars are the per-language wheels, imported when first
needed; a parser is built once per process and language.
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Parser

MAX_PARSE_BYTES = 256 * 1024
"""A parser's worst case is quadratic: 400 kB of hostile C++ took 50 s, 80 kB of it 0.1 s."""

_MAX_LESS_THAN = {"bash": 8_000, "csharp": 6_000, "html": 20_000, "java": 8_000}
"""In these grammars "a<a<a<..." is quadratic already far below `MAX_PARSE_BYTES`: 40 kB of it took
Java's 3.5 s. Up to these counts of "<" a text took at most 1.5 s."""

_GRAMMARS: dict[str, tuple[str, str]] = {
    "bash": ("tree_sitter_bash", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "css": ("tree_sitter_css", "language"),
    "go": ("tree_sitter_go", "language"),
    "html": ("tree_sitter_html", "language"),
    "java": ("tree_sitter_java", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "json": ("tree_sitter_json", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "python": ("tree_sitter_python", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "sql": ("tree_sitter_sql", "language"),
    "toml": ("tree_sitter_toml", "language"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "yaml": ("tree_sitter_yaml", "language"),
}

SUPPORTED = frozenset(_GRAMMARS)
"""Languages, as `transforms.languages` names them, that have a grammar."""


def parse_status(language: str, text: str) -> str:
    """ "ok", "errors", "unsupported" or "skipped"."""
    if language not in SUPPORTED:
        return "unsupported"
    data = text.encode("utf-8", "replace")
    if is_costly(language, data):
        return "skipped"
    parser = parser_for(language)
    assert parser is not None
    return "errors" if parser.parse(data).root_node.has_error else "ok"


def is_costly(language: str, data: bytes) -> bool:
    """Whether parsing could take more than seconds; told by counting, so always the same."""
    return len(data) > MAX_PARSE_BYTES or data.count(b"<") > _MAX_LESS_THAN.get(language, len(data))


@cache
def parser_for(language: str) -> "Parser | None":
    """The parser of a language, or None when there is no grammar for it."""
    if language not in _GRAMMARS:
        return None
    from tree_sitter import Language, Parser

    module, function = _GRAMMARS[language]
    return Parser(Language(getattr(import_module(module), function)()))
