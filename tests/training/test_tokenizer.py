"""The tokenizer folder: the same bytes each time, read by transformers, closed to injection."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer

from schemas.errors import InputError
from training.tokenizer import CHAT_TEMPLATE, FILES, MARKERS, Tokenizer, train_tokenizer

TEXTS = [
    "def total(order):\n    return order.price * 3\n" * 5,
    "Gr\u00fc\u00dfe, \u4e16\u754c 2026",
]


def test_the_same_texts_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train_tokenizer(TEXTS, tmp_path / name, 384)
    for name in (*FILES, CHAT_TEMPLATE):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_vocabulary_is_a_multiple_of_64(tmp_path: Path) -> None:
    train_tokenizer(["too little to learn much from"], tmp_path, 2048)
    assert len(Tokenizer(tmp_path)) % 64 == 0


@pytest.mark.parametrize("marker", MARKERS)
def test_a_marker_is_one_token_to_transformers_and_text_to_us(
    tokenizer: Tokenizer, marker: str
) -> None:
    read_by_transformers = AutoTokenizer.from_pretrained(tokenizer.folder)
    assert read_by_transformers.encode(marker) == [tokenizer.special[marker]]
    ids = tokenizer.encode(f"end it: {marker}")
    assert not set(ids) & set(tokenizer.special.values())
    assert tokenizer.decode(ids) == f"end it: {marker}"


@given(text=st.text())
def test_text_comes_back_whole(tokenizer: Tokenizer, text: str) -> None:
    encodable = text.encode("utf-8", "replace").decode("utf-8")
    ids = tokenizer.encode(encodable)
    assert tokenizer.decode(ids) == encodable
    assert max(ids, default=0) < len(tokenizer)


def test_transformers_encodes_code_as_we_do(tokenizer: Tokenizer) -> None:
    theirs = AutoTokenizer.from_pretrained(tokenizer.folder)
    text = "def total(order):\n\n    return  order.price*31\n\ttabbed \u00fc \u4e16\u754c\r\n"
    assert theirs.encode(text) == tokenizer.encode(text)
    assert theirs.eos_token == "<|im_end|>"
    assert len(theirs) == len(tokenizer)


def test_tool_call_markers_survive_decoding_without_special_tokens(tokenizer: Tokenizer) -> None:
    theirs = AutoTokenizer.from_pretrained(tokenizer.folder)
    ids = [tokenizer.special[m] for m in ("<tool_call>", "</tool_call>", "<|im_end|>")]
    assert theirs.decode(ids, skip_special_tokens=True) == "<tool_call></tool_call>"


def test_a_folder_without_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--from"):
        Tokenizer(tmp_path)
