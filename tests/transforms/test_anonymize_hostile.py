"""Texts made to be slow: what the trigger of each shape matches, again and again."""

import random

import pytest
import re2
from pattern_samples import sample

from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.linear_patterns import compile_linear
from transforms.anonymize.placeholders import is_placeholder
from transforms.anonymize.secrets import secret_shapes
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
    # With 2 MiB the patterns after "token" and "mysql" run out on this text.
    names = "password token key secret api azure Street Rue 12 10115 https:// mysql -p"
    words = [*names.split(), *"=:\"'"]
    letters = "abcdefghijk0123456789 \"'=:./\\%&#;+-_"
    draw = random.Random(3)
    lines = (
        " ".join(draw.choices(words, k=9)) + "".join(draw.choices(letters, k=40))
        for _ in range(15_000)
    )
    anonymizer.text("\n".join(lines))
    assert capfd.readouterr().err == ""


def test_patterns_have_more_memory_than_by_default(capfd: pytest.CaptureFixture[str]) -> None:
    pattern = r"a[^\n]{0,100}?c"
    text = "".join(random.Random(3).choices("ab \n", weights=[9, 9, 9, 1], k=300_000)).encode()
    assert re2.compile(pattern).search(text) is None
    assert "out of memory" in capfd.readouterr().err
    assert compile_linear(pattern).search(text) is None
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("value", ["xxxx", "xxxxx-xxxx", "sk-xxxxxxxx", "XXXX_XXXX"])
def test_what_is_crossed_out_is_a_placeholder(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["k2J9xxxQ7vT4", "9fXxX0aLw3Zr"])
def test_a_random_value_may_hold_three_x(value: str) -> None:
    assert not is_placeholder(value)
