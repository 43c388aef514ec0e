"""Pieces of a text that stay the same when it is edited elsewhere. In: text. Out: where, piece.

    "".join(piece for _, piece in pieces(text)) == text

A change log of 300 kB grows by a line in every pull request; cut where the content says so, all but
one of its pieces are those of before (content-defined chunking, Muthitacharoen et al. 2001,
10.1145/502034.502052). Cuts lie behind blank lines, which no value crosses.
"""

import re
import zlib
from collections.abc import Iterator

_BLANK = re.compile(r"\n[ \t\r]*\n(?=([^\n]{0,80}))")
_ONE_IN = 8
"""Blank lines per cut, on average."""
_MIN_CHARS = 500


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """(start, piece) in order; a text without blank lines is one piece."""
    start = 0
    for blank in _BLANK.finditer(text):
        at = blank.end()
        is_cut = zlib.crc32(blank[1].encode("utf-8", "surrogatepass")) % _ONE_IN == 0
        if is_cut and at - start >= _MIN_CHARS:
            yield start, text[start:at]
            start = at
    yield start, text[start:]
