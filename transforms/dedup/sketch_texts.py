"""Documents as sets of shingle hashes, with their signatures. In: Arrow text. Out: arrays.

    rule = ShingleRule(kind="word", size=5)
    made = sketch_texts(pa.array(["def f(x): return x + 1"]), rule, permutations(258, seed=1))
    made.num_tokens  ->  [6]        made.signatures  ->  (1, 258) uint32
    made.shingles    ->  [...]      made.offsets     ->  [0, 2]

Tokens, by `rule.kind`:

    word   runs of letters, digits and underscores (Unicode's \\pL, \\pN), in lower case
    char   code points as they are; a run of ASCII white space is one space, around the text none
    line   lines without ASCII white space around them, empty ones left out
    code   leaves of the syntax tree without comments, and text between leaves that is not blank (of
           a string around its escapes); of a language without a grammar, of a text too costly to
           parse or with a syntax error: words

A shingle is `rule.size` tokens in a row, known by a 64-bit hash. A document of fewer tokens, an
empty one too, has one shingle, a hash of its whole bytes: it equals only the same bytes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from transforms.dedup.arrays import I64, U8, U32, U64
from transforms.dedup.characters import word_characters
from transforms.dedup.config import ShingleRule
from transforms.dedup.kernels_shingles import distinct_shingles
from transforms.dedup.kernels_signatures import sign
from transforms.dedup.kernels_tokens import char_tokens, line_tokens, word_tokens
from transforms.dedup.leaves import code_tokens


@dataclass(frozen=True, kw_only=True)
class Sketches:
    """What is kept of some documents, in their order."""

    num_tokens: I64
    """(documents,)"""
    signatures: U32
    """(documents, num_perm), bit for bit datasketch's with "affine32" and, as hash function, the
    upper 32 bits of the shingle hash."""
    shingles: U64
    """Sorted distinct hashes of document after document; at least one each."""
    offsets: I64
    """(documents + 1,): shingles of document i are `shingles[offsets[i]:offsets[i + 1]]`."""


def sketch_texts(
    texts: pa.Array,
    rule: ShingleRule,
    permutation: U32,
    languages: Sequence[str] | None = None,
) -> Sketches:
    """Sets and signatures of texts, an array of (large_)string without nulls.

    `languages`, as `transforms.languages` names them, is needed for kind "code" and else not read.
    Safe in threads; most of the work is done without the GIL.
    """
    if rule.size < 1 or permutation.shape[:1] != (2,):
        raise ValueError(f"{rule} with a permutation of shape {permutation.shape}")
    data, bounds = buffers_of(texts)
    tokens, starts = _tokens(data, bounds, rule.kind, languages)
    shingles, offsets = distinct_shingles(tokens, starts, rule.size)
    num_tokens = np.diff(starts)
    for index in np.flatnonzero(num_tokens < rule.size).tolist():
        shingles[offsets[index]] = _whole_hash(data[bounds[index] : bounds[index + 1]])
    return Sketches(
        num_tokens=num_tokens,
        signatures=sign(shingles, offsets, permutation),
        shingles=shingles.copy(),
        offsets=offsets,
    )


def buffers_of(texts: pa.Array) -> tuple[U8, I64]:
    """The bytes under an array, not copied, and the bounds of its texts within them."""
    width = {pa.string(): np.int32, pa.large_string(): np.int64}.get(texts.type)
    if width is None or texts.null_count:
        raise TypeError(f"texts are {texts.type} with {texts.null_count} nulls, not plain strings")
    _, positions, content = texts.buffers()
    data = np.frombuffer(content or b"", np.uint8)
    if len(texts) == 0:
        return data, np.zeros(1, np.int64)
    bounds = np.frombuffer(positions, width)[texts.offset : texts.offset + len(texts) + 1]
    bounds = bounds.astype(np.int64)
    if bounds[0] < 0 or bounds[-1] > len(data) or (np.diff(bounds) < 0).any():
        raise ValueError("the offsets of an Arrow array leave its buffer")
    return data, bounds


def _tokens(data: U8, bounds: I64, kind: str, languages: Sequence[str] | None) -> tuple[U64, I64]:
    if kind == "word":
        return word_tokens(data, bounds, word_characters())
    if kind == "char":
        return char_tokens(data, bounds)
    if kind == "line":
        return line_tokens(data, bounds)
    if kind == "code" and languages is not None:
        return code_tokens(data, bounds, languages)
    raise ValueError(f"no shingles of kind {kind!r}, or no languages for it")


def _whole_hash(content: U8) -> int:
    """Marked, so that it is never the hash of a shingle of the same bytes."""
    digest = hashlib.blake2b(content.tobytes(), digest_size=8, person=b"whole text").digest()
    return int.from_bytes(digest, "little")
