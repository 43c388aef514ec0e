"""String literals joined in one line. In: text. Out: joins with the string that they make.

    read_joined('to = "jane" + "@corp.test"')  ->  [Join(values=["jane@corp.test"], ...)]

Literals beside each other, as in Python and C, count when a blank stands between them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.anonymize.linear_patterns import compile_linear

_OPERATOR = r"(?:[ \t]*(?:\+|\.\.?|&|\|\||<>)[ \t]*|[ \t]+)"
_CHAR = r"""[^"'\\\n]"""
JOINED_TRIGGER = "|".join(f"{_CHAR}{quote}{_OPERATOR}{quote}{_CHAR}" for quote in ('"', "'"))
_DOUBLE, _SINGLE = r'"[^"\\\n]+"', r"'[^'\\\n]+'"
_JOINS = tuple(f"{one}(?:{_OPERATOR}{one}){{1,20}}" for one in (_DOUBLE, _SINGLE))


@dataclass(frozen=True, kw_only=True)
class Join:
    """A row of literals of one kind of quote."""

    start: int
    end: int
    pieces: tuple[str, ...]
    """Contents of literals at odd places, what stands around them at even ones."""

    @property
    def values(self) -> Sequence[str]:
        """The string that the literals make."""
        return ["".join(self.pieces[1::2])]

    def encode(self, fresh: Sequence[str]) -> str:
        """Literals as long as before, the last with the rest; none is empty."""
        (text,) = fresh
        parts = list(self.pieces)
        places = range(1, len(parts), 2)
        position = 0
        for left, place in zip(range(len(places) - 1, -1, -1), places, strict=True):
            size = max(1, min(len(parts[place]), len(text) - position - left))
            end = position + size if left else len(text)
            parts[place], position = text[position:end], end
        return "".join(parts)


def read_joined(text: str) -> list[Join]:
    """The joins in order, none over another."""
    encoded = text.encode("utf-8", "replace")
    if not compile_linear(JOINED_TRIGGER).search(encoded):
        return []
    found: list[Join] = []
    chars = at = 0
    for match in compile_linear("|".join(f"(?:{join})" for join in _JOINS)).finditer(encoded):
        chars, at = chars + len(encoded[at : match.start()].decode("utf-8")), match.start()
        raw = match.group().decode("utf-8")
        pieces = tuple(re.split(f"({raw[0]}[^{raw[0]}]*{raw[0]})", raw))
        found.append(Join(start=chars, end=chars + len(raw), pieces=_bare(pieces)))
    return found


def _bare(pieces: Sequence[str]) -> tuple[str, ...]:
    """Contents without their quotes, which go to what stands around."""
    parts = [""]
    for place, piece in enumerate(pieces):
        if place % 2:
            parts[-1] += piece[0]
            parts += [piece[1:-1], piece[-1]]
        else:
            parts[-1] += piece
    return tuple(parts)
