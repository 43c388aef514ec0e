"""Texts that come again: cut where the content says so, remembered without a difference."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.discussion import Identity
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.engine import Detectors
from transforms.anonymize.pieces import pieces
from transforms.anonymize.recent import Recent
from transforms.anonymize.text import TextAnonymizer

KEY = b"k" * 32
CONFIG = AnonymizeConfig()
JANE = Identity(name="Jane Northwind", email="jane@northwind.io")
paragraph = st.sampled_from(
    ["x = 1\n" * 40, "by jane@northwind.io\n" * 30, "token = 'kJ8s0wQz81Lm'\n", "Jane Northwind\n"]
)
document = st.lists(st.tuples(paragraph, st.integers(0, 99)), max_size=12).map(
    lambda parts: "\n".join(f"{number}\n{text}" for text, number in parts)
)


@pytest.fixture(scope="module")
def detectors() -> Detectors:
    return Detectors(CONFIG)


@given(document)
def test_pieces_are_the_text(text: str) -> None:
    assert "".join(piece for _, piece in pieces(text)) == text
    assert all(text[start : start + len(piece)] == piece for start, piece in pieces(text))


def test_an_edit_leaves_most_pieces_as_they_were() -> None:
    text = "\n".join(f"## {number}\n\n" + f"line of {number}\n" * 20 for number in range(200))
    before = {piece for _, piece in pieces(text)}
    after = {piece for _, piece in pieces("## new\n\nmore\n\n" + text)}
    assert len(before) > 10
    assert len(before & after) >= len(before) - 1


@settings(deadline=None, max_examples=25)
@given(texts=st.lists(document, min_size=1, max_size=3))
def test_what_is_remembered_is_what_would_be_found(detectors: Detectors, texts: list[str]) -> None:
    seasoned = TextAnonymizer(CONFIG, KEY, [JANE], detectors)
    for text in [*texts, *texts]:
        fresh = TextAnonymizer(CONFIG, KEY, [JANE], detectors)
        for prose in (False, True):
            seasoned.take_findings()
            assert seasoned.text(text, prose=prose) == fresh.text(text, prose=prose)
            assert seasoned.take_findings() == fresh.take_findings()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 50))))
def test_recent_keeps_the_last_within_its_bound(puts: list[tuple[int, int]]) -> None:
    recent = Recent[int](100)
    last: dict[int, int] = {}
    for key, size in puts:
        recent.put(key, size, size)
        last[key] = size
        assert recent.get(key) == size
    kept = [key for key in last if recent.get(key) is not None]
    assert sum(last[key] for key in kept) <= 100
