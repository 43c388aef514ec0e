"""Texts made to be slow: what the trigger of each shape matches, again and again."""

import random
import time

import pytest
import re2
from pattern_samples import sample

from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.secrets import is_placeholder, secret_shapes
from transforms.anonymize.shapes import prose_shapes, value_shapes
from transforms.anonymize.text import TextAnonymizer

CONFIG = AnonymizeConfig(keep_reserved=False, keep_private_ips=False)
SHAPES = [*value_shapes(CONFIG), *secret_shapes(), *prose_shapes(CONFIG)]
NUM_CHARS = 20_000
MEASURABLE_S = 0.05


@pytest.fixture(scope="module")
def anonymizer() -> TextAnonymizer:
    return TextAnonymizer(CONFIG, b"k" * 32, [])


def cpu_s(anonymizer: TextAnonymizer, value: str, num_chars: int) -> float:
    text = (value * (num_chars // len(value) + 1))[:num_chars]
    start = time.process_time()
    anonymizer.text(text, prose=True)
    return time.process_time() - start


def test_time_is_linear_in_what_each_trigger_matches(anonymizer: TextAnonymizer) -> None:
    values = sorted({sample(shape.trigger).replace("\n", " ") for shape in SHAPES})
    assert len(values) > 300
    anonymizer.text("warm", prose=True)
    for value in values:
        once = cpu_s(anonymizer, value, NUM_CHARS)
        if once > MEASURABLE_S:
            assert cpu_s(anonymizer, value, 2 * NUM_CHARS) < 3 * once + MEASURABLE_S, value


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
