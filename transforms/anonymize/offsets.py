"""Positions in characters of positions in UTF-8, and the other way round. In: text. Out: positions.

    Chars("\\u00e9t\\u00e9 x".encode()).at(6)        ->  4
    list(byte_starts("\\u00e9t\\u00e9 x", [1, 4]))   ->  [2, 6]

A look-up takes constant time: counting from the start of the text for each finding would take
quadratic time on a file with many.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate

_BLOCK = 1024
_CONTINUATION = bytes(range(0x80, 0xC0))


class Chars:
    """The characters of one text. `data` is valid UTF-8."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._is_ascii = data.isascii()
        self._before: list[int] = []

    def at(self, position: int) -> int:
        """The number of characters that start before a byte."""
        if self._is_ascii:
            return position
        if not self._before:
            blocks = range(0, len(self._data), _BLOCK)
            counts = (self._count(start, start + _BLOCK) for start in blocks)
            self._before = [0, *accumulate(counts)]
        block = position // _BLOCK
        return self._before[block] + self._count(block * _BLOCK, position)

    def _count(self, start: int, end: int) -> int:
        return len(self._data[start:end].translate(None, _CONTINUATION))


def byte_starts(text: str, starts: Iterable[int]) -> Iterator[int]:
    """The bytes of UTF-8 before each of some ascending positions in characters."""
    chars = position = 0
    for start in starts:
        position += len(text[chars:start].encode("utf-8", "replace"))
        chars = start
        yield position
