"""Texts made to be slow: what the trigger of each shape matches, again and again."""

import random

import pytest
import re2
from pattern_samples import sample

from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.secrets import is_placeholder, secret_shapes
from transforms.anonymize.shapes import prose_shapes, value_shapes
from transforms.anonymize.text import TextAnonymizer

CONFIG = AnonymizeConfig(keep_reserved=False, keep_private_ips=False)
SHAPES = [*value_shapes(CONFIG), *secret_shapes(), *prose_shapes(CONFIG)]
NUM_CHARS = 5_000


@pytest.fixture(scope="module")
def anonymizer() -> TextAnonymizer:
    return TextAnonymizer(CONFIG, b"k" * 32, [])


def test_what_each_trigger_matches_keeps_its_lines_however_often_it_comes(
    anonymizer: TextAnonymizer,
) -> None:
    values = sorted({sample(shape.trigger).replace("\n", " ") for shape in SHAPES})
    assert len(values) > 300
    for value in values:
        text = (value * (NUM_CHARS // len(value)) + "\n") * 2
        fresh = anonymizer.text(text, prose=True)
        assert fresh.count("\n") == 2


def test_samples_match_their_pattern() -> None:
    triggers = sorted({shape.trigger for shape in SHAPES})
    hits = sum(re2.search(trigger, sample(trigger)) is not None for trigger in triggers)
    assert hits > 0.95 * len(triggers)


def test_no_automaton_runs_out_of_memory(
    anonymizer: TextAnonymizer, capfd: pytest.CaptureFixture[str]
) -> None:
    letters = "abcdefghijk0123456789 \"'=:./\\%&#;+-_\n"
    anonymizer.text("".join(random.Random(3).choices(letters, k=1_000_000)))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("value", ["xxxx", "xxxxx-xxxx", "sk-xxxxxxxx", "XXXX_XXXX"])
def test_what_is_crossed_out_is_a_placeholder(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["k2J9xxxQ7vT4", "9fXxX0aLw3Zr"])
def test_a_random_value_may_hold_three_x(value: str) -> None:
    assert not is_placeholder(value)
