"""Tokens, shingle sets and short documents, each against plain Python over strings."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations as orders
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.dedup.arrays import U64
from transforms.dedup.characters import word_characters
from transforms.dedup.config import ShingleRule
from transforms.dedup.minhash import permutations
from transforms.dedup.sketch_texts import Sketches, sketch_texts
from transforms.syntax import MAX_PARSE_BYTES

PERMUTATION = permutations(8, seed=1)
# Letters with and without case, digits, separators, characters beyond ASCII and beyond the BMP.
TEXTS = st.lists(
    st.text(alphabet="abXY01_ .-\n\t\r\0(\u00e9\u00c9\u4e2d\u2028\u0130\U0001f600", max_size=60),
    max_size=6,
)


def words(text: str) -> list[str]:
    # U+0130 lowers to two characters, of which we take the first.
    return re.findall(r"\w+", text.replace("\u0130", "i").lower())


def chars(text: str) -> list[str]:
    return list(re.sub(r"[ \t-\r]+", " ", text).strip(" "))


def lines(text: str) -> list[str]:
    stripped = (line.strip(" \t\n\v\f\r") for line in text.split("\n"))
    return [line for line in stripped if line]


ORACLES: dict[str, Callable[[str], list[str]]] = {"word": words, "char": chars, "line": lines}


def sketch(
    texts: list[str] | pa.Array, kind: str = "word", size: int = 5, language: str = ""
) -> Sketches:
    array = texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string())
    languages = [language] * len(array) if language else None
    return sketch_texts(array, ShingleRule(kind=kind, size=size), PERMUTATION, languages)


def sets_of(made: Sketches) -> list[U64]:
    return np.split(made.shingles, made.offsets[1:-1]) if len(made.num_tokens) else []


def similarity(
    one: str, other: str, kind: str = "word", size: int = 5, language: str = ""
) -> float:
    left, right = (set(s.tolist()) for s in sets_of(sketch([one, other], kind, size, language)))
    return len(left & right) / len(left | right)


def tuples(tokens: list[str], size: int) -> set[tuple[str, ...]]:
    return set(zip(*(tokens[shift:] for shift in range(size)), strict=False))


def assert_same(one: Sketches, other: Sketches) -> None:
    for name in ("num_tokens", "signatures", "shingles", "offsets"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


@pytest.mark.parametrize("kind", ORACLES)
@settings(deadline=None)
@given(texts=TEXTS, size=st.integers(1, 4))
def test_sets_are_those_of_token_tuples(kind: str, texts: list[str], size: int) -> None:
    made = sketch(texts, kind, size)
    tokens = [ORACLES[kind](text) for text in texts]
    assert made.num_tokens.tolist() == list(map(len, tokens))
    expected = [
        tuples(own, size) if len(own) >= size else {text}
        for own, text in zip(tokens, texts, strict=True)
    ]
    sets = [set(values.tolist()) for values in sets_of(made)]
    for i in range(len(texts)):
        for j in range(i + 1):
            assert len(sets[i] & sets[j]) == len(expected[i] & expected[j])
            assert len(sets[i] | sets[j]) == len(expected[i] | expected[j])


@pytest.mark.parametrize("kind", ORACLES)
@settings(deadline=None)
@given(texts=TEXTS, start=st.integers(0, 6), length=st.integers(0, 6))
def test_slices_and_large_strings_give_the_same(
    kind: str, texts: list[str], start: int, length: int
) -> None:
    expected = sketch(texts[start : start + length], kind, 2)
    for type_ in (pa.string(), pa.large_string()):
        assert_same(sketch(pa.array(texts, type_).slice(start, length), kind, 2), expected)


@settings(deadline=None)
@given(TEXTS)
def test_sets_are_sorted_and_signatures_those_of_datasketch(texts: list[str]) -> None:
    made = sketch(texts, size=2)
    for values, signature in zip(sets_of(made), made.signatures, strict=True):
        assert len(values) > 0
        assert (values[1:] > values[:-1]).all()
        oracle = MinHash(num_perm=8, seed=1, scheme="affine32", hashfunc=int)
        oracle.update_batch((values >> np.uint64(32)).tolist())
        assert signature.tolist() == oracle.hashvalues.tolist()


def test_no_texts_have_no_sketches() -> None:
    made = sketch([])
    assert (made.num_tokens.shape, made.signatures.shape) == ((0,), (0, 8))
    assert (made.shingles.tolist(), made.offsets.tolist()) == ([], [0])


def test_hashes_stay_what_indexes_on_disk_hold() -> None:
    made = sketch(["Def F(x): return x + 1", "x"], size=5)
    expected = [482079602740250421, 17004212444507158190, 5428007212095066789]
    assert made.shingles.tolist() == expected


@pytest.mark.parametrize(
    ("one", "other"), [("x = 1", "X == 1;"), ("{}", "[]"), ("a b c d", "a b c d e"), ("", "a")]
)
def test_short_documents_equal_only_the_same_bytes(one: str, other: str) -> None:
    assert similarity(one, one) == 1
    assert similarity(one, other) == 0


@settings(deadline=None)
@given(st.sets(st.text(max_size=8), max_size=20), st.sampled_from(sorted(ORACLES)))
def test_different_short_documents_never_share_a_hash(texts: set[str], kind: str) -> None:
    made = sketch(sorted(texts), kind, size=9)
    assert len(set(made.shingles.tolist())) == len(made.num_tokens) == len(texts)


@pytest.mark.parametrize("size", [1, 2, 5, 6])
def test_shingles_of_another_order_are_others(size: int) -> None:
    made = sketch([" ".join(order) for order in orders("abcdef")], size=size)
    expected = len({part for order in orders("abcdef") for part in tuples(list(order), size)})
    assert len(np.unique(made.shingles)) == expected


def test_real_and_numbered_tokens_do_not_collide() -> None:
    paths = sorted(Path(os.__file__).parent.glob("*.py"))
    text = "\n".join(path.read_text("utf-8", "replace") for path in paths)
    text += " ".join(f"{prefix}{i}" for i in range(100_000) for prefix in ("", "x_"))
    tokens = words(text)
    for size in (1, 2, 5):
        made = sketch([text], size=size)
        assert made.num_tokens.tolist() == [len(tokens)]
        assert len(made.shingles) == len(tuples(tokens, size))


def test_words_are_what_python_calls_words() -> None:
    table = word_characters()
    for point in range(sys.maxunicode + 1):
        lowered = chr(point).lower()[0] if re.match(r"\w", chr(point)) else "\0"
        assert (int(table[point]) if point < len(table) else 0) == ord(lowered), hex(point)


def test_code_is_compared_without_comments_and_layout() -> None:
    one = "def f(x):\n    # adds one\n    return x+1\n"
    assert similarity(one, "def f( x ) :\n  return x + 1 # one more", "code", 3, "python") == 1
    assert similarity(one, "def f(x):\n    return x - 1\n", "code", 3, "python") < 1
    made = sketch(["int f() { /* no */ return 1; } // end"], "code", 3, "c")
    assert made.num_tokens.tolist() == [len(["int", "f", "(", ")", "{", "return", "1", ";", "}"])]


def test_code_counts_the_text_of_strings_around_their_escapes() -> None:
    assert similarity(r"x = 'one\ntwo'", r"x = 'one\nten'", "code", 1, "python") < 1
    assert similarity("f(`a ${b} c`)", "f(`a ${b} d`)", "code", 1, "javascript") < 1


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f(:\n a b c d e"),
        ("brainfuck", "one two three four five six"),
        ("python", "x = 1\n" * (MAX_PARSE_BYTES // 6 + 1)),
    ],
    ids=["with an error", "without a grammar", "too costly"],
)
def test_code_without_a_faultless_tree_is_compared_by_words(language: str, text: str) -> None:
    assert_same(sketch([text, "x"], "code", 2, language), sketch([text, "x"], "word", 2))


@settings(deadline=None)
@given(TEXTS)
def test_any_text_has_code_tokens(texts: list[str]) -> None:
    made = sketch(texts, "code", 2, "python")
    assert (np.diff(made.offsets) >= 1).all()


@pytest.mark.parametrize("kind", [*ORACLES, "code"])
@settings(deadline=None)
@given(content=st.binary(max_size=40), cut=st.integers(0, 40))
def test_bytes_that_are_not_utf8_are_read_only_within_their_document(
    kind: str, content: bytes, cut: int
) -> None:
    def raw(data: bytes, bounds: list[int]) -> pa.Array:
        offsets = pa.py_buffer(np.array(bounds, np.int32))
        return pa.Array.from_buffers(
            pa.string(), len(bounds) - 1, [None, offsets, pa.py_buffer(data)]
        )

    cut = min(cut, len(content))
    together = sketch(raw(content, [0, cut, len(content)]), kind, 2, "python")
    for index, part in enumerate((content[:cut], content[cut:])):
        alone = sketch(raw(part, [0, len(part)]), kind, 2, "python")
        assert sets_of(together)[index].tolist() == alone.shingles.tolist()
        assert together.num_tokens[index] == alone.num_tokens[0]


@pytest.mark.parametrize("bounds", [[2, 1, 3], [0, 9, 3]])
def test_offsets_outside_of_the_buffer_are_refused(bounds: list[int]) -> None:
    buffers = [None, pa.py_buffer(np.array(bounds, np.int32)), pa.py_buffer(b"abc")]
    with pytest.raises(ValueError, match="leave its buffer"):
        sketch(pa.Array.from_buffers(pa.string(), len(bounds) - 1, buffers))


@pytest.mark.parametrize("texts", [pa.array([None], pa.string()), pa.array([b"a"], pa.binary())])
def test_nulls_and_bytes_are_refused(texts: pa.Array) -> None:
    with pytest.raises(TypeError, match="not plain strings"):
        sketch(texts)


@pytest.mark.parametrize(("kind", "size"), [("word", 0), ("code", 3), ("page", 3)])
def test_rules_that_cannot_be_followed_are_refused(kind: str, size: int) -> None:
    with pytest.raises(ValueError, match=kind):
        sketch(["a b c"], kind, size)


def test_threads_get_what_one_alone_gets() -> None:
    text = " ".join(f"w{i * i % 977}" for i in range(20_000))
    batches = [[text[shift:], text[: 5000 + shift], "x"] for shift in range(8)]
    alone = [sketch(batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        for made, expected in zip(pool.map(sketch, batches), alone, strict=True):
            assert_same(made, expected)


def test_kernels_work_where_nothing_can_be_kept_on_disk() -> None:
    script = (
        "import numpy as np\n"
        "from transforms.dedup.kernels_shingles import roll\n"
        "print(roll(np.arange(9, dtype=np.uint64), 3, np.empty(9, np.uint64)))"
    )
    # This one keeps only what is typed into a notebook: as if no folder could be written.
    environment = {**os.environ, "NUMBA_CACHE_LOCATOR_CLASSES": "IPythonCacheLocator"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert int(done.stdout) == 7
    assert "NUMBA_CACHE_DIR" in done.stderr
