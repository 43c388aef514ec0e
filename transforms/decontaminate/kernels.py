"""Compiled loops that compare code with benchmark patches. In and out: NumPy arrays.

    tokens, is_name, lines, starts = lex(data, bounds, keywords)
    exact_windows(tokens, starts, 8)                 hashes of 8 tokens in a row
    renamed_windows(tokens, is_name, starts, 20)     the same for any renaming of identifiers
    look_up(windows, table, bitmap)                  where each hash lies in a sorted table, or -1

Ragged arrays are (values, starts), as in `transforms.dedup.kernels_tokens`. All loops are linear,
release the GIL and read nothing outside of `data`, whatever the bytes.
"""

import numpy as np

from transforms.dedup.arrays import I64, U8, U64, Flags
from transforms.dedup.compiled import compiled
from transforms.dedup.kernels_shingles import BASE, roll
from transforms.dedup.kernels_tokens import BASIS, PRIME, mix64

_NAME = np.uint64(0x9E3779B97F4A7C15)
BITMAP_BITS = 22
"""Of 2^22 bits: 512 KB, which stay in a core's cache; most hashes need no search."""
_SHIFT = np.uint64(64 - BITMAP_BITS)


@compiled
def _kind(byte: int) -> int:
    """0: what formatters add, drop or change; 1: part of a word; 2: a token of its own."""
    if 97 <= byte <= 122 or 65 <= byte <= 90 or 48 <= byte <= 57 or byte == 95 or byte >= 128:
        return 1
    # Quotes, parentheses, comma, semicolon, backslash, "#", back quote; blanks and controls.
    if byte <= 32 or byte in (34, 35, 39, 40, 41, 44, 59, 92, 96, 127):
        return 0
    return 2


@compiled
def lex(data: U8, bounds: I64, keywords: U64) -> tuple[U64, Flags, I64, I64]:
    """Tokens of documents: words as they are and operators, without what formatters change.

    Returns token hashes, whether each is a name that may be renamed (no keyword, no number), the
    line that it stands on (from 0), and where each document's tokens start. `keywords` are sorted
    hashes of words that are no names.
    """
    count = len(bounds) - 1
    room = bounds[count] - bounds[0] + 1
    tokens = np.empty(room, np.uint64)
    is_name = np.empty(room, np.bool_)
    lines = np.empty(room, np.int64)
    starts = np.zeros(count + 1, np.int64)
    found = 0
    for document in range(count):
        at, end, line = bounds[document], bounds[document + 1], 0
        while at < end:
            byte = data[at]
            kind = _kind(byte)
            if kind == 0:
                line += byte == 10
                at += 1
                continue
            state = (BASIS ^ np.uint64(byte)) * PRIME
            at += 1
            while kind == 1 and at < end and _kind(data[at]) == 1:
                state = (state ^ np.uint64(data[at])) * PRIME
                at += 1
            # "==" and "----" are one token: a drawn line is no run of many.
            while kind == 2 and at < end and data[at] == byte:
                state = (state ^ np.uint64(byte)) * PRIME
                at += 1
            state = mix64(state)
            is_word = kind == 1 and not 48 <= byte <= 57
            if is_word:
                place = np.searchsorted(keywords, state)
                is_word = place == len(keywords) or keywords[place] != state
            tokens[found], is_name[found], lines[found] = state, is_word, line
            found += 1
        starts[document + 1] = found
    return tokens[:found].copy(), is_name[:found].copy(), lines[:found].copy(), starts


@compiled
def exact_windows(tokens: U64, starts: I64, size: int) -> tuple[U64, I64]:
    """The hash of each `size` tokens in a row, as of a shingle; none for documents of fewer."""
    count = len(starts) - 1
    windows = np.empty(len(tokens), np.uint64)
    firsts = np.zeros(count + 1, np.int64)
    found = 0
    for document in range(count):
        start, end = starts[document], starts[document + 1]
        if end - start >= size:
            found += roll(tokens[start:end], size, windows[found:])
        firsts[document + 1] = found
    return windows[:found], firsts


@compiled
def renamed_windows(tokens: U64, is_name: Flags, starts: I64, size: int) -> tuple[U64, I64]:
    """The hash of each `size` tokens in a row, blind to what names are called.

    A name counts as the distance to where the window last had it, or as new: the parameterized
    matching of Baker (1993, 10.1145/167088.167115), so two names must stay two names.
    """
    count = len(starts) - 1
    windows = np.empty(len(tokens), np.uint64)
    firsts = np.zeros(count + 1, np.int64)
    back = np.zeros(len(tokens), np.int64)
    found = 0
    for document in range(count):
        start, end = starts[document], starts[document + 1]
        for i in range(start, end):
            if is_name[i]:
                for j in range(i - 1, max(start, i - size + 1) - 1, -1):
                    if tokens[j] == tokens[i] and is_name[j]:
                        back[i] = i - j
                        break
        for i in range(start, end - size + 1):
            state = np.uint64(0)
            for j in range(size):
                value = tokens[i + j]
                if is_name[i + j]:
                    value = _NAME + np.uint64(back[i + j] if back[i + j] <= j else 0)
                state = state * BASE + mix64(value) if is_name[i + j] else state * BASE + value
            windows[found] = mix64(state)
            found += 1
        firsts[document + 1] = found
    return windows[:found], firsts


@compiled
def make_bitmap(table: U64) -> U8:
    """A bit for the upper bits of each hash."""
    bitmap = np.zeros(1 << (BITMAP_BITS - 3), np.uint8)
    for value in table:
        place = value >> _SHIFT
        bitmap[place >> np.uint64(3)] |= np.uint8(1 << int(place & np.uint64(7)))
    return bitmap


@compiled
def look_up(windows: U64, table: U64, bitmap: U8) -> I64:
    """For each hash its index in the sorted table, or -1."""
    places = np.full(len(windows), -1, np.int64)
    for i in range(len(windows)):
        value = windows[i]
        place = value >> _SHIFT
        if bitmap[place >> np.uint64(3)] & np.uint8(1 << int(place & np.uint64(7))):
            at = np.searchsorted(table, value)
            if at < len(table) and table[at] == value:
                places[i] = at
    return places


@compiled
def count_owners(found: I64, firsts: I64, owners: I64, counts: I64) -> None:
    """Add to `counts[owner]` for each entry of `owners` under a found index."""
    for index in found:
        for at in range(firsts[index], firsts[index + 1]):
            counts[owners[at]] += 1


@compiled
def cover(is_in: Flags, size: int) -> int:
    """How many tokens lie in a window that is in; window i begins at token i, `size` long."""
    covered, reached = 0, 0
    for i in range(len(is_in)):
        if is_in[i]:
            covered += i + size - max(i, reached)
            reached = i + size
    return covered
