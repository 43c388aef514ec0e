"""Which characters make words. In: Python's `unicodedata`. Out: a table for the kernels.

table = word_characters()
table[ord("A")], table[ord("_")], table[ord("-")]   ->  (97, 95, 0)
"""

import unicodedata
from functools import cache

import numpy as np

from transforms.dedup.arrays import U32

LIMIT = 0x34000
"""No letter and no number of Unicode 17 lies at or above this; what does separates words."""


@cache
def word_characters() -> U32:
    """For each code point under `LIMIT`: its lower case if it is of \\pL, \\pN or "_", else 0.

    Lower case is one character for one: of those that Unicode lowers to several (U+0130 alone), the
    first. Built once per process in about 20 ms; it follows the Unicode version of this Python.
    """
    text = "".join(map(chr, range(LIMIT)))
    names = "".join(map(unicodedata.category, text)).encode("ascii")
    categories = np.frombuffer(names, "S2")
    first = np.frombuffer(names, "S1")[::2]
    table = np.arange(LIMIT, dtype=np.uint32)
    table[(first != b"L") & (first != b"N") & (table != ord("_"))] = 0
    # Letters of upper and title case, and numbers that are letters, as the Roman ones.
    for point in np.flatnonzero(np.isin(categories, [b"Lu", b"Lt", b"Nl"])).tolist():
        table[point] = ord(chr(point).lower()[0])
    return table
