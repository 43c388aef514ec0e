"""Compiled loops from UTF-8 bytes to token hashes. In: the buffers of an Arrow array. Out: arrays.

    word_tokens(data, offsets, word_characters())   ->  (token hashes, where each document starts)

`data` is all bytes (uint8), document i is `data[offsets[i]:offsets[i + 1]]`, and tokens of document
i are `tokens[starts[i]:starts[i + 1]]`. All loops are linear, release the GIL and read nothing
outside of `data`, whatever the bytes; offsets must rise and lie within it.

The hash of a token is FNV-1a of 64 bits (Fowler, Noll, Vo), a step per byte or code point,
spread by the 64-bit finalizer of MurmurHash3 (Appleby). Both are bijections of the state.
"""

import numpy as np

from transforms.dedup.arrays import I64, U8, U32, U64
from transforms.dedup.compiled import compiled

BASIS = np.uint64(0xCBF29CE484222325)
PRIME = np.uint64(0x100000001B3)
_33 = np.uint64(33)
_NOT_A_CHARACTER = 0x1FFFFF


@compiled
def mix64(value: np.uint64) -> np.uint64:
    """MurmurHash3's finalizer of 64 bits."""
    value = (value ^ (value >> _33)) * np.uint64(0xFF51AFD7ED558CCD)
    value = (value ^ (value >> _33)) * np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> _33)


@compiled
def _is_space(byte: int) -> bool:
    return byte == 32 or 9 <= byte <= 13


@compiled
def _decode(data: U8, at: int, end: int) -> tuple[int, int]:
    """The code point of a character beyond ASCII and its length; one odd byte is no character."""
    lead = data[at]
    width = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    if lead < 0xC0 or at + width > end:
        return _NOT_A_CHARACTER, 1
    point = int(lead) & (0x7F >> width)
    for i in range(at + 1, at + width):
        point = (point << 6) | (int(data[i]) & 0x3F)
    return point, width


@compiled
def _hash_bytes(data: U8, start: int, end: int) -> np.uint64:
    state = BASIS
    for i in range(start, end):
        state = (state ^ np.uint64(data[i])) * PRIME
    return mix64(state)


@compiled
def word_tokens(data: U8, offsets: I64, table: U32) -> tuple[U64, I64]:
    """Runs of characters that `table` knows, as it maps them (`characters.word_characters`).

    Whether a word ends is data, not a branch: half of such branches are foretold wrongly, and cost
    a quarter of the time.
    """
    count = len(offsets) - 1
    # The state of a word is written at each of its characters, also where no word follows.
    tokens = np.empty((offsets[count] - offsets[0]) // 2 + count + 1, np.uint64)
    starts = np.zeros(count + 1, np.int64)
    known = len(table)
    found = 0
    for document in range(count):
        at, end = offsets[document], offsets[document + 1]
        state = BASIS
        before = np.uint32(0)
        while at < end:
            byte = data[at]
            if byte < 0x80:
                mapped = table[byte]
                at += 1
            else:
                point, width = _decode(data, at, end)
                mapped = table[point] if point < known else np.uint32(0)
                at += width
            tokens[found] = state
            found += (mapped == 0) & (before != 0)
            state = BASIS if mapped == 0 else (state ^ np.uint64(mapped)) * PRIME
            before = mapped
        tokens[found] = state
        found += before != 0
        starts[document + 1] = found
    for i in range(found):
        tokens[i] = mix64(tokens[i])
    return tokens[:found], starts


@compiled
def char_tokens(data: U8, offsets: I64) -> tuple[U64, I64]:
    """Every code point as it is; a run of ASCII white space is one space, around the text none."""
    count = len(offsets) - 1
    tokens = np.empty(offsets[count] - offsets[0], np.uint64)
    starts = np.zeros(count + 1, np.int64)
    space = mix64((BASIS ^ np.uint64(32)) * PRIME)
    found = 0
    for document in range(count):
        at, end = offsets[document], offsets[document + 1]
        after_space = False
        while at < end:
            byte = data[at]
            point, width = int(byte), 1
            if byte >= 0x80:
                point, width = _decode(data, at, end)
            at += width
            if _is_space(point):
                after_space = True
                continue
            if after_space and found > starts[document]:
                tokens[found] = space
                found += 1
            after_space = False
            tokens[found] = mix64((BASIS ^ np.uint64(point)) * PRIME)
            found += 1
        starts[document + 1] = found
    return tokens[:found], starts


@compiled
def line_tokens(data: U8, offsets: I64) -> tuple[U64, I64]:
    """Lines (between "\\n") without ASCII white space around them; those left empty are none."""
    count = len(offsets) - 1
    tokens = np.empty((offsets[count] - offsets[0]) // 2 + count, np.uint64)
    starts = np.zeros(count + 1, np.int64)
    found = 0
    for document in range(count):
        at, end = offsets[document], offsets[document + 1]
        while at < end:
            first, after = at, at
            while at < end and data[at] != 10:
                at += 1
                if not _is_space(data[at - 1]):
                    after = at
            while first < after and _is_space(data[first]):
                first += 1
            if first < after:
                tokens[found] = _hash_bytes(data, first, after)
                found += 1
            at += 1
        starts[document + 1] = found
    return tokens[:found], starts


@compiled
def span_tokens(data: U8, cuts: I64, comments: I64) -> U64:
    """The pieces of one text between cuts, each without ASCII white space around it.

    `cuts` rise from 0 to the text's length; `comments` are (start, end) pairs of cuts, rising;
    pieces inside of one, and pieces without anything else than white space, are none.
    """
    tokens = np.empty(len(cuts), np.uint64)
    found = 0
    comment = 0
    for piece in range(len(cuts) - 1):
        first, after = cuts[piece], cuts[piece + 1]
        while comment < len(comments) and comments[comment, 1] <= first:
            comment += 1
        if comment < len(comments) and comments[comment, 0] <= first:
            continue
        while first < after and _is_space(data[first]):
            first += 1
        while first < after and _is_space(data[after - 1]):
            after -= 1
        if first < after:
            tokens[found] = _hash_bytes(data, first, after)
            found += 1
    return tokens[:found]
