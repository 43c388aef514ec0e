"""A string that a pattern matches. In: a pattern in RE2's syntax. Out: the string.

    sample(r"(?i)sk-[a-z]{4}|key")  ->  "sk-abcd"

Of alternatives the first is taken, of repetitions the fewest.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

_LETTERS = "k7xQ2mZ9pL4vB8nT"
_ALL = [chr(code) for code in range(33, 127)]


def sample(pattern: str) -> str:
    """Shortest repetitions, first alternatives."""
    plain = re.sub(r"\\x\{([0-9A-F]+)\}", lambda code: f"\\u{int(code[1], 16):04x}", pattern)
    plain = plain.replace(r"\pL", "a-zA-Z").replace(r"\pN", "0-9").replace(r"\pM", "0-9")
    return "".join(_parts(re._parser.parse(plain), cycle(_LETTERS)))  # type: ignore[attr-defined]  # the parser of `re` has no public name


def _parts(parsed: Iterable[tuple[Any, Any]], letters: Iterator[str]) -> Iterator[str]:
    for kind, value in parsed:
        name = str(kind)
        if name == "LITERAL":
            yield chr(value)
        elif name == "IN":
            yield _member(value, letters)
        elif name in ("NOT_LITERAL", "ANY"):
            yield next(char for char in letters if name == "ANY" or ord(char) != value)
        elif name == "BRANCH":
            yield from _parts(value[1][0], letters)
        elif name == "SUBPATTERN":
            yield from _parts(value[-1], letters)
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            for _ in range(value[0]):
                yield from _parts(value[2], letters)


def _member(options: list[tuple[Any, Any]], letters: Iterator[str]) -> str:
    """A character of a class, one of the letters if it has any."""
    tried = [next(letters) for _ in _LETTERS]
    return next(char for char in [*tried, *_ALL, " "] if _is_in(options, char))


def _is_in(options: list[tuple[Any, Any]], char: str) -> bool:
    is_negated = str(options[0][0]) == "NEGATE"
    return any(_matches(*option, char) for option in options[is_negated:]) != is_negated


def _matches(kind: Any, value: Any, char: str) -> bool:
    if str(kind) == "RANGE":
        return bool(value[0] <= ord(char) <= value[1])
    if str(kind) == "CATEGORY":
        negated = "NOT" in str(value)
        category = str(value).rpartition("_")[2]
        found = {"DIGIT": char.isdigit(), "SPACE": char.isspace(),
                 "WORD": char.isalnum() or char == "_"}[category]  # fmt: skip
        return found != negated
    return bool(ord(char) == value)
